"""Secret manifests that are encrypted with SOPS: its own program opens them, and finds the keys."""

import hashlib
import subprocess
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ispalier.world.documents import Unreadable, documents
from ispalier.world.findings import Json

TIMEOUT = 30
"""Seconds that a key service may take."""
SIDE_BY_SIDE = 4


class Sealed(Exception):
    """A file that cannot be opened, with the reason."""


@dataclass(slots=True)
class Opener:
    """Opens files; what did not change since is not opened again."""

    vault: str = ""
    """The address of the Vault that may be asked; no other is, whatever a file says."""
    _opened: dict[str, bytes] = field(default_factory=dict)
    """By the digest of the encrypted file."""

    def open(self, files: Collection[Path]) -> Mapping[Path, bytes | Sealed]:
        """The decrypted texts of some files, or why not; those of other files are forgotten."""
        digests = {each: hashlib.sha256(each.read_bytes()).hexdigest() for each in files}
        new = [each for each in files if digests[each] not in self._opened]
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - few have any

        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            found = dict(zip(new, pool.map(partial(_decrypted, self.vault), new), strict=True))
        texts = {each: found.get(each) or self._opened[digests[each]] for each in files}
        self._opened = {
            digests[each]: text for each, text in texts.items() if isinstance(text, bytes)
        }
        return texts


def _decrypted(vault: str, file: Path) -> bytes | Sealed:
    try:
        if stranger := _stranger(vault, file.read_bytes()):
            return Sealed(f"it names a Vault at {stranger}, which is not VAULT_ADDR")
    except Unreadable as error:
        return Sealed(error.what)
    try:
        done = subprocess.run(  # noqa: S603 - the file's name comes after its option
            ["sops", "--decrypt", file.absolute()],  # noqa: S607 - whichever is there
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=TIMEOUT,
            check=False,
        )
    except FileNotFoundError:
        return Sealed("the program sops is not there")
    except subprocess.TimeoutExpired:
        return Sealed(f"sops did not end in {TIMEOUT} s")
    if done.returncode:
        lines = [each.strip() for each in done.stderr.decode(errors="replace").splitlines()]
        return Sealed(next(filter(None, lines), f"sops ended with {done.returncode}"))
    return done.stdout


def _stranger(vault: str, text: bytes) -> str | None:
    """A Vault that is not ours: sops would send the token that it has to whatever a file names."""
    ours = vault.rstrip("/")
    named = (each for document in documents(text) for each in _vaults(document.value))
    return next((each for each in named if each.rstrip("/") != ours), None)


def _vaults(value: Json) -> Iterator[str]:
    match value:
        case dict():
            for name, each in value.items():
                if name == "vault_address":
                    yield str(each)
                else:
                    yield from _vaults(each)
        case list():
            for each in value:
                yield from _vaults(each)
        case _:
            pass
