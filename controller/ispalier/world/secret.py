"""Values that never show: they compare and hash, but print as `***`."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A secret text; `reveal()` is the only way to read it."""

    _text: str

    def reveal(self) -> str:
        """The text itself: only where it is handed to the system that needs it."""
        return self._text

    def __repr__(self) -> str:
        """Nothing of the text."""
        return "***"


class MadeFor(NamedTuple):
    """The resource for which the value of a Secret was made, in the namespace of the Secret."""

    customer: str
    kind: str
    name: str

    def __str__(self) -> str:
        """As it stands on the Secret."""
        return "/".join(self)
