"""`ispalier why`, `audit`: what was changed, when, and because of what."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from ispalier.cli import names
from ispalier.cli.decide.retired import CustomerOption, FolderOption, NamespaceOption
from ispalier.cli.output import Format, FormatOption
from ispalier.cli.serve.run import ContextOption, KubeconfigOption

MOST = 100_000
"""Changes that one command prints."""


def instant(text: str) -> datetime:
    """A day or an instant (RFC 3339), in UTC unless it says otherwise, for options."""
    try:
        found = datetime.fromisoformat(text)
        found = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise typer.BadParameter(
            f"'{text}' is no instant: write YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ"
        ) from error
    return found


def why(  # noqa: PLR0913 - options of a command
    resource: Annotated[
        str,
        typer.Argument(
            metavar="KIND/NAME", autocompletion=names.resources, help="Such as Mailbox/maria."
        ),
    ],
    *,
    customer: CustomerOption = "",
    namespace: NamespaceOption = "",
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=MOST, help="So many changes at most.")
    ] = 10,
    format_: FormatOption = Format.TEXT,
    folder: FolderOption = Path(),
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
) -> None:
    """Show how a resource stands and why, and its last changes: when, where, because of what.

    Its conditions are those of its object in the cluster; where files declare everything, those
    that `apply` would end with. An edit is told with its commit, or in a cluster with the field
    manager who made it.
    """
    from ispalier.cli.installed import root_folder  # noqa: PLC0415 - other commands start faster
    from ispalier.cli.look.trail import told_why  # noqa: PLC0415
    from ispalier.cli.source import Source  # noqa: PLC0415
    from ispalier.cli.whose import whose  # noqa: PLC0415

    kind, slash, name = resource.partition("/")
    if not (kind and slash and name):
        raise typer.BadParameter(
            f"'{resource}' is not KIND/NAME: write it as in Mailbox/maria", param_hint="KIND/NAME"
        )
    files = None if kubeconfig or context else root_folder([folder])
    source = Source(files, None, kubeconfig, context)
    customer = whose(folder, customer, namespace, resource)
    told_why(folder, source, (customer, kind, name), limit, format_)


def audit(
    *,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since", parser=instant, metavar="INSTANT", help="From then on; default everything."
        ),
    ] = None,
    customer: CustomerOption = "",
    namespace: NamespaceOption = "",
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Go on with what comes, until interrupted.")
    ] = False,
    folder: FolderOption = Path(),
) -> None:
    """Print what was changed on hosts, approved and purged, as JSON lines (CloudEvents 1.0).

    No value of anything is told, only the names of what differed.
    """
    from ispalier.cli.look.trail import audited  # noqa: PLC0415
    from ispalier.cli.whose import whose  # noqa: PLC0415

    audited(folder, since, whose(folder, customer, namespace), follow=follow)
