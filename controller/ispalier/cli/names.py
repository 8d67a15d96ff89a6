"""Names that a shell completes: those of the journal, of a kubeconfig, of a repository.

Whoever presses a key gets names or nothing: a journal that is not there is no error here.
"""

from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ispalier.world.errors import IspalierError

if TYPE_CHECKING:
    from ispalier.journal.names import Known


_MANY = 200
"""More than that nobody reads."""


def customers(ctx: typer.Context, incomplete: str) -> list[str]:
    """Numbers of customers."""
    return _begun(incomplete, lambda: (number for _, number in _spaces(ctx)))


def namespaces(ctx: typer.Context, incomplete: str) -> list[str]:
    """Namespaces in which customers are."""
    return _begun(incomplete, lambda: (space for space, _ in _spaces(ctx)))


def resources(ctx: typer.Context, incomplete: str) -> list[str]:
    """Kind/name of everything, or of what can be held."""
    from ispalier.world.effect import ACTS_ON  # noqa: PLC0415 - pressed keys wait for it

    kinds = tuple(ACTS_ON) if ctx.info_name in ("hold", "release") else ()
    return _begun(incomplete, lambda: map(str, _known(ctx, *kinds)))


def absent(ctx: typer.Context, incomplete: str) -> list[str]:
    """Kind/name of what is no longer declared."""
    from ispalier.journal.names import Names  # noqa: PLC0415

    def found() -> Iterable[str]:
        with closing(Names.glance(_url(ctx))) as names:
            return list(map(str, names.absent()))

    return _begun(incomplete, found)


def hosts(ctx: typer.Context, incomplete: str) -> list[str]:
    """ServiceHosts."""
    return _begun(incomplete, lambda: (each.name for each in _known(ctx, "ServiceHost")))


def units(ctx: typer.Context, incomplete: str) -> list[str]:
    """BusinessUnits."""
    return _begun(incomplete, lambda: (each.name for each in _known(ctx, "BusinessUnit")))


def contracts(ctx: typer.Context, incomplete: str) -> list[str]:
    """Subscriptions."""
    return _begun(incomplete, lambda: (each.name for each in _known(ctx, "Subscription")))


def digests(ctx: typer.Context, incomplete: str) -> list[str]:
    """Of sets that wait for a person."""
    from datetime import UTC, datetime  # noqa: PLC0415

    from ispalier.cli.place import settings_for  # noqa: PLC0415
    from ispalier.journal.database import attach  # noqa: PLC0415
    from ispalier.journal.pending import Pending  # noqa: PLC0415

    def found() -> Iterable[str]:
        limits = settings_for([_folder(ctx)]).limits
        with closing(Pending(attach(_url(ctx)))) as book:
            return [each.digest for each in book.sets(limits, datetime.now(UTC))]

    return _begun(incomplete, found)


def kinds(ctx: typer.Context, incomplete: str) -> list[str]:  # noqa: ARG001 - typer's interface
    """Kinds of resources."""
    from ispalier.api.kinds import BY_NAME  # noqa: PLC0415

    return _begun(incomplete, lambda: BY_NAME)


def contexts(ctx: typer.Context, incomplete: str) -> list[str]:
    """Contexts of the kubeconfig."""
    from ispalier.kube.kubeconfig import contexts as found  # noqa: PLC0415

    return _begun(incomplete, lambda: found(ctx.params.get("kubeconfig")))


def revisions(ctx: typer.Context, incomplete: str) -> list[str]:
    """Branches and tags of the repository."""
    from ispalier.cli.git import named  # noqa: PLC0415

    paths = ctx.params.get("paths") or [Path()]
    return _begun(incomplete, lambda: named(Path(paths[0])))


def _spaces(ctx: typer.Context) -> Iterable[tuple[str, str]]:
    from ispalier.journal.names import Names  # noqa: PLC0415

    with closing(Names.glance(_url(ctx))) as names:
        return names.spaces()


def _known(ctx: typer.Context, *kinds: str) -> Iterable["Known"]:
    from ispalier.journal.names import Names  # noqa: PLC0415

    with closing(Names.glance(_url(ctx))) as names:
        return names.known(*kinds)


def _url(ctx: typer.Context) -> str:
    """Of the journal, which must be there."""
    from ispalier.cli.place import settings_for  # noqa: PLC0415
    from ispalier.journal.database import check_there  # noqa: PLC0415

    url = settings_for([_folder(ctx)]).journal_url
    check_there(url)
    return url


def _folder(ctx: typer.Context) -> Path:
    return Path(ctx.params.get("folder") or ctx.params.get("path") or Path())


def _begun(incomplete: str, found: Callable[[], Iterable[str]]) -> list[str]:
    """The names that begin so, each once."""
    try:
        return sorted({each for each in found() if each.startswith(incomplete)})[:_MANY]
    except (IspalierError, OSError, ValueError):
        return []
