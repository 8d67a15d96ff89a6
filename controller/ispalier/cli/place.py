"""The settings of an installation, which keeps its things beside its root file."""

from collections.abc import Sequence
from pathlib import Path

from ispalier.cli.installed import root_folder
from ispalier.settings import Settings


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
