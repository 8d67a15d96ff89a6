"""Who a customer is before the law, in the open or in a Secret, where it can be forgotten."""

from collections.abc import Iterator

from ispalier.api.parties import Profile, Tenant
from ispalier.world.documents import Unreadable, documents
from ispalier.world.findings import Finding, Json, Path
from ispalier.world.snapshot import Snapshot
from ispalier.world.validity import Schema, checked_by, schema_of


def profile_of(world: Snapshot, tenant: Tenant) -> Profile | None:
    """The profile of a tenant; None if there is none, or a Secret that cannot be read."""
    if tenant.spec.profile_secret_ref is None:
        return tenant.spec.profile
    value, wrong = _read(world, tenant)
    return None if wrong or value is None else Profile.model_validate(value)


def wrong_in_secret(world: Snapshot, tenant: Tenant) -> Iterator[str]:
    """What is wrong in the Secret of a profile; of its text nothing is told."""
    _, wrong = _read(world, tenant)
    return iter(wrong)


def _read(world: Snapshot, tenant: Tenant) -> tuple[Json, list[str]]:
    ref = tenant.spec.profile_secret_ref
    found = world.secret(tenant.namespace, ref.name, ref.key) if ref else None
    if found is None:
        return None, []
    try:
        [value] = [each.value for each in documents(found.reveal().encode())]
    except Unreadable as error:
        return None, [f"line {error.place.line} cannot be read as YAML"]
    except ValueError:
        return None, ["it is not one document of YAML"]
    schema, findings = schema_of(Tenant).properties["profile"], list[Finding]()
    value = checked_by(schema, value, (), findings)
    return value, [_told(schema, each.path) for each in findings]


def _told(schema: Schema, path: Path) -> str:
    """The field, and what belongs there."""
    if not path:
        return "it does not hold the fields of spec.profile"
    known: list[str] = []
    for part in path:
        inner = schema.properties.get(str(part))
        if inner is None:
            return f"{'.'.join(known) or 'it'} has a field that spec.profile does not have"
        schema = inner
        known.append(str(part))
    return f"{'.'.join(known)} is not as it must be ({schema.description.rstrip('.')})"
