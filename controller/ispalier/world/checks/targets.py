"""References to nothing, and resources that lead to nobody."""

import difflib
from collections.abc import Iterator

from ispalier.api.base import Resource
from ispalier.api.catalogue import Plan
from ispalier.api.contracts import Subscription
from ispalier.api.parties import Tenant
from ispalier.api.partners import Partner
from ispalier.api.units import BusinessUnit
from ispalier.world.checks.files import Check, Files
from ispalier.world.findings import Level
from ispalier.world.references import Reference, references
from ispalier.world.snapshot import Ident, ident
from ispalier.world.units import OF_TENANTS, tenant_of


def dangling_references(files: Files) -> Iterator[Check]:
    """References to nothing."""
    for thing in files.world.everything():
        if not isinstance(thing, Resource):
            continue
        for path, target in references(thing):
            yield from _dangling(files, thing, f"{path}.name", target)
        if isinstance(thing, Plan):
            for path, target in _named_by(thing):
                yield from _dangling(files, thing, path, target)


def _dangling(files: Files, thing: Resource, path: str, target: Ident) -> Iterator[Check]:
    if files.world.find(target) is not None:
        return
    level = files.missing(target.kind)
    if level is Level.ERROR:
        where = f" in namespace {target.namespace}" if target.namespace else ""
        what = f"{target} does not exist{where}"
        names = files.names.get((target.kind, target.namespace), ())
        near = difflib.get_close_matches(target.name, names, n=1)
        remedy = f"did you mean {near[0]}?" if near else "create it or correct the name"
    else:
        what = f"{target} is not in these files"
        remedy = "correct the name, unless it is declared elsewhere"
    yield Check(ident(thing), path, what, remedy, level, wants=True)


def _named_by(plan: Plan) -> Iterator[Reference]:
    """What a plan says of others, in lists of names: nothing of it waits for them.

    A plan that does not go with one that is gone by now is right.
    """
    spec = plan.spec
    for index, name in enumerate(spec.available_in):
        yield Reference(f"spec.availableIn[{index}]", Ident(BusinessUnit.__name__, "", name))
    for index, name in enumerate(spec.requires):
        yield Reference(f"spec.requires[{index}]", Ident(Plan.__name__, "", name))
    for index, price in enumerate(spec.prices):
        where = f"spec.prices[{index}]"
        if price.unit:
            yield Reference(f"{where}.unit", Ident(BusinessUnit.__name__, "", price.unit))
        if price.partner:
            yield Reference(f"{where}.partner", Ident(Partner.__name__, "", price.partner))


def nobodys_resources(files: Files) -> Iterator[Check]:
    """What leads to no tenant."""
    for kind in OF_TENANTS:
        if kind is Tenant:
            continue
        for thing in files.world.of(kind):
            if tenant_of(files.world, thing) is not None:
                continue
            found = [each.name for each in files.world.of(Tenant, thing.namespace)]
            if found and kind is not Subscription:
                continue  # its Subscription is told of, or its reference
            if not found and files.names.get((Tenant.__name__, thing.namespace)):
                continue  # a Tenant that cannot be read is told of
            what = (
                f"namespace {thing.namespace} has several Tenants: {', '.join(sorted(found))}"
                if found
                else f"namespace {thing.namespace} has no Tenant"
            )
            remedy = "name one in spec.tenantRef" if found else "put one there"
            field = "spec.tenantRef" if found else "metadata.namespace"
            level = files.missing("Tenant")
            yield Check(ident(thing), field, what, remedy, level, wants=not found)
