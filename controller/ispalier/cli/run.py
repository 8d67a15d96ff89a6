"""`ispalier run`: the operator of a cluster."""

from pathlib import Path
from typing import Annotated

import typer

KubeconfigOption = Annotated[
    Path | None,
    typer.Option(
        "--kubeconfig",
        exists=True,
        dir_okay=False,
        help="How to reach the API server; default what kubectl uses, or the pod's account.",
    ),
]
ContextOption = Annotated[
    str | None, typer.Option("--context", help="Context of the kubeconfig; default its current.")
]


def run(*, kubeconfig: KubeconfigOption = None, context: ContextOption = None) -> None:
    """Keep every system equal to what a cluster declares, until SIGTERM.

    The installation's identity must be in the cluster: make it once with `ispalier init --cluster`.
    Settings are read from the environment: ISPALIER_JOURNAL_URL, ISPALIER_LISTEN and others.
    """
    from ispalier.cli.operating import operate  # noqa: PLC0415 - other commands start faster

    operate(kubeconfig, context)
