"""What `ispalier init` makes."""

import re
import uuid
from pathlib import Path

from ispalier.cli.output import fail, out
from ispalier.cli.place import beside
from ispalier.files.private import write_private
from ispalier.journal.seal import Seal
from ispalier.settings import Settings
from ispalier.world import root

_ROOT = """\
# Whose folder this is: made by `ispalier init`, never changed, never copied to another installation.
installation: {installation}
"""
_NEXT = """\
Next:
  1. Keep {key} safe and out of git: without it generated passwords cannot be read.
  2. Declare your BusinessUnit, Plans and ServiceHosts below {folder}, one folder per tenant.
  3. Put secrets into {secrets}/NAMESPACE/NAME/KEY, those of your own systems under
     {secrets}/{namespace}/.
  4. ispalier validate {folder}
     ispalier apply {folder} --dry-run
     ispalier apply {folder}\
"""


def found(folder: Path) -> None:
    """Make what is missing of an installation's identity, and say what to do next."""
    try:
        _found(folder)
    except OSError as error:
        where = _meant(error.filename, folder)
        fail(f"{where} cannot be made: {error.strerror}; name a folder that you may write to")


def _meant(filename: object, folder: Path) -> Path:
    """The file as whoever asked calls it, and not the half of it that is renamed at the end."""
    found = Path(str(filename or folder))
    hidden = re.fullmatch(r"\.(.+)\.[0-9a-f]{32}", found.name)
    return found.with_name(hidden[1]) if hidden else found


def _found(folder: Path) -> None:
    settings = beside(folder, Settings())
    folder.mkdir(parents=True, exist_ok=True)
    root_file, key_file = folder / root.NAME, settings.key_file
    if root_file.exists() and not key_file.exists():
        fail(
            f"{root_file} is there but its key {key_file} is not:"
            " restore the key, or set ISPALIER_KEY_FILE to where it is"
        )
    if not key_file.exists():
        write_private(key_file, f"{Seal.new_key().reveal()}\n")
        out().print(f"made {key_file}, readable by you alone")
    if not root_file.exists():
        root_file.write_text(_ROOT.format(installation=uuid.uuid4()))
        out().print(f"made {root_file}")
    _ignore(settings)
    settings.secrets_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = _NEXT.format(
        key=key_file,
        folder=folder,
        secrets=settings.secrets_folder,
        namespace=settings.namespace,
    )
    out().print(text)


def _ignore(settings: Settings) -> None:
    """Keep git from taking the key, the secrets and the journal."""
    for path, line in (
        (settings.key_file, settings.key_file.name),
        (settings.secrets_folder, f"{settings.secrets_folder.name}/"),
        (settings.key_file, "ispalier.db*"),
    ):
        ignore = path.parent / ".gitignore"
        there = ignore.read_text().splitlines() if ignore.exists() else []
        if line not in there:
            ignore.write_text("\n".join([*there, line, ""]))
