"""What `ispalier adopt` does and tells: it looks first whether there is anything to adopt."""

import asyncio
import difflib
from datetime import UTC, datetime

from ispalier.api.machines import ServiceHost
from ispalier.assembly import build
from ispalier.cli.declaration import whole
from ispalier.cli.installation import opened
from ispalier.cli.output import err, fail
from ispalier.cli.source import Source
from ispalier.cli.who import who
from ispalier.core.engine import Engine
from ispalier.core.introduce import strange_installations
from ispalier.journal.database import check_there
from ispalier.journal.identity import Papers
from ispalier.world.errors import Invalid, IspalierError


def adopted(source: Source, host: str, why: str) -> None:
    """Let a host be shared with another installation, if it serves one and not ours yet."""
    settings = source.settings()
    try:
        check_there(settings.journal_url)
        world, found = whole(source, settings)
        _check_declared(host, [each.name for each in world.of(ServiceHost)], source)
        with opened(settings, found) as journal:
            others = asyncio.run(_others(build(world, journal, settings, found), host))
            if others:
                Papers(journal.engine).adopt(host, f"{who()}: {why}", datetime.now(UTC))
    except IspalierError as error:
        fail(error)
    if not others:
        err().print(
            f"nothing to adopt: host '{host}' serves no other installation, or both already;"
            " nothing was changed"
        )
        return
    ours = f"installation {', '.join(sorted(others))}"
    err().print(
        f"host '{host}' may serve this installation beside {ours}: what is marked as the other's"
        " stays as it is"
    )


def _check_declared(host: str, names: list[str], source: Source) -> None:
    if host not in names:
        near = difflib.get_close_matches(host, names, n=1)
        remedy = f"did you mean {near[0]}?" if near else "declare it, or correct the name"
        raise Invalid(f"no ServiceHost is called '{host}' in the {source}: {remedy}")


async def _others(engine: Engine, host: str) -> frozenset[str]:
    try:
        return await strange_installations(engine, host)
    finally:
        await engine.close()
