"""`ispalier apply`: files without a cluster."""

from typing import Annotated

import typer

from ispalier.cli.output import Format, FormatOption, LockTimeoutOption, Paths, SecretsOption


def apply(
    paths: Paths,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be changed, and change nothing.")
    ] = False,
    lock_timeout: LockTimeoutOption = 0,
    format_: FormatOption = Format.TEXT,
    secrets: SecretsOption = None,
) -> None:
    """Make RADIUS, DNS and mail equal to these files, without a cluster.

    One pass is made over every Tenant in the files, and over what is the provider's own if
    ispalier.yaml is among them. Everything else is left alone. If one file is not right, nothing is
    changed at all. Nothing else may write to the back ends meanwhile.
    """
    from ispalier.cli.serve.applying import applied  # noqa: PLC0415 - other commands start faster

    raise typer.Exit(applied(paths, secrets, format_, lock_timeout, dry_run=dry_run))
