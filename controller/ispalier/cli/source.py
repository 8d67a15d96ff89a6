"""Where resources are declared, for commands that may be told of a folder or of a cluster."""

from pathlib import Path
from typing import NamedTuple

import typer

from ispalier.cli.place import settings_for
from ispalier.settings import Settings
from ispalier.world.root import NAME


class Source(NamedTuple):
    """A folder with its secrets, else a cluster."""

    path: Path | None = None
    secrets: Path | None = None
    kubeconfig: Path | None = None
    context: str | None = None

    @classmethod
    def named(
        cls,
        path: Path | None,
        kubeconfig: Path | None,
        context: str | None,
        secrets: Path | None = None,
    ) -> "Source":
        """What is named, else the folder that this one is if the root file is in it."""
        if path is not None and (kubeconfig or context):
            raise typer.BadParameter("name a folder or a cluster, not both", param_hint="PATH")
        if path is None and not (kubeconfig or context) and Path(NAME).is_file():
            path = Path()
        return cls(path, secrets, kubeconfig, context)

    def __str__(self) -> str:
        """In messages."""
        return f"folder {self.path}" if self.path else "cluster"

    def settings(self) -> Settings:
        """The settings that go with it."""
        found = settings_for([self.path or Path()])
        return found.model_copy(update={"secrets_folder": self.secrets}) if self.secrets else found
