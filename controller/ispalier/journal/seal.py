"""Sealing: what the journal keeps secret, with the installation's key."""

import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

from ispalier.world.errors import Invalid
from ispalier.world.secret import Secret


class Seal:
    """Encrypts and decrypts with the installation's key (Fernet: AES-128-CBC and HMAC)."""

    def __init__(self, key: Secret) -> None:
        self._key = key
        try:
            self._fernet = Fernet(key.reveal().encode())
        except ValueError as error:
            message = "the installation's key is not usable: restore the file that `init` made"
            raise Invalid(message) from error

    @staticmethod
    def new_key() -> Secret:
        """A new random key."""
        return Secret(Fernet.generate_key().decode())

    @property
    def check(self) -> str:
        """Tells two keys apart without telling the key."""
        return hmac.new(self._key.reveal().encode(), b"ispalier", hashlib.sha256).hexdigest()

    def close(self, secret: Secret) -> str:
        """The secret, encrypted."""
        return self._fernet.encrypt(secret.reveal().encode()).decode()

    def open(self, sealed: str) -> Secret:
        """The secret again."""
        try:
            return Secret(self._fernet.decrypt(sealed.encode()).decode())
        except InvalidToken as error:
            message = "a sealed password cannot be opened with this key"
            raise Invalid(message) from error
