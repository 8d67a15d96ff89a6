"""Conditions: what a status says, summed up in one place (kstatus conventions)."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeAlias

from pydantic import ValidationError

from ispalier.api.base import Resource, Status
from ispalier.api.lean import lean, replaced
from ispalier.world.errors import IspalierError, NotBegun, NotServed, Stalled
from ispalier.world.snapshot import Broken

StatusBody: TypeAlias = dict[str, Any]

_WORDS = {True: "True", False: "False", None: "Unknown"}


class Answer(NamedTuple):
    """One question about a resource and its answer; None is Unknown."""

    type: str
    true: bool | None
    reason: str
    message: str = ""


def summed(problem: IspalierError | None, *, stays: bool = False) -> tuple[Answer, ...]:
    """Ready, and Reconciling or Stalled only when true.

    Stalled means that a person must act; anything else that is not Ready heals by itself. What
    begins on a later day is Ready: all that is declared for today is there. The message says if
    what was served before `stays`.
    """
    if problem is None:
        return (Answer("Ready", true=True, reason="Ready"),)
    reason = problem.reason
    if isinstance(problem, NotServed):
        return (Answer("Ready", true=False, reason=reason, message=str(problem)),)
    message = f"{problem}; until then what is there stays as it is" if stays else str(problem)
    if isinstance(problem, NotBegun):
        return (Answer("Ready", true=True, reason=reason, message=message),)
    other = "Stalled" if isinstance(problem, Stalled) else "Reconciling"
    return (
        Answer("Ready", true=False, reason=reason, message=message),
        Answer(other, true=True, reason=reason, message=message),
    )


def status(
    resource: Resource, answers: Iterable[Answer], extra: Mapping[str, Any], now: datetime
) -> StatusBody:
    """The status as JSON; a condition that did not change keeps its transition time."""
    before = {each.type: each for each in resource.status.conditions}
    generation = resource.metadata.generation
    conditions = []
    for answer in answers:
        word = _WORDS[answer.true]
        old = before.get(answer.type)
        since = old.last_transition_time if old and old.status == word else _rfc3339(now)
        conditions.append(
            {
                "type": answer.type,
                "status": word,
                "observedGeneration": generation,
                "lastTransitionTime": since,
                "reason": answer.reason,
                "message": answer.message[:1024],
            }
        )
    shown = {name: value for name, value in extra.items() if value is not None}
    return {"observedGeneration": generation, "conditions": conditions, **shown}


def is_told(resource: Resource, body: StatusBody) -> bool:
    """Whether the resource carries this very status already."""
    there = resource.status.model_dump(mode="json", by_alias=True, exclude_none=True)
    return bool(there == body)


def with_status(resource: Resource, status: Any) -> Resource:  # noqa: ANN401 - JSON
    """The same resource with another status."""
    return replaced(resource, status=status_of(type(resource), status))


def status_of(kind: type[Resource], status: Any) -> Status:  # noqa: ANN401 - JSON
    """A status of a kind, empty if it cannot be read."""
    model = kind.model_fields["status"].annotation
    if not (isinstance(model, type) and issubclass(model, Status)):
        raise TypeError(f"{kind.__name__}.status is not a Status: derive its model from Status")
    try:
        return lean(model.model_validate(status or {}, extra="ignore"))
    except ValidationError:
        return model()


def kind_and_ready(thing: Resource | Broken) -> tuple[str, str]:
    """The kind, and what the status says of Ready: True, False, Unknown; or Unreadable."""
    if isinstance(thing, Broken):
        return thing.ident.kind, "Unreadable"
    ready = (each.status for each in thing.status.conditions if each.type == "Ready")
    return thing.kind, next(ready, "Unknown")


def why_unready(resource: Resource) -> str:
    """`Reason: message` of a status that says that it is not Ready; empty if it does not."""
    told = (each for each in resource.status.conditions if each.type == "Ready")
    return next((f"{e.reason}: {e.message}" for e in told if e.status == "False"), "")


def _rfc3339(now: datetime) -> str:
    return now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
