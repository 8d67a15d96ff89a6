"""PowerDNS as a back end: what it holds as items, and changes as few calls as it allows."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from ispalier.core.changes import Change, ChangeSet, Verb
from ispalier.core.items import Item, Key, Owner
from ispalier.core.memory import ZONE
from ispalier.core.room import Results, Scope, Wiring
from ispalier.dns.items import Accounts, RRSet, Zone, account
from ispalier.dns.payloads import RRSetData, ZoneData
from ispalier.dns.reading import has_soa, items, serial, zones_found
from ispalier.dns.server import Exists, Gone, Server
from ispalier.dns.writing import apex_changed, new_zone, rrset_changed
from ispalier.world.errors import Conflict, IspalierError, Refused, Unavailable, Waiting
from ispalier.world.state import State

_FEW = 16
_SHARE = 4
_BODY, _MANY = 1_000_000, 100
_SHOWN = 3


def connect(wiring: Wiring) -> "PowerDNS":
    """The back end of a ServiceHost of type DNS."""
    host = wiring.host
    if host is None or host.spec.dns is None:
        raise Unavailable("a back end of DNS needs a ServiceHost with a section dns")
    dns = host.spec.dns
    url = f"{dns.url.rstrip('/')}/api/v1/servers/{dns.server}"
    key = wiring.secret(dns.api_key_secret_ref)
    return PowerDNS(host.name, Server(host.name, url, key, wiring.lease))


class _Write(NamedTuple):
    """One rrset of a PATCH, and the item that it is for."""

    key: Key
    data: RRSetData


class PowerDNS:
    """One PowerDNS server."""

    def __init__(self, host: str, server: Server) -> None:
        self._host = host
        self._server = server

    async def observe(self, scope: Scope) -> Sequence[Item]:
        """The zones that keys and claims name, or all, with everything that is in them."""
        accounts = Accounts(scope.owners)
        zones = await (self._all() if scope.everything else self._named(_names(scope)))
        return [item for zone in zones for item in items(self._host, zone, accounts)]

    async def apply(self, changes: ChangeSet) -> Results:
        """Zone by zone; all rrsets of one in one call, and if that is refused the bad ones alone.

        Zones come in the order of their first changes: what is suspended goes before all else.
        """
        zones: dict[str, list[Change]] = {}
        for each in changes:
            zones.setdefault(_zone_of(each), []).append(each)
        results: dict[Key, IspalierError | None] = {}
        for name, group in zones.items():
            results |= await self._change(name, group)
        return results

    async def close(self) -> None:
        """Let go of connections."""
        await self._server.close()

    # observe

    async def _named(self, names: Sequence[str]) -> Iterable[ZoneData]:
        """A call per zone; if there are many, first ask which exist, or read all of them."""
        if len(names) > _FEW:
            listed = await self._server.zones()
            there = {each["name"].lower() for each in listed}
            asked = there.intersection(names)
            if len(asked) > _FEW and len(asked) * _SHARE > len(listed):
                return [each for each in await self._all(listed) if each["name"].lower() in asked]
            names = sorted(asked)
        return await self._each(names)

    async def _each(self, ids: Iterable[str]) -> Iterable[ZoneData]:
        zones = await asyncio.gather(*(self._server.zone(each) for each in ids))
        return [each for each in zones if each is not None]

    async def _all(self, listed: Sequence[ZoneData] | None = None) -> Iterable[ZoneData]:
        """A list and a search; zones that the search does not show whole are read one by one."""
        if listed is None:
            listed = await self._server.zones()
        zones = zones_found(listed, await self._server.search())
        unseen = [each["id"] for each in zones if not has_soa(each)]
        return [*(each for each in zones if has_soa(each)), *await self._each(unseen)]

    # apply

    async def _change(self, name: str, changes: Sequence[Change]) -> Results:
        of_zone = next((each for each in changes if isinstance(each.item, Zone)), None)
        rrsets = [each for each in changes if each is not of_zone]
        match of_zone:
            case (_, None, Zone() as zone):
                return await self._create(zone, rrsets)
            case (_, Zone() as zone, None):
                return await self._delete(zone, rrsets)
            case (_, Zone() as before, Zone() as after):
                return await self._update(before, after, rrsets)
            case _:
                return await self._patch(name, _writes(rrsets))

    async def _create(self, zone: Zone, rrsets: Sequence[Change]) -> Results:
        """One call for the zone with all that is in it; if it is refused, the zone alone first."""
        writes = _writes(rrsets)
        active = replace(zone, state=State.ACTIVE)
        try:
            if zone == active and _fits(writes):
                try:
                    await self._server.create(new_zone(zone, (each.data for each in writes)))
                except Refused:
                    await self._server.create(new_zone(zone, ()))
                else:
                    return dict.fromkeys((zone.key, *(each.key for each in writes)))
            else:
                await self._server.create(new_zone(active, ()))
        except Exists:
            return await self._take(zone, writes)
        except Refused as error:
            return self._without(zone, error, writes)
        return await self._write(active, zone, writes)

    async def _take(self, zone: Zone, writes: Sequence[_Write]) -> Results:
        """A zone that appeared since it was looked for: ours if an answer to us was lost."""
        there = await self._server.zone(zone.name)
        if there is None or zone.owner is None or there["account"] != account(zone.owner):
            message = f"zone {zone.name} has just been made on host '{self._host}' by somebody else"
            return self._without(zone, Conflict(message), writes)
        seen = items(self._host, there, Accounts([zone.owner]))
        before = next(each for each in seen if isinstance(each, Zone))
        return await self._write(before, zone, writes)

    async def _update(self, before: Zone, after: Zone, rrsets: Sequence[Change]) -> Results:
        writes = _writes(rrsets)
        if after.owner and after.owner != before.owner:
            try:
                await self._server.set_account(after.name, account(after.owner))
            except Refused as error:
                return self._without(after, error, writes)
            except Gone:
                return self._without(after, self._gone(after.name), writes)
        return await self._write(before, after, writes)

    async def _write(self, before: Zone, after: Zone, writes: Sequence[_Write]) -> Results:
        """The apex and the other rrsets of a zone, in one call."""
        apex: list[_Write] = []
        if before != after:
            there = await self._server.zone(after.name)
            if there is None:
                return self._without(after, self._gone(after.name), writes)
            changed = apex_changed(before, after, serial(there))
            apex = [_Write(after.key, each) for each in changed]
        return {after.key: None, **await self._patch(after.name, [*apex, *writes])}

    async def _delete(self, zone: Zone, rrsets: Sequence[Change]) -> Results:
        """A zone goes with its rrsets, but not with somebody else's."""
        writes = _writes(rrsets)
        there = await self._server.zone(zone.name)
        if there is None:
            return dict.fromkeys((zone.key, *(each.key for each in writes)))
        problem = self._kept(zone, there, {each.key for each in rrsets if each.after is None})
        if problem is not None:
            return {**await self._patch(zone.name, writes), zone.key: problem}
        with suppress(Gone):
            await self._server.delete(zone.name)
        return dict.fromkeys((zone.key, *(each.key for each in writes)))

    def _kept(self, zone: Zone, there: ZoneData, going: set[Key]) -> IspalierError | None:
        """Why a zone must not be deleted, looked at again just before."""
        owner = Accounts([zone.owner] if zone.owner else []).owner(there["account"])
        if owner is None or zone.owner is None or owner[:2] != zone.owner[:2]:
            return Conflict(f"zone {zone.name} on host '{self._host}' does not carry our mark now")
        left = [
            f"{each.name} {each.type}"
            for each in items(self._host, there, Accounts(()))
            if isinstance(each, RRSet) and each.key not in going and not _goes_too(each, owner)
        ]
        if not left:
            return None
        shown = ", ".join(left[:_SHOWN]) + (", …" if len(left) > _SHOWN else "")
        return Refused(
            f"zone {zone.name} on host '{self._host}' is not deleted while it holds other records"
            f" ({shown}): remove them first"
        )

    async def _patch(self, zone: str, writes: Sequence[_Write]) -> Results:
        """One call, or halves of it: when it is too long, or to find what is refused."""
        if not writes:
            return {}
        problem: IspalierError | None = None
        if len(writes) == 1 or _fits(writes):
            try:
                await self._server.patch(zone, [each.data for each in writes])
            except Gone:
                problem = self._gone(zone)
            except Refused as error:
                problem = error
        if len(writes) > 1 and (isinstance(problem, Refused) or not _fits(writes)):
            middle = len(writes) // 2
            first = await self._patch(zone, writes[:middle])
            second = await self._patch(zone, writes[middle:])
            return {**first, **second, **{key: each for key, each in first.items() if each}}
        return dict.fromkeys((each.key for each in writes), problem)

    def _without(self, zone: Zone, error: IspalierError, writes: Sequence[_Write]) -> Results:
        """Nothing of a zone can be written, because the zone itself could not."""
        waiting = Waiting(f"waits until zone {zone.name} is on host '{self._host}': {error}")
        return {**dict.fromkeys((each.key for each in writes), waiting), zone.key: error}

    def _gone(self, zone: str) -> Waiting:
        return Waiting(f"zone {zone} is not on host '{self._host}' any more: it is made again")


