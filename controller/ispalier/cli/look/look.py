"""`ispalier status`, `drift`: how everything stands, and what differs from what is declared."""

from pathlib import Path
from typing import Annotated

import typer

from ispalier.cli.options import FolderOption, named
from ispalier.cli.output import Format, FormatOption, SecretsOption
from ispalier.cli.serve.run import ContextOption, KubeconfigOption

SourceArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="PATH",
        exists=True,
        help="Folder that declares everything; default the one you are in if ispalier.yaml is"
        " there, else the cluster.",
    ),
]


def drift(  # noqa: PLR0913 - options of a command
    path: SourceArgument = None,
    *,
    foreign: Annotated[
        bool, typer.Option("--foreign", help="Also list what is neither ours nor wanted.")
    ] = False,
    format_: FormatOption = Format.TEXT,
    secrets: SecretsOption = None,
    folder: FolderOption = None,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
) -> None:
    """Show what hosts hold otherwise than is declared, and change nothing.

    Every host is read once and in full. The exit code is 1 if anything differs, is not served as
    declared, or did not answer.
    """
    from ispalier.cli.look.drifting import drifted  # noqa: PLC0415 - other commands start faster
    from ispalier.cli.source import Source  # noqa: PLC0415

    source = Source.named(named(path, folder), kubeconfig, context, secrets)
    raise typer.Exit(drifted(source, format_, foreign=foreign))


def status(  # noqa: PLR0913 - options of a command
    path: SourceArgument = None,
    *,
    format_: FormatOption = Format.TEXT,
    secrets: SecretsOption = None,
    folder: FolderOption = None,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
) -> None:
    """Show the fleet at a glance: resources, hosts, the queue, what waits for a person, the journal.

    Resources are those of a folder, compared with the hosts, or those of the cluster with their
    statuses. Where a controller runs (ISPALIER_LISTEN), it is asked for its queue and last sweep.

    The exit code is 1 if anything is not as it should be.
    """
    from ispalier.cli.look.glance import told_of_status  # noqa: PLC0415
    from ispalier.cli.source import Source  # noqa: PLC0415 - other commands start faster

    source = Source.named(named(path, folder), kubeconfig, context, secrets)
    raise typer.Exit(told_of_status(source, format_))
