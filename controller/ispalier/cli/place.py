"""Where an installation keeps its things: beside its root file, whatever folder a command runs in."""

from collections.abc import Sequence
from pathlib import Path

from ispalier.settings import Settings
from ispalier.world.root import NAME


def settings_for(paths: Sequence[Path]) -> Settings:
    """The settings, with key, secrets and journal beside the root file of these paths.

    What the environment names is where it says.
    """
    folder = root_folder(paths)
    return beside(folder, Settings()) if folder else Settings()


def beside(folder: Path, settings: Settings) -> Settings:
    """The same settings with what is not set otherwise in a folder."""
    defaults: dict[str, object] = {
        "key_file": folder / settings.key_file,
        "secrets_folder": folder / settings.secrets_folder,
        "journal_url": f"sqlite:///{folder / 'ispalier.db'}",
    }
    kept = {name: each for name, each in defaults.items() if name not in settings.model_fields_set}
    return settings.model_copy(update=kept)


def root_folder(paths: Sequence[Path]) -> Path | None:
    """The folder of the root file: one of these, or the nearest above the first of them."""
    for path in paths:
        folder = path if path.is_dir() else path.parent
        if (folder / NAME).is_file():
            return folder
    start, here = paths[0].resolve(), Path.cwd()
    for folder in start.parents:
        if (folder / NAME).is_file():
            return folder.relative_to(here) if folder.is_relative_to(here) else folder
    return None
