"""Everything that can go wrong, by what has to happen next.

IspalierError
├── Waiting            something else must happen first; heals by itself
│   └── Handover       another customer is about to let go of it; tried again
├── Stalled            a person must act
│   ├── Invalid        what is written cannot be served
│   ├── Conflict       somebody else has it
│   ├── OverAllowance  the plan does not allow that many
│   ├── Unsafe         a brake holds it back
│   └── Refused        a system will not take it
├── Unavailable        a system does not answer; tried again
│   ├── Unanswered     it was asked, and took too long
│   └── Unasked        it was not asked, for it did not answer before
├── NotServed          nothing acts on what is declared yet
├── NotBegun           its contract begins on a later day; as it should be, and heals by itself
└── Lost               somebody else may write now: nothing more is done, and the process ends
"""


class IspalierError(Exception):
    """The root of all errors that the engine knows how to report."""

    reason = "Failed"


class Waiting(IspalierError):
    """Something else must happen first."""

    reason = "Waiting"


class Handover(Waiting):
    """Another customer is about to let go of it."""


class Stalled(IspalierError):
    """A person must act."""

    reason = "Stalled"


class Invalid(Stalled):
    """What is written cannot be served."""

    reason = "Invalid"


class Conflict(Stalled):
    """Somebody else has it."""

    reason = "Conflict"


class OverAllowance(Stalled):
    """The plan does not allow that many."""

    reason = "OverAllowance"


class Unsafe(Stalled):
    """A brake holds it back."""

    reason = "Unsafe"


class Refused(Stalled):
    """A system will not take it."""

    reason = "BackendRefused"


class Unavailable(IspalierError):
    """A system does not answer, or not as it should."""

    reason = "BackendUnavailable"


class Unanswered(Unavailable):
    """A system was asked and took too long."""


class Unasked(Unavailable):
    """A system was not asked, because it did not answer before."""


class NotServed(IspalierError):
    """Nothing acts on what is declared yet."""

    reason = "NotYetActedUpon"


class NotBegun(IspalierError):
    """Its contract begins on a later day: it is as it should be, and heals by itself."""

    reason = "NotBegun"


class Lost(IspalierError):
    """Somebody else may write now: nothing more is done, and the process ends."""

    reason = "Lost"
