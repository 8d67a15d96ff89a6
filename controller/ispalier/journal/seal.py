"""Sealing: what the journal keeps secret, with the installation's key."""

import base64
import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING

from ispalier.world.errors import Invalid
from ispalier.world.secret import Secret

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

_BASE64_OF_32_BYTES = re.compile(r"[A-Za-z0-9_-]{43}=")


class Seal:
    """Encrypts and decrypts with the installation's key (Fernet: AES-128-CBC and HMAC)."""

    def __init__(self, key: Secret) -> None:
        self._key = key
        if not _BASE64_OF_32_BYTES.fullmatch(key.reveal()):
            message = "this is not a key that `ispalier init` made: restore it from its copy"
            raise Invalid(message)

    @staticmethod
    def new_key() -> Secret:
        """A new random key."""
        return Secret(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())

    @property
    def check(self) -> str:
        """Tells two keys apart without telling the key."""
        return hmac.new(self._key.reveal().encode(), b"ispalier", hashlib.sha256).hexdigest()

    def close(self, secret: Secret) -> str:
        """The secret, encrypted."""
        return self._fernet().encrypt(secret.reveal().encode()).decode()

    def open(self, sealed: str) -> Secret | Invalid:
        """The secret again, or why it cannot be read."""
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 - as below

        try:
            return Secret(self._fernet().decrypt(sealed.encode()).decode())
        except InvalidToken:
            return Invalid(
                "its generated password in the journal cannot be opened with this key: restore the"
                " journal from a backup, or use secretRef instead of generate"
            )

    def _fernet(self) -> "Fernet":
        """Loaded when there is something to seal: most commands never have."""
        from cryptography.fernet import Fernet  # noqa: PLC0415

        return Fernet(self._key.reveal().encode())
