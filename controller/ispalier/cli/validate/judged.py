"""What the rooms would say of files: the functions of a pass, as if all began today."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel

from ispalier.api.base import Password, Resource, SecretRef, leading_to
from ispalier.cli.validate.granted import Granted
from ispalier.core.choosing import ROUNDS, aims, lacking
from ispalier.core.gather import Identity, gather, with_choices
from ispalier.core.items import PROVIDER, Owner
from ispalier.core.memory import Memory
from ispalier.rooms import ROOMS
from ispalier.settings import Settings
from ispalier.world.errors import Conflict, IspalierError, Stalled
from ispalier.world.findings import Finding
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Ident, Snapshot

_UNKNOWN = Secret("a secret that is not in these files")


def judged(world: Snapshot, now: datetime) -> Iterator[tuple[Ident, Finding]]:
    """What a person would have to mend before it is served; what only waits is not told.

    Secrets that are missing from the snapshot are made up in it.
    """
    _make_up_secrets(world)
    world.knows_whose = False
    for owner, problem in _problems(world, now):
        tenants = world.tenants(owner.customer) if owner.customer else []
        namespace = tenants[0].namespace if tenants else ""
        what, _, remedy = str(problem).partition(": ")
        yield Ident(owner.kind, namespace, owner.name), Finding((), what, remedy or "correct it")


def _problems(world: Snapshot, now: datetime) -> Iterator[tuple[Owner, IspalierError]]:
    """Why resources are not served, if the provider's are made first."""
    who, given = Identity("validate", _UNKNOWN, Settings().namespace), Granted()
    for customers in ([PROVIDER], world.numbers()):
        nothing = dict.fromkeys(customers, Memory())
        provider = given.memory(PROVIDER).choices
        views = {
            each: with_choices(gather(world, each, none, who, now), none, provider)
            for each, none in nothing.items()
        }
        refused: dict[Owner, IspalierError] = {}
        got, asking = nothing, views
        for _ in range(ROUNDS):
            _, wishes, _, waiting = lacking(ROOMS, asking, got)
            refused |= {owner: Conflict(why) for owner, why in given.grant(wishes).items()}
            got = {each: given.memory(each) for each in customers}
            provider = given.memory(PROVIDER).choices
            asking = {each: with_choices(views[each], got[each], provider) for each in waiting}
        for aim in aims(ROOMS, views, got, provider, refused):
            problems = aim.wanted.problems.items()
            yield from (each for each in problems if isinstance(each[1], Stalled))


def _make_up_secrets(world: Snapshot) -> None:
    """So that what is wrong besides a missing secret is found too."""
    provider = Settings().namespace
    missing: dict[tuple[str, str], dict[str, Secret]] = {}
    for thing in world.everything():
        if not isinstance(thing, Resource):
            continue
        space = thing.namespace or provider
        for ref in _refs(getattr(thing, "spec", None)):
            there = world.secret(space, ref.name, ref.key) or _UNKNOWN
            missing.setdefault((space, ref.name), {})[ref.key] = there
    for (namespace, name), data in missing.items():
        world.put_secret(namespace, name, data)


def _refs(model: object) -> Iterator[SecretRef]:
    match model:
        case SecretRef():
            yield model
        case Password():
            yield from _refs(model.secret_ref)  # a hash cannot be made up, nor who somebody is
        case BaseModel():
            for name, _ in leading_to(type(model), SecretRef):
                if name != "profile_secret_ref":
                    yield from _refs(getattr(model, name))
        case _:
            pass
