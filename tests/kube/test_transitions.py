"""What may become of what: rules over a change, which only an API server can judge."""

from pathlib import Path

import anyio
import pytest

from hack.stack.controlplane import ControlPlane
from ispalier.kube.client import ApiError
from tests.builders import login, plan, profile, subscription, tenant, unit
from tests.charted import account_of
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


@pytest.mark.parametrize(
    ("kind", "space", "name", "spec"),
    [
        ("Tenant", "silva", "silva", {"number": "10043"}),
        ("BusinessUnit", "", "londrina", {"currency": "EUR"}),
    ],
)
def test_what_is_for_ever_is_not_edited(
    kinds: ControlPlane, kind: str, space: str, name: str, spec: dict[str, str]
) -> None:
    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            await cluster.create(unit(), tenant())

            assert "is immutable" in await refused(cluster, kind, space, name, spec)

    anyio.run(story)


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
