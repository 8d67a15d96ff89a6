"""Rules between resources, and fields that have no effect yet."""

from collections.abc import Iterator

from ispalier.api.base import Resource
from ispalier.api.contracts import Subscription
from ispalier.api.parties import Tenant
from ispalier.world.checks.files import Check, Files
from ispalier.world.findings import Level
from ispalier.world.inert import inert
from ispalier.world.snapshot import ident
from ispalier.world.sound import faults


def broken_rules(files: Files) -> Iterator[Check]:
    """What the controller would not serve for the sake of other resources."""
    judged: list[Resource] = [*files.world.of(Tenant), *files.world.of(Subscription)]
    for each in judged:
        for field, what, remedy in faults(files.world, each, files.today(each)):
            yield Check(ident(each), field, what, remedy)


def without_effect(files: Files) -> Iterator[Check]:
    """Fields that are set and have no effect yet."""
    for each in files.world.everything():
        if isinstance(each, Resource):
            for field, why in inert(each):
                what = f"has no effect yet: {why}"
                yield Check(
                    ident(each), field, what, "keep it for later or remove it", Level.WARNING
                )
