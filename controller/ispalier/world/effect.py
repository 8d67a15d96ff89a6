"""What a hold does to what it is put on."""

from enum import StrEnum


class Effect(StrEnum):
    """The later, the more it takes away."""

    NO_SUBMISSION = "NoSubmission"
    THROTTLE = "Throttle"
    WALLED_GARDEN = "WalledGarden"
    REFUSE = "Refuse"


ACTS_ON = {
    "Login": frozenset({Effect.THROTTLE, Effect.WALLED_GARDEN, Effect.REFUSE}),
    "Mailbox": frozenset({Effect.NO_SUBMISSION, Effect.REFUSE}),
    "Subscription": frozenset(Effect),
    "Tenant": frozenset(Effect),
}
"""Kinds that can be held, and by what; a contract or customer means all of its services."""
