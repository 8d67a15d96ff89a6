"""CEL rules of the schemas, evaluated offline as the API server evaluates them.

Rules over a change (`oldSelf`) need the object as it was: see `transitions`.
"""

import ipaddress
import marshal
import re
from collections.abc import Callable, Mapping
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import Any, NamedTuple

from ispalier.world.findings import Json

MOST_KNOWN = 4096
"""Values of which a rule remembers whether it holds."""
_NAMED = re.compile(r"has\(self\.(\w+)\)|\bself\.(\w+)|\bself\b")


class Sees(NamedTuple):
    """What a rule can see of a value: whether fields are there, and what some of them hold."""

    there: tuple[str, ...]
    held: tuple[str, ...]
    whole: bool

    @classmethod
    def by(cls, text: str) -> "Sees":
        """Read off the text of a rule; `self` by itself means everything."""
        found = [(each[1], each[2]) for each in _NAMED.finditer(text)]
        there = {name for name, _ in found if name}
        held = {name for _, name in found if name}
        return cls(tuple(sorted(there - held)), tuple(sorted(held)), (None, None) in found)

    def of(self, value: Json) -> bytes:
        """The same for values that the rule cannot tell apart."""
        if self.whole or not isinstance(value, dict):
            return marshal.dumps(value, 2)
        there = [name in value for name in self.there]
        return marshal.dumps((there, [(name in value, value.get(name)) for name in self.held]), 2)


class Rule(NamedTuple):
    """A rule and what to say when it is broken."""

    text: str
    message: str
    functions: Mapping[str, Callable[[str], object]]
    sees: Sees
    known: dict[bytes, bool]
    """What was found before, by what the rule sees of a value."""

    @property
    def program(self) -> Any:  # noqa: ANN401 - the evaluator's own
        """The rule as it is evaluated."""
        return _program(self.text)

    def holds(self, value: Json, before: Json = None) -> bool:
        """Whether the rule holds; one that cannot be evaluated is broken, as on the API server."""
        if before is not None:
            return self._holds(value, before)
        seen = self.sees.of(value)
        found = self.known.get(seen)
        if found is None:
            if len(self.known) >= MOST_KNOWN:
                self.known.clear()
            found = self.known[seen] = self._holds(value)
        return found

    def _holds(self, value: Json, before: Json = None) -> bool:
        values = {"self": value} if before is None else {"self": value, "oldSelf": before}
        try:
            context = _evaluator().Context(values, self.functions)
            return self.program.execute(context) is True
        except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError):
            return False


@cache
def compiled(text: str, message: str) -> Rule | None:
    """The rule, or None if it is about a change."""
    if "oldSelf" in text:
        return None
    needed = {name: each for name, each in _FUNCTIONS.items() if f"{name}(" in text}
    return Rule(text, message, needed, Sees.by(text), {})


@cache
def of_a_change(text: str, message: str) -> Rule:
    """A rule over a change."""
    return Rule(text, message, {}, Sees.by(text), {})


@cache
def _program(text: str) -> Any:  # noqa: ANN401 - the evaluator's own
    """Most rules are about fields that few use, so one is compiled when it is first asked."""
    return _evaluator().compile(text)


@cache
def _evaluator() -> Any:  # noqa: ANN401 - an extension module
    """The evaluator alone: its package would also load a command line, which takes a while."""
    package = find_spec("cel")
    spec = PathFinder.find_spec("cel.cel", package.submodule_search_locations if package else [])
    if spec is None or spec.loader is None:
        message = "the package common-expression-language is not installed"
        raise ImportError(message)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def is_ip(text: str) -> bool:
    """Kubernetes' `isIP`: no zone, no IPv4 address in IPv6 clothes."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text and getattr(address, "ipv4_mapped", None) is None


def is_cidr(text: str) -> bool:
    """Kubernetes' `isCIDR`: an IP address and a prefix length; host bits may be set."""
    address, slash, length = text.partition("/")
    if not slash or not is_ip(address) or not _LENGTH.fullmatch(length):
        return False
    return int(length) <= ipaddress.ip_address(address).max_prefixlen


def _cidr(text: str) -> str:
    """Kubernetes' `cidr`: here a text in its one spelling."""
    return str(ipaddress.ip_interface(text))


def _masked(cidr: str) -> str:
    return str(ipaddress.ip_interface(cidr).network)


def _ip(text: str) -> str:
    return str(ipaddress.ip_interface(text).ip)


def _family(address: str) -> int:
    return ipaddress.ip_address(address).version


_LENGTH = re.compile(r"0|[1-9][0-9]{0,2}", re.ASCII)
_FUNCTIONS: dict[str, Callable[[str], object]] = {
    "isIP": is_ip,
    "isCIDR": is_cidr,
    "cidr": _cidr,
    "masked": _masked,
    "ip": _ip,
    "family": _family,
}
