"""`ispalier init`: the identity of a new installation."""

from pathlib import Path
from typing import Annotated

import typer

from ispalier.cli.serve.run import ContextOption, KubeconfigOption


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", file_okay=False, help="Top folder of the YAML files.")
    ] = Path(),
    *,
    cluster: Annotated[
        bool, typer.Option("--cluster", help="Make it in a cluster, for `ispalier run`.")
    ] = False,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
) -> None:
    """Make the identity of a new installation: an id and a key, once and for ever.

    Without a cluster they are the root file ispalier.yaml and a key file that only you can read; in
    a cluster they are a Secret in the controller's namespace. What is there already is left as it
    is, so doing it again is harmless.
    """
    if cluster:
        from ispalier.cli.serve.operating import found_in_cluster  # noqa: PLC0415 - as below

        found_in_cluster(kubeconfig, context)
    else:
        from ispalier.cli.begin.founding import found  # noqa: PLC0415 - other commands start faster

        found(folder)
