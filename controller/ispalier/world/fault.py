"""A rule that is broken, in the words of `validate` and of conditions."""

from typing import NamedTuple


class Fault(NamedTuple):
    """A rule that is broken: the field, what is wrong, what to do."""

    field: str
    what: str
    remedy: str
    wants: bool = False
    """Whether one more resource would make it right."""

    def __str__(self) -> str:
        """One line."""
        return f"{self.field}: {self.what}: {self.remedy}"
