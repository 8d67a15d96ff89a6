"""What may become of what: rules over a change, by the API server and by `validate`."""

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import anyio
import pytest

from hack.stack.controlplane import ControlPlane
from ispalier.api.crd import structural
from ispalier.api.kinds import KINDS
from ispalier.kube.client import ApiError
from ispalier.world.manifests import declared
from ispalier.world.transitions import broken_transitions
from tests.builders import NOW, login, plan, profile, snapshot, subscription, tenant, unit
from tests.charted import account_of
from tests.golden.api.mistakes import VALID, read
from tests.inmemory import Memory
from tests.operators import Cluster, cluster_of, operator

OLD = {"currency": "BRL", "amount": "99.90", "validFrom": "2026-01-01"}
NEW = {"currency": "BRL", "amount": "109.90", "validFrom": "2027-01-01"}
END = {"date": "2026-01-15", "reason": "Moved"}
TERMS = [{"from": "2026-01-01", "planRef": {"name": "fibra-300"}}]


async def refused(cluster: Cluster, kind: str, space: str, name: str, spec: object) -> str:
    """What the API server says of a change that it does not take."""
    with pytest.raises(ApiError) as error:
        await cluster.patch(kind, space, name, spec)  # type: ignore[arg-type]  # a part of a spec
    return str(error.value)


def test_a_price_is_added_and_never_edited_or_removed(kinds: ControlPlane) -> None:
    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            await cluster.create(plan(prices=[OLD]))
            await cluster.patch("Plan", "", "fibra-300", {"prices": [OLD, NEW]})
            later = [{**OLD, "validFromExisting": "2027-06-01"}, NEW]
            await cluster.patch("Plan", "", "fibra-300", {"prices": later})

            for prices in ([NEW], [{**OLD, "amount": "89.90"}, NEW], []):
                said = await refused(cluster, "Plan", "", "fibra-300", {"prices": prices})
                assert "prices are added, never edited or removed" in said

    anyio.run(story)


FOR_EVER = (
    ("BusinessUnit", "currency", {"currency": "EUR"}),
    ("Tenant", "number", {"number": "10043"}),
    ("Domain", "name", {"name": "other.example"}),
    ("MailDomain", "name", {"name": "other.example"}),
    ("Mailbox", "address", {"address": "other@silva.example"}),
    ("MailAlias", "address", {"address": "other@silva.example"}),
    ("Site", "hostname", {"hostname": "other.silva.example"}),
    ("FTPUser", "username", {"username": "other"}),
    ("Database", "engine", {"engine": "PostgreSQL"}),
    ("Database", "name", {"name": "other"}),
    ("Transfer", "", {"reason": "Another one."}),
)
"""Fields that never change once they are written, and how they are edited all the same."""
APART = {"Plan.spec": "prices", "Subscription": "an end"}
"""Rules over a change with a test of their own."""


@pytest.mark.parametrize(("kind", "field", "spec"), FOR_EVER)
def test_what_is_for_ever_is_not_edited_anywhere(
    kinds: ControlPlane, kind: str, field: str, spec: dict[str, str]
) -> None:
    written = read(VALID / f"{kind.lower()}.yaml")
    edited = {**written, "spec": {**written["spec"], **spec}}
    before, after = (declared(copy.deepcopy(each)).resource for each in (written, edited))
    assert before is not None
    assert after is not None

    async def story() -> str:
        async with cluster_of(kinds) as cluster:
            await cluster.create(before)
            return await refused(cluster, kind, before.namespace, before.name, spec)

    [told] = broken_transitions(snapshot(before), snapshot(after), NOW)
    assert told.field == f"spec.{field}".rstrip(".")
    assert f"{told.what}: {told.remedy}" in anyio.run(story)


def test_no_rule_over_a_change_is_left_out() -> None:
    there = {each for kind in KINDS for each in changing(structural(kind), kind.__name__)}

    assert there == {f"{kind}.spec.{field}".rstrip(".") for kind, field, _ in FOR_EVER} | {*APART}


def changing(node: Mapping[str, Any], where: str) -> Iterator[str]:
    """Places of rules that compare with what was there."""
    if any("oldSelf" in each["rule"] for each in node.get("x-kubernetes-validations", ())):
        yield where
    for name, each in node.get("properties", {}).items():
        yield from changing(each, f"{where}.{name}")
    if "items" in node:
        yield from changing(node["items"], f"{where}[]")


def test_a_contract_that_has_ended_never_comes_back(kinds: ControlPlane, tmp_path: Path) -> None:
    async def story() -> None:
        async with cluster_of(kinds) as cluster, operator(account_of(kinds), tmp_path, Memory()):
            await cluster.secret("silva", "passwords", login="wireless")
            ended = subscription(terms=TERMS, end=END)
            await cluster.create(unit(), profile(), plan(), tenant(), ended, login("joao"))
            await cluster.all_ready()
            status = (await cluster.get("Subscription", "silva", "home"))["status"]
            assert status["state"] == "Ended"

            for spec in ({"end": None}, {"end": {**END, "date": "2030-01-01"}}):
                said = await refused(cluster, "Subscription", "silva", "home", spec)
                assert "a contract that has ended never comes back" in said
            await cluster.patch("Subscription", "silva", "home", {"notes": "Was a good customer."})

    anyio.run(story)
