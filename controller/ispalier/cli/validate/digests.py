"""Files by what stands in them."""

import hashlib

from ispalier.world.folder import read_file

SIZE = 16
"""Bytes of a digest."""


def text_of(file: str) -> bytes | None:
    """What stands in a file; None if it cannot be read."""
    try:
        return read_file(file)
    except OSError:
        return None


def digest(*parts: bytes) -> bytes:
    """A digest of some parts, each with its length."""
    made = hashlib.blake2b(digest_size=SIZE)
    for each in parts:
        made.update(len(each).to_bytes(8, "big"))
        made.update(each)
    return made.digest()
