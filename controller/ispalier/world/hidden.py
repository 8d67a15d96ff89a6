"""Hidden: names of confidential domains, and texts that are told without them (S2-21)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

INSTEAD = "(confidential)"


@dataclass(slots=True)
class Hidden:
    """Names that logs and previews do not tell, nor anything below them.

    A name is never forgotten while the process lives: what is gone is told of, too.
    """

    _names: set[str] = field(default_factory=set)
    _pattern: re.Pattern[str] | None = None

    def add(self, *names: str) -> None:
        """Hide these domains from now on: `silva.example`."""
        if not self._names.issuperset(names):
            self._names.update(names)
            every = "|".join(map(re.escape, sorted(self._names, key=len, reverse=True)))
            begin, end = r"(?<![\w-])(?:[\w*-]+\.)*", r"(?![\w-]|\.\w)\.?"
            self._pattern = re.compile(f"{begin}(?:{every}){end}", re.IGNORECASE)

    def text(self, text: str) -> str:
        """The same text without them: `zone (confidential)`, `ann@(confidential)`."""
        return self._pattern.sub(INSTEAD, text) if self._pattern else text

    def value(self, value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
        """The same value without them, whatever it is made of."""
        if self._pattern is None:
            return value
        match value:
            case str():
                return self.text(value)
            case Mapping():
                return {self.value(name): self.value(each) for name, each in value.items()}
            case Sequence():
                return [self.value(each) for each in value]
            case _:
                return value
