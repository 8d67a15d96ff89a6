"""Edits of what is declared, each drawn by chance; the last customer is never edited."""

from collections.abc import Callable
from random import Random

from ispalier.api.access import Login
from ispalier.api.base import Resource
from ispalier.world.snapshot import Broken, Ident, ident
from tests.builders import PROFILES, claim, login, plan, tenant
from tests.faults.declared import (
    BYSTANDER,
    CUSTOMERS,
    NAMES,
    PLANS,
    USERS,
    Declared,
    contract,
    moved,
)

EDITED = tuple(each for each in CUSTOMERS if each != BYSTANDER)


def add(declared: Declared, chance: Random) -> None:
    """Another login, or another user name for one that is there."""
    space = declared.homes[chance.choice(EDITED)]
    name = chance.choice(NAMES)
    declared.put(login(chance.choice(USERS), space, name))
    if chance.random() < 0.5:
        declared.put(claim(name, name, space))


def remove(declared: Declared, chance: Random) -> None:
    """A login, its address or the contract is deleted."""
    space = declared.homes[chance.choice(EDITED)]
    there = [each for each in declared.in_space(space) if each.kind != "Tenant"]
    if there:
        declared.take(chance.choice(there))


def rename(declared: Declared, chance: Random) -> None:
    """A login gets another name, and keeps its user name."""
    logins = declared.logins(chance.choice(EDITED))
    if logins:
        old = chance.choice(logins)
        declared.put(moved(old, name=chance.choice(NAMES)))
        if declared.world.find(ident(old)) is old:
            declared.take(ident(old))


def exchange(declared: Declared, chance: Random) -> None:
    """Two logins exchange their user names, of one customer or of two."""
    logins = [each for customer in EDITED for each in declared.logins(customer)]
    if len(logins) > 1:
        one, two = chance.sample(logins, 2)
        declared.put(login(two.spec.username or "", one.namespace, one.name))
        declared.put(login(one.spec.username or "", two.namespace, two.name))


def hand_over(declared: Declared, chance: Random) -> None:
    """A login gets another user name, and a customer the one that it had."""
    giving, taking = chance.sample(EDITED, 2)
    logins = declared.logins(giving)
    used = {each.spec.username for customer in EDITED for each in declared.logins(customer)}
    free = [each for each in USERS if each not in used]
    if logins and free:
        old = chance.choice(logins)
        declared.put(login(chance.choice(free), old.namespace, old.name))
        name = chance.choice(NAMES)
        declared.put(login(old.spec.username or "", declared.homes[taking], name))


def pass_on(declared: Declared, chance: Random) -> None:
    """A login moves to another customer."""
    one, two = chance.sample(EDITED, 2)
    logins = declared.logins(one)
    if logins:
        login_ = chance.choice(logins)
        declared.take(ident(login_))
        declared.put(moved(login_, declared.homes[two]))


def change(declared: Declared, chance: Random) -> None:
    """The contract changes its plan, or is suspended, or serves again; or is there again."""
    space = declared.homes[chance.choice(EDITED)]
    name = chance.choice((*PLANS, *PLANS, "no-such-plan"))
    declared.put(contract(space, name, suspended=chance.random() < 0.4))


def leave(declared: Declared, chance: Random) -> None:
    """A namespace is deleted, piece by piece: some of it, or all."""
    there = declared.in_space(declared.homes[chance.choice(EDITED)])
    chance.shuffle(there)
    declared.take(*there[: chance.randint(1, 2 * len(there) + 1)])


def come_back(declared: Declared, chance: Random) -> None:
    """A tenant is declared, with or without its contract."""
    customer = chance.choice(EDITED)
    space = declared.homes[customer]
    if not declared.world.tenants(customer):
        declared.put(moved(tenant(CUSTOMERS[customer], customer), space))
    if chance.random() < 0.5:
        declared.put(contract(space, "fibra-300", suspended=False))


def move(declared: Declared, chance: Random) -> None:
    """A tenant moves to another namespace with all that it has."""
    customer = chance.choice(EDITED)
    old = declared.homes[customer]
    new = CUSTOMERS[customer] if old.endswith("-2") else f"{old}-2"
    things = declared.take(*declared.in_space(old))
    for each in things:
        if isinstance(each, Resource):
            declared.put(moved(each, new))


def speed(declared: Declared, chance: Random) -> None:
    """A plan is faster or slower now."""
    name = chance.choice(sorted(PLANS))
    declared.put(plan(name, chance.choice(PROFILES).name))


def drop_plan(declared: Declared, chance: Random) -> None:
    """A plan is deleted, be it in use or not."""
    declared.take(Ident("Plan", "", chance.choice(sorted(PLANS))))


def break_one(declared: Declared, chance: Random) -> None:
    """A login cannot be read any more."""
    logins = declared.logins(chance.choice(EDITED))
    if logins:
        which = ident(chance.choice(logins))
        declared.world.put(Broken(which, "cannot be read"))


def mend(declared: Declared) -> None:
    """What could not be read is edited so that it can; plans are there."""
    for each in list(declared.world.everything()):
        if isinstance(each, Broken):
            declared.put(login("u1", each.ident.namespace, each.ident.name))
    for name, speed in PLANS.items():
        if declared.world.find(Ident("Plan", "", name)) is None:
            declared.put(plan(name, speed))


Edit = Callable[[Declared, Random], None]
OF_ALL: tuple[Edit, ...] = (
    *(add, add, add, remove, rename, exchange, hand_over, pass_on, change),
    *(leave, come_back, come_back, move, speed, drop_plan, break_one),
)
OF_ABSENCE: tuple[Edit, ...] = (leave, leave, come_back, remove, pass_on, move, add)
OF_NAMES: tuple[Edit, ...] = (add, add, rename, exchange, hand_over, hand_over, pass_on)
HIDDEN = (Login.__name__, "Subscription", "Tenant", "IPClaim", "Plan")
"""Kinds whose definition may be deleted for a while, with all its objects."""
