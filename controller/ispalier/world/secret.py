"""Values that never show: they compare and hash, but print as `***`."""

from dataclasses import dataclass


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
