"""Who runs a command."""

import getpass
import os


def who() -> str:
    """The user's name, as far as the machine knows it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container whose user has no name
        return f"uid {os.getuid()}"
