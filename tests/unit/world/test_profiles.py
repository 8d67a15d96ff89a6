"""A profile in a Secret is judged like one in the open, and nothing of it is told."""

import pytest

from ispalier.api.parties import Profile, Tenant
from ispalier.world.profiles import profile_of, wrong_in_secret
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Snapshot
from tests.builders import resource, snapshot

SPEC = {
    "number": "10042",
    "displayName": "customer 10042",
    "businessUnitRef": {"name": "londrina"},
    "profileSecretRef": {"name": "silva", "key": "profile"},
}
HIM = Tenant.model_validate(resource("Tenant", "silva", SPEC, "silva").model_dump(by_alias=True))
RIGHT = """\
type: Company
legalName: Silva Informática Ltda
email: joao@silva.example
address: {street: Rua Sergipe 640, city: Londrina, country: BR}
contacts:
  - {name: Maria, email: maria@silva.example, topics: [Billing]}
"""


def holding(text: str) -> Snapshot:
    world = snapshot(HIM)
    world.put_secret("silva", "silva", {"profile": Secret(text)})
    return world


def test_it_is_read_from_the_secret() -> None:
    world = holding(RIGHT)

    found = profile_of(world, HIM)

    assert list(wrong_in_secret(world, HIM)) == []
    assert isinstance(found, Profile)
    assert (found.type, found.address and found.address.city) == ("Company", "Londrina")


def test_while_the_secret_is_not_there_nothing_is_wrong() -> None:
    assert list(wrong_in_secret(snapshot(HIM), HIM)) == []
    assert profile_of(snapshot(HIM), HIM) is None


def test_contacts_stand_in_one_place() -> None:
    spec = {**SPEC, "contacts": [{"email": "maria@silva.example"}]}
    open_ = resource("Tenant", "silva", spec, "silva")
    assert isinstance(open_, Tenant)

    assert list(wrong_in_secret(holding(RIGHT), open_)) == ["contacts stand in spec.contacts, too"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("email: hunter2", "email is not as it must be (Main mail address: `joao@example.org`)"),
        ("type: hunter2", "type is not as it must be (What kind of customer it is)"),
        ("hunter2: x", "it has a field that spec.profile and spec.contacts do not have"),
        ("contacts: [{email: hunter2}]", "contacts[0].email is not as it must be (Mail address:"),
        ("contacts: [{email: a@b.example, hunter2: x}]", "contacts[0] has a field that"),
        ("contacts: [hunter2]", "contacts[0] is not as it must be"),
        ("contacts: hunter2", "contacts is not as it must be (Whom to write to)"),
        ("address: {hunter2: x, street: a, city: b, country: BR}", "address has a field that"),
        ("hunter2", "it does not hold the fields of spec.profile"),
        ("email: [hunter2", "line 1 cannot be read as YAML"),
        ("email: a@b.example\n---\nphone: hunter2", "it is not one document of YAML"),
        ("", "it is not one document of YAML"),
    ],
)
def test_what_is_wrong_is_told_without_its_text(text: str, told: str) -> None:
    [said, *_] = wrong_in_secret(holding(text), HIM)

    assert said.startswith(told)
    assert "hunter2" not in said
    assert profile_of(holding(text), HIM) is None
