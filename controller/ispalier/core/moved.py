"""Moved: what a tenant left behind in a namespace in which no pass ever saw its Tenant."""

from collections.abc import Iterator

from ispalier.api.base import Resource
from ispalier.core.absence import TENANT
from ispalier.core.items import Owner
from ispalier.core.memory import Memory
from ispalier.core.tombstones import is_as_before
from ispalier.world.snapshot import Ident
from ispalier.world.view import View


def moved(view: View, memory: Memory, namespace: str) -> Iterator[Owner]:
    """Who of a tenant that is gone stands, just as it last did in `namespace`, where no Tenant is.

    A Tenant may move and go before a pass has seen it at its new place; what moved with it leads
    to nobody then, but it is declared. What stands where another customer was at home is theirs.
    """
    world = view.world
    owners = [each for each in memory.tombstones if each.kind != TENANT]
    homes = world.namespaces(TENANT) if owners else frozenset()
    without = {each: world.namespaces(each) - homes for each in {owner.kind for owner in owners}}
    for owner in owners:
        for space in without[owner.kind] - {namespace}:
            if any(each != view.customer for each in memory.homes.get(space, ())):
                continue
            there = world.find(Ident(owner.kind, space, owner.name))
            if not isinstance(there, Resource) or there.is_going:
                continue
            if is_as_before(owner, there, memory, namespace):
                yield owner
