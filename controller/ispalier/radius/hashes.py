"""Passwords as FreeRADIUS stores them: clear, as NT hash, as salted SHA-512. Pure."""

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Literal, TypeAlias

from ispalier.radius.items import Attribute, attribute
from ispalier.world.errors import Invalid
from ispalier.world.secret import Secret

Storage: TypeAlias = Literal["ClearText", "NTHash", "Crypt"]

_NT = re.compile(r"[0-9A-Fa-f]{32}")
_HEADERS = frozenset({"NT", "SHA256", "SHA512", "SSHA", "SSHA256", "SSHA512"})
"""FreeRADIUS takes a hash whose header it does not know for a password in clear text."""

_WORD = 0xFFFFFFFF


def stored(storage: Storage, password: Secret, salt: bytes) -> Attribute:
    """The check attribute that a clear password is stored as."""
    text = password.reveal()
    match storage:
        case "ClearText":
            return attribute("Cleartext-Password", ":=", text)
        case "NTHash":
            return attribute("NT-Password", ":=", md4(text.encode("utf-16-le")).hex())
        case "Crypt":
            digest = hashlib.sha512(text.encode() + salt).digest()
            value = base64.b64encode(digest + salt).decode()
            return attribute("SSHA2-512-Password", ":=", value)


def stored_hash(value: Secret) -> Attribute:
    """The check attribute for a hash that was given: `{SCHEME}…`, crypt(3), or 32 digits of NT."""
    text = value.reveal().strip()
    scheme, _, rest = (
        text.removeprefix("{").partition("}") if text.startswith("{") else ("", "", "")
    )
    scheme = scheme.upper()
    if scheme.endswith("CRYPT"):
        return attribute("Crypt-Password", ":=", rest)
    if scheme in _HEADERS:
        return attribute("Password-With-Header", ":=", text)
    if text.startswith("$"):
        return attribute("Crypt-Password", ":=", text)
    if _NT.fullmatch(text):
        return attribute("NT-Password", ":=", text.lower())
    message = (
        "the hash of its password is of no form that RADIUS knows: use"
        f" {', '.join(f'{{{each}}}…' for each in sorted(_HEADERS))}, crypt(3) ($6$…)"
        " or the 32 digits of an NT hash"
    )
    raise Invalid(message)


def md4(data: bytes) -> bytes:
    """The digest of RFC 1320, which NT hashes are made of and OpenSSL has given up."""
    padded = data + b"\x80" + bytes(-(len(data) + 9) % 64) + (8 * len(data)).to_bytes(8, "little")
    state = [0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476]
    for start in range(0, len(padded), 64):
        block = padded[start : start + 64]
        words = [int.from_bytes(block[i : i + 4], "little") for i in range(0, 64, 4)]
        state = [(a + b) & _WORD for a, b in zip(state, _rounds(state, words), strict=True)]
    return b"".join(each.to_bytes(4, "little") for each in state)


_ROUNDS: tuple[
    tuple[Callable[[int, int, int], int], int, tuple[int, ...], tuple[int, ...]], ...
] = (
    (lambda x, y, z: x & y | ~x & z, 0, tuple(range(16)), (3, 7, 11, 19)),
    (
        lambda x, y, z: x & y | x & z | y & z,
        0x5A827999,
        (0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15),
        (3, 5, 9, 13),
    ),
    (
        lambda x, y, z: x ^ y ^ z,
        0x6ED9EBA1,
        (0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15),
        (3, 9, 11, 15),
    ),
)
"""Function, constant, order of the words, shifts (RFC 1320, 3.4)."""


def _rounds(state: list[int], words: list[int]) -> tuple[int, int, int, int]:
    a, b, c, d = state
    for mix, constant, order, shifts in _ROUNDS:
        for step, position in enumerate(order):
            total = (a + mix(b, c, d) + words[position] + constant) & _WORD
            shift = shifts[step % 4]
            a, b, c, d = d, (total << shift | total >> (32 - shift)) & _WORD, b, c
    return a, b, c, d
