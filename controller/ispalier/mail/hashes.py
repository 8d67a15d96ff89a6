"""Passwords as Dovecot stores them. Pure."""

import base64
import hashlib
import re

from ispalier.world.errors import Invalid
from ispalier.world.secret import Secret

_SCHEME = re.compile(r"\{[^{}]*\}")


def ssha512(password: Secret, salt: bytes) -> Secret:
    """The salted hash of a clear password."""
    digest = hashlib.sha512(password.reveal().encode() + salt).digest()
    return Secret("{SSHA512}" + base64.b64encode(digest + salt).decode())


def stored_hash(value: Secret) -> Secret:
    """A hash that was given: `{SCHEME}…` as it is, crypt(3) with its scheme before it."""
    text = value.reveal().strip()
    if text.startswith("{"):
        return Secret(spelt(text))
    if text.startswith("$"):
        return Secret("{CRYPT}" + text)
    message = "the hash of its password is of no known form: use {SCHEME}… or crypt(3) ($6$…)"
    raise Invalid(message)


def spelt(password: str) -> str:
    """A stored password with its scheme in upper case: Dovecot does not tell cases apart."""
    return _SCHEME.sub(lambda found: found[0].upper(), password, count=1)
