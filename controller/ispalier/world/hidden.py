"""Hidden: names of confidential domains, and texts that are told without them (S2-21)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

INSTEAD = "(confidential)"


@dataclass(slots=True)
class Hidden:
    """Names that logs and previews do not tell, nor anything below them.

    Whoever holds a name hides it, and it is never forgotten while the process lives: what is gone
    is told of, too. Who asks for it is believed until it is known who holds it.
    """

    _names: set[str] = field(default_factory=set)
    _asked: set[str] = field(default_factory=set)
    _refused: set[str] = field(default_factory=set)
    _pattern: re.Pattern[str] | None = None

    def add(self, *names: str) -> None:
        """Hide these domains from now on: `silva.example`."""
        if not self._names.issuperset(names):
            self._names.update(names)
            self._make()

    def ask(self, name: str) -> None:
        """Hide a domain that somebody declares, unless it is known that he does not hold it."""
        if name not in self._names | self._asked | self._refused:
            self._asked.add(name)
            self._make()

    def refuse(self, name: str) -> None:
        """Tell a domain again, or whatever lies in it, that he who asked for it does not hold."""
        self._refused.add(name)
        if name in self._asked:
            self._asked.remove(name)
            self._make()

    def _make(self) -> None:
        names = sorted(self._names | self._asked, key=len, reverse=True)
        every = "|".join(map(re.escape, names))
        begin, end = r"(?<![\w-])(?:[\w*-]+\.)*", r"(?![\w-]|\.\w)\.?"
        pattern = f"{begin}(?:{every}){end}"
        self._pattern = re.compile(pattern, re.IGNORECASE) if names else None

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
