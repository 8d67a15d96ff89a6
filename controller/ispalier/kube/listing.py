"""Listing: every object of a kind, page by page; says what is there, and so what is not."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from ispalier.kube.client import GONE, ApiError, Client
from ispalier.kube.versions import Raw, ident_of
from ispalier.world.snapshot import Ident

PAGE = 500
TRIES = 3
"""How often a list is begun again at once because its pages ran out of date."""
BREATH = 50
"""After so many objects others get their turn."""


@dataclass(frozen=True, slots=True)
class Collection:
    """All objects of a kind, or those with a label."""

    kind: str
    path: str
    label: str = ""

    @property
    def query(self) -> dict[str, str]:
        """What is asked for on every page."""
        return {"limit": str(PAGE), **({"labelSelector": self.label} if self.label else {})}


class Listed(NamedTuple):
    """What a complete list held, and the version as of which."""

    seen: set[Ident]
    number: int


async def listed(client: Client, what: Collection, see: Callable[[Raw], None]) -> Listed:
    """Read a collection to its end, handing over each object; raises ApiError if that fails.

    A list whose next page is out of date (410) begins again.
    """
    for left in reversed(range(TRIES)):
        try:
            return await _pages(client, what, see)
        except ApiError as error:
            if error.status != GONE or not left:
                raise
    raise AssertionError("unreachable")


async def _pages(client: Client, what: Collection, see: Callable[[Raw], None]) -> Listed:
    seen: set[Ident] = set()
    number, more = 0, ""
    while True:
        query = {**what.query, **({"continue": more} if more else {})}
        page = await client.request("GET", what.path, query=query)
        try:
            meta, items = page["metadata"], page["items"]
            number = number or int(meta["resourceVersion"])
        except (KeyError, TypeError, ValueError) as error:
            raise ApiError(0, f"{what.path} is not a list: {error!r}") from error
        for position, raw in enumerate(items):
            if position % BREATH == 0:
                await asyncio.sleep(0)
            seen.add(ident_of(what.kind, raw))
            see(raw)
        more = meta.get("continue", "")
        if not more:
            break
    if meta.get("remainingItemCount"):
        raise ApiError(0, f"{what.path} ends with {meta['remainingItemCount']} objects missing")
    return Listed(seen, number)
