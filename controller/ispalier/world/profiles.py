"""Who a customer is and whom to write to, in the open or in a Secret, where it can be forgotten."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

from ispalier.api.parties import Profile, Tenant
from ispalier.world.documents import Unreadable, documents
from ispalier.world.findings import Finding, Json, Path, shown
from ispalier.world.snapshot import Snapshot
from ispalier.world.validity import Schema, checked_by, schema_of

_CONTACTS = "contacts"


def profile_of(world: Snapshot, tenant: Tenant) -> Profile | None:
    """The profile of a tenant; None if there is none, or a Secret that cannot be read."""
    if tenant.spec.profile_secret_ref is None:
        return tenant.spec.profile
    value, wrong = _read(world, tenant)
    fields = {name: each for name, each in value.items() if name != _CONTACTS}
    return None if wrong or not value else Profile.model_validate(fields)


def wrong_in_secret(world: Snapshot, tenant: Tenant) -> Iterator[str]:
    """What is wrong in the Secret of a profile; of its text nothing is told."""
    _, wrong = _read(world, tenant)
    return iter(wrong)


def _read(world: Snapshot, tenant: Tenant) -> tuple[Mapping[str, Json], list[str]]:
    """What a Secret says, and what is wrong with it."""
    ref = tenant.spec.profile_secret_ref
    found = world.secret(tenant.namespace, ref.name, ref.key) if ref else None
    if found is None:
        return {}, []
    try:
        [value] = [each.value for each in documents(found.reveal().encode())]
    except Unreadable as error:
        return {}, [f"line {error.place.line} cannot be read as YAML"]
    except ValueError:
        return {}, ["it is not one document of YAML"]
    findings: list[Finding] = []
    made = checked_by(_sealed(), value, (), findings)
    wrong = [_told(each.path) for each in findings]
    if not isinstance(made, dict):
        return {}, wrong
    if made.get(_CONTACTS) and tenant.spec.contacts:
        wrong.append("contacts stand in spec.contacts, too")
    return made, wrong


@cache
def _sealed() -> Schema:
    """What may stand in the Secret."""
    fields = schema_of(Tenant).properties
    profile = fields["profile"]
    known = {**profile.properties, _CONTACTS: fields[_CONTACTS]}
    return replace(profile, properties=known)


def _told(path: Path) -> str:
    """The field, and what belongs there."""
    if not path:
        return "it does not hold the fields of spec.profile"
    schema = _sealed()
    for length, part in enumerate(path):
        inner = schema.items if isinstance(part, int) else schema.properties.get(part)
        if inner is None:
            where = shown(path[:length]) or "it"
            return f"{where} has a field that spec.profile and spec.contacts do not have"
        schema = inner
    about = schema.description.rstrip(".") or "an entry"
    return f"{shown(path)} is not as it must be ({about})"
