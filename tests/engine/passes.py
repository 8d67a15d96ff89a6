"""Passes over one tenant, with a real journal in memory and a back end in memory."""

from datetime import timedelta

import anyio

from ispalier.api.base import Resource
from ispalier.core.changes import Verb
from ispalier.core.engine import Engine, Outcome
from ispalier.core.reconcile import reconcile
from ispalier.world.snapshot import ident
from tests.builders import (
    NOW,
    login,
    plan,
    pool,
    subscription,
    tenant,
    unit,
)

PROVIDER = (unit(), plan(), pool())
SILVA = (tenant(), subscription(), login("joao"))
LINE = ("line", "joao")
HOUR = timedelta(hours=1)


def run(engine: Engine, customer: str = "10042", later: timedelta = timedelta()) -> Outcome:
    """One pass, after the provider's."""

    async def passes() -> Outcome:
        await reconcile(engine, [""], NOW + later)
        (outcome,) = await reconcile(engine, [customer], NOW + later)
        return outcome

    return anyio.run(passes)


def verbs(outcome: Outcome) -> list[Verb]:
    return [change.verb for changes in outcome.changes.values() for change in changes]


def ready(outcome: Outcome, which: Resource) -> dict[str, str]:
    body = outcome.statuses[ident(which)]
    return {each["type"]: f"{each['status']} {each['reason']}" for each in body["conditions"]}


def message(outcome: Outcome, which: Resource) -> str:
    conditions = outcome.statuses[ident(which)]["conditions"]
    (found,) = [str(each["message"]) for each in conditions if each["type"] == "Ready"]
    return found


def told(parts: Engine, outcome: Outcome) -> None:
    """Write the statuses where the engine reads them, as an API server would."""
    for which, body in outcome.statuses.items():
        there = parts.world.find(which)
        assert isinstance(there, Resource)
        meta = there.metadata.model_dump(by_alias=True)
        spec = there.model_dump(mode="json", by_alias=True, exclude_none=True)["spec"]
        parts.world.put(
            type(there).model_validate({"metadata": meta, "spec": spec, "status": body})
        )
