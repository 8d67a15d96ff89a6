"""Effective: whether all that a resource declares has an effect, and whether it is managed."""

from collections.abc import Iterator

from ispalier.api.base import Resource
from ispalier.core.conditions import Answer
from ispalier.world.errors import NotServed
from ispalier.world.inert import inert


def told_of_effect(resource: Resource) -> Iterator[Answer]:
    """The conditions Effective and Managed, only while they are false."""
    found = inert(resource)
    if found:
        message = f"nothing acts on these yet: {', '.join(str(each) for each in found)}"
        yield Answer("Effective", true=False, reason=NotServed.reason, message=message)
    if is_observed(resource):
        message = "nothing is written for it, and what is there is left alone"
        yield Answer("Managed", true=False, reason="Observe", message=message)


def is_observed(resource: Resource) -> bool:
    """Whether nothing is to be written for it."""
    return getattr(getattr(resource, "spec", None), "management_policy", "Manage") == "Observe"
