"""Conditions that statuses tell, with what each means: for the reference pages."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from ispalier.api.base import Resource


class Told(NamedTuple):
    """A condition: its type, and what it means."""

    type: str
    means: str


EVERYWHERE = (
    Told(
        "Ready",
        "Sums up: the systems hold all that is declared for today. Reason NotBegun while its contract"
        " begins on a later day; False with reason NotYetActedUpon where nothing acts on it yet.",
    ),
    Told(
        "Reconciling", "Only while true: it is not Ready and heals by itself; the message says how."
    ),
    Told("Stalled", "Only while true: a person must act; the message says what is to be done."),
    Told("Effective", "Only while false: fields that nothing acts on yet, by their names."),
)
OF_ACTS = (
    Told("Ready", "Whether it was carried out."),
    Told("Stalled", "Only while true: it never will be; the message says why."),
)
MANAGED = Told("Managed", "Only while false: managementPolicy is Observe, so nothing is written.")
ANSWERS = Told("Probed", "Whether the service, asked like a customer would, answers as declared.")
SUSPENDED = Told("Suspended", "Only while true: by which suspensions and holds it is refused.")
ROLLED_OUT = Told(
    "RolledOut",
    "Whether its last edit is in the back ends, for all who depend on it; else who waits. Reason"
    " NotInPlace while only the provider's own part of it is not there: Ready says why.",
)
RESTRICTED = Told("Restricted", "Only while true: by which holds it is cut back, and how.")
TERMS_SOLD = Told(
    "TermsSold",
    "Only while false: a term of a later day has a plan that is not sold there, or no price.",
)
BY_ROOM = (
    Told(
        "DNS, IPAM, Mail, RADIUS",
        "One for each system that serves a part of it: whether all is there.",
    ),
    Told("DNSProbed, MailProbed, RADIUSProbed", "Whether those services answer as declared."),
)


def conditions(kind: type["Resource"]) -> Iterator[Told]:
    """All that the status of a kind may tell."""
    yield from kind.common
    spec = kind.model_fields["spec"].annotation
    if "management_policy" in getattr(spec, "model_fields", {}):
        yield MANAGED
    if kind.namespaced and kind.common is EVERYWHERE:
        yield SUSPENDED
    yield from kind.told
