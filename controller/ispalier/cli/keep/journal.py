"""`ispalier journal`: the controller's own memory, looked at, saved and given a new source."""

from pathlib import Path
from typing import Annotated

import typer

from ispalier.cli import names
from ispalier.cli.decide.retired import FolderOption
from ispalier.cli.look.show import FolderOption as DeclaredOption
from ispalier.cli.options import FolderOption as AlsoFolderOption
from ispalier.cli.options import named
from ispalier.cli.output import Format, FormatOption, SecretsOption
from ispalier.cli.serve.run import ContextOption, KubeconfigOption

journal = typer.Typer(
    name="journal", no_args_is_help=True, help="Look at the journal, save it, give it a new source."
)

SourceArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="PATH",
        exists=True,
        help="Folder of ispalier.yaml; default the one you are in if it is there, else the cluster.",
    ),
]


def _said(text: str) -> str:
    if not text.strip():
        raise typer.BadParameter("say why: it is kept in the journal")
    return text


WhyOption = Annotated[
    str,
    typer.Option("--why", metavar="TEXT", callback=_said, help="Kept in the journal."),
]


@journal.command()
def show(*, format_: FormatOption = Format.TEXT, folder: FolderOption = Path()) -> None:
    """Show whose journal it is, what it serves, and how much it holds."""
    from ispalier.cli.keep.papers import showed  # noqa: PLC0415 - other commands start faster

    showed(folder, format_)


@journal.command()
def rebind(
    path: SourceArgument = None,
    *,
    why: WhyOption,
    folder: AlsoFolderOption = None,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
) -> None:
    """Let the journal serve another cluster or repository of the same installation.

    Whatever is missing there waits, without a limit, until `ispalier journal confirm`.
    """
    from ispalier.cli.keep.papers import rebound  # noqa: PLC0415
    from ispalier.cli.source import Source  # noqa: PLC0415

    rebound(Source.named(named(path, folder), kubeconfig, context), why)


@journal.command()
def confirm(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    folder: FolderOption = Path(),
) -> None:
    """Stand by what is declared, after a rebind or a rebuild: show what is missing, and time it.

    Everything must have been compared with the new source before: by a sweep of `ispalier run`, or
    by `ispalier apply` of the whole folder.
    """
    from ispalier.cli.keep.papers import confirmed  # noqa: PLC0415

    confirmed(folder, sure=yes)


@journal.command()
def rebuild(
    path: SourceArgument = None,
    *,
    secrets: SecretsOption = None,
    folder: AlsoFolderOption = None,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
) -> None:
    """Bind again what hosts hold for this installation, in the place of a journal that was lost.

    User names, mail addresses, zones and IP addresses are read from their marks, generated
    passwords from their secrets. The ledger and what was observed cannot be rebuilt.
    """
    from ispalier.cli.keep.rebuilding import rebuilt  # noqa: PLC0415
    from ispalier.cli.source import Source  # noqa: PLC0415

    raise typer.Exit(rebuilt(Source.named(named(path, folder), kubeconfig, context, secrets)))


@journal.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Made, readable by you alone.")],
    *,
    folder: FolderOption = Path(),
) -> None:
    """Save the journal to a file, while it is in use.

    SQLite makes a copy of the database; PostgreSQL an archive for pg_restore, by pg_dump.
    """
    from ispalier.cli.keep.saving import saved  # noqa: PLC0415

    saved(folder, file)


@journal.command()
def verify(
    path: SourceArgument = None,
    *,
    format_: FormatOption = Format.TEXT,
    folder: AlsoFolderOption = None,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
) -> None:
    """Check the journal: key, installation, schema, the ledger's chain, claims and what dangles.

    The exit code is 1 if anything is found.
    """
    from ispalier.cli.keep.saving import verified  # noqa: PLC0415
    from ispalier.cli.source import Source  # noqa: PLC0415

    raise typer.Exit(verified(Source.named(named(path, folder), kubeconfig, context), format_))


def adopt(  # noqa: PLR0913 - options of a command
    host: Annotated[
        str,
        typer.Argument(metavar="HOST", autocompletion=names.hosts, help="Name of a ServiceHost."),
    ],
    *,
    why: WhyOption,
    folder: DeclaredOption = None,
    secrets: SecretsOption = None,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
) -> None:
    """Let a host that serves another installation serve this one, too.

    The host is looked at first: where nobody else is there is nothing to adopt. What is marked as
    the other's stays a Conflict and is never changed.
    """
    from ispalier.cli.keep.adopting import adopted  # noqa: PLC0415
    from ispalier.cli.source import Source  # noqa: PLC0415

    adopted(Source.named(folder, kubeconfig, context, secrets), host, why)