def _names(scope: Scope) -> list[str]:
    """The zones that a scope is about."""
    names = {value for kind, value in scope.claims if kind == ZONE}
    for key in scope.keys:
        match key:
            case ("zone", str(name)) | ("rrset", str(name), _, _):
                names.add(name)
            case _:
                pass
    return sorted(names)


def _zone_of(change: Change) -> str:
    item = change.item
    if isinstance(item, RRSet):
        return item.zone
    assert isinstance(item, Zone)  # noqa: S101 - this room has no other items
    return item.name


def _goes_too(rrset: RRSet, owner: Owner) -> bool:
    """Whether it is the customer's own and no longer declared: it goes with its zone."""
    is_off = rrset.state is State.RETIRED
    return is_off and rrset.owner is not None and rrset.owner[:2] == owner[:2]


def _writes(changes: Iterable[Change]) -> list[_Write]:
    """What goes comes first: PowerDNS takes no A while there is still a CNAME."""
    ordered = sorted(changes, key=lambda each: each.verb is not Verb.DELETE)
    return [_Write(each.key, rrset_changed(each)) for each in ordered]


def _fits(writes: Sequence[_Write]) -> bool:
    """Whether they go into one call: PowerDNS takes 2 MB, and on PostgreSQL 12 ms for each rrset."""
    return len(writes) <= _MANY and sum(len(str(each.data)) for each in writes) < _BODY
