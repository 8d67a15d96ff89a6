"""`ispalier run`: the loop on a cluster or on files."""

from pathlib import Path
from typing import Annotated

import typer

from ispalier.cli import names

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
    str | None,
    typer.Option(
        "--context",
        metavar="NAME",
        autocompletion=names.contexts,
        help="Context of the kubeconfig; default its current.",
    ),
]


SourceOption = Annotated[
    str | None,
    typer.Option(
        "--source",
        metavar="PATH|git:URL",
        help="Serve these files instead of a cluster: a folder, or a git repository as"
        " git:URL[//FOLDER][?ref=BRANCH].",
    ),
]


def run(
    *,
    source: SourceOption = None,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
) -> None:
    """Keep every system equal to what a cluster or files declare, until SIGTERM.

    A cluster must hold the installation's identity: make it once with `ispalier init --cluster`.
    Files must hold the root file ispalier.yaml.

    New revisions of files are looked for every 30 s (ISPALIER_SOURCE_INTERVAL), at SIGHUP, and
    when somebody posts to /poke. A file with a fault leaves its tenants as they were.

    Settings are read from the environment: ISPALIER_JOURNAL_URL, ISPALIER_LISTEN and others.
    """
    if source and (kubeconfig or context):
        raise typer.BadParameter("name files or a cluster, not both", param_hint="--source")
    from ispalier.loop.heap import steady  # noqa: PLC0415 - other commands start faster

    steady()
    if source:
        from ispalier.cli.serve.serving import serve  # noqa: PLC0415

        serve(source)
        return
    from ispalier.cli.serve.operating import operate  # noqa: PLC0415

    operate(kubeconfig, context)
