"""Impact: what a customer feels when something of theirs is changed."""

from enum import IntEnum


class Impact(IntEnum):
    """From nothing to the worst; what is as bad as INTERRUPT or worse is dangerous."""

    NONE = 0
    """Nothing was served, or nothing is written but a mark."""
    REFRESH = 1
    """The service goes on, with other values or again."""
    INTERRUPT = 2
    """The service stops, or a session must begin anew, perhaps with other data at the customer's."""
    DEGRADE = 3
    """The service goes on with less than before."""
    LOSS = 4
    """What the service held is gone."""

    def __str__(self) -> str:
        """As people read it: `Interrupt`."""
        return self.name.capitalize()
