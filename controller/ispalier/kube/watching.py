"""Watching: a collection listed to its end and watched since, which is what complete means.

kopf's own watches feed nothing here. With a real API server behind a faulty proxy, 410 as the answer
to a watch ended its whole operator, and it did not come back; its source (1.45) says the same of 404
and of errors within a watch. What is deleted between two of its lists is never noticed, a kind that
is not there at the start is not watched later, and it does not tell when a watch is broken.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from ispalier.kube.client import ApiError, Client
from ispalier.kube.listing import Collection, Listed, listed
from ispalier.kube.versions import Raw

FIRST, LONGEST = 0.25, 15.0
"""Seconds after something failed, doubled each time."""


class Ears(NamedTuple):
    """Who is told what."""

    heard: Callable[[str, str | None, Raw], None]
    """Kind, type of event (None for an object of a list), object."""
    listed: Callable[[str, Listed], None]
    """A kind is listed to its end."""
    following: Callable[[str], None]
    """The watch goes on where it broke off: the kind is complete again."""
    lost: Callable[[str, ApiError], None]
    """A list failed or a watch broke: the kind is not complete."""


@dataclass(slots=True)
class Collected:
    """One collection. Lists it again every so often, in case the API server forgot to say."""

    client: Client
    what: Collection
    ears: Ears
    interval: float
    heard_at: float = 0.0
    """When the API server last gave any sign."""
    _number: int = 0
    _failures: int = 0

    async def run(self) -> None:
        """List and watch until cancelled."""
        while True:
            try:
                result = await listed(
                    self.client, self.what, lambda raw: self.ears.heard(self.what.kind, None, raw)
                )
            except ApiError as error:
                await self._lost(error)
                continue
            self._failures, self._number = 0, result.number
            self._sign()
            self.ears.listed(self.what.kind, result)
            await self._follow()

    async def _follow(self) -> None:
        """Watch from the list on until it is time to list again, or there is no going on."""
        end = asyncio.get_running_loop().time() + self.interval * _about_one()
        while (left := end - asyncio.get_running_loop().time()) > 0:
            try:
                await self._watch(max(1, round(left)))
            except ApiError as error:
                await self._lost(error)
                if not error.is_passing:
                    return

    async def _watch(self, seconds: int) -> None:
        query = {
            **self.what.query,
            "watch": "true",
            "allowWatchBookmarks": "true",
            "resourceVersion": str(self._number),
            "timeoutSeconds": str(seconds),
        }
        del query["limit"]
        async with self.client.stream(self.what.path, query) as events:
            async for event in events:
                self._hear(event)

    def _hear(self, event: Any) -> None:  # noqa: ANN401 - JSON
        try:
            kind, raw = event["type"], event["object"]
            if kind == "ERROR":
                raise ApiError(int(raw["code"]), str(raw["message"]))
            number = int(raw["metadata"]["resourceVersion"])
        except (KeyError, TypeError) as error:
            raise ApiError(0, f"not an event of a watch: {error!r}") from error
        if kind != "BOOKMARK":
            self.ears.heard(self.what.kind, kind, raw)
        self._number = max(self._number, number)
        self._sign()
        if self._failures:  # the answer 200 alone says nothing: a version too old is told within
            self._failures = 0
            self.ears.following(self.what.kind)

    async def _lost(self, error: ApiError) -> None:
        self.ears.lost(self.what.kind, error)
        pause = error.retry_after or min(FIRST * (1 << min(self._failures, 16)), LONGEST)
        self._failures += 1
        await asyncio.sleep(pause * _about_one())

    def _sign(self) -> None:
        self.heard_at = asyncio.get_running_loop().time()


def _about_one() -> float:
    return 0.75 + random.random() / 2  # noqa: S311 - jitter
