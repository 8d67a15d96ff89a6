"""What is declared and has no effect yet is told."""

import pytest

from ispalier.api.base import Resource
from ispalier.world.inert import inert
from tests.builders import login, plan, resource, subscription, tenant

DISCOUNT = {"reason": "nfr", "percent": "50", "since": "2026-12-01"}
SILVA = {
    "number": "10042",
    "displayName": "Silva",
    "businessUnitRef": {"name": "londrina"},
    "contacts": [
        {"email": "ana@example.org"},
        {"email": "rui@example.org", "topics": ["Billing"]},
    ],
}
SITE = {"subscriptionRef": {"name": "home"}, "hostname": "www.silva.example"}


@pytest.mark.parametrize("each", [login("joao"), plan(), subscription(), tenant()])
def test_what_has_an_effect_is_not_told(each: Resource) -> None:
    assert inert(each) == ()


@pytest.mark.parametrize(
    ("each", "fields"),
    [
        (subscription(discounts=[DISCOUNT]), ["spec.discounts"]),
        (login("joao", macPolicy="LearnFirst"), ["spec.macPolicy"]),
        (login("joao", macPolicy="Off"), []),
        (plan(includes={"sites": 1, "trafficGiB": 500}), ["spec.includes.trafficGiB"]),
        (
            subscription(
                terms=[
                    {"from": "2026-11-01", "planRef": {"name": "a"}},
                    {"from": "2026-12-01", "planRef": {"name": "b"}, "trialDays": 10},
                ]
            ),
            ["spec.terms[1].trialDays"],
        ),
        (resource("Tenant", "silva", SILVA, "silva"), ["spec.contacts"]),
        (resource("Site", "www", SITE, "silva"), ["spec"]),
    ],
)
def test_what_is_set_and_has_none_is_told_by_its_path(each: Resource, fields: list[str]) -> None:
    assert [one.field for one in inert(each)] == fields


def test_it_says_why() -> None:
    (found,) = inert(subscription(discounts=[DISCOUNT]))

    assert str(found) == "spec.discounts (charges do not know it yet)"
