"""The environment, and what of it has to be known before the settings are: those take the models."""

import os
from collections.abc import Mapping
from pathlib import Path

PREFIX = "ISPALIER_"
SECRETS_FOLDER = Path("secrets")
CACHE_FOLDER = Path("~/.cache/ispalier")


def variables() -> Mapping[str, str]:
    """The environment; whether a name is spelt in capitals does not count."""
    return {name.upper(): value for name, value in os.environ.items()}


def named() -> Mapping[str, str]:
    """Our own variables, without the prefix."""
    found = variables().items()
    return {name[len(PREFIX) :]: value for name, value in found if name.startswith(PREFIX)}


def secrets_folder(root: Path | None) -> Path:
    """Where secrets are: beside the root file, unless the environment says where."""
    return Path(named().get("SECRETS_FOLDER", (root or Path()) / SECRETS_FOLDER))


def cache_folder() -> Path:
    """Where copies of repositories and memories of looks are kept."""
    return Path(named().get("CACHE_FOLDER", CACHE_FOLDER)).expanduser()


def vault_address() -> str:
    """The Vault that this process has a token for, as Vault's own tools are told."""
    return variables().get("VAULT_ADDR", "")
