"""Values that break one bound of a field and, where the others leave room for that, nothing else."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from ipaddress import ip_address, ip_network
from typing import Any, TypeAlias

Node: TypeAlias = dict[str, Any]

NO_TEXT = "§\n§"
"""What no pattern takes."""
NO_DAY = "0999-12-31"
"""A day of no calendar that we keep."""
BY_RULE = {
    "is not an IP address": "10.0.0.300",
    "is not a network": "10.0.0.1/8",
    "is the Secret of the installation's own id and key": "ispalier-installation",
}
"""Texts that break the rules that single texts have, by what is said of them."""
_PIECES = ("a", "1", "A", "a.", "a-", "/a", " a", ".a")


def too_long(node: Node, right: str) -> str:
    """A text with too many characters: the right one grown, if its pattern takes one like that."""
    most = int(node["maxLength"])
    grown = (
        right[:at] + piece * ((most - len(right)) // len(piece) + 1) + right[at:]
        for piece in _PIECES
        for at in range(len(right) + 1)
    )
    return next((each for each in grown if _fits(node, each)), "a" * (most + 1))


def broken_rules(node: Node) -> Iterator[str]:
    """A text for each rule of its own."""
    for each in node.get("x-kubernetes-validations", ()):
        if "oldSelf" not in each["rule"]:
            yield BY_RULE[each["message"].partition(": ")[0]]


def several(node: Node, first: object, count: int) -> list[object]:
    """So many entries that are right: as different from each other as the list wants them."""
    keys = node.get("x-kubernetes-list-map-keys", ())
    items = node["items"]
    match node["x-kubernetes-list-type"], first:
        case "set", str():
            return [_other(items, first, index) for index in range(count)]
        case "map", dict():
            fields = items["properties"]
            return [
                first
                | {key: _other(fields[key], str(first[key]), index) for key in keys & first.keys()}
                for index in range(count)
            ]
        case _:
            return [first] * count


def _other(node: Node, right: str, index: int) -> str:
    """Another right text for each index, if there are so many; for the first one itself."""
    if "enum" in node:
        words = [right, *(each for each in node["enum"] if each != right)]
        return str(words[index % len(words)])
    if node.get("format") == "date":
        return str(date.fromisoformat(right) + timedelta(days=index))
    rules = [each["message"] for each in node.get("x-kubernetes-validations", ())]
    if any(each.startswith("is not an IP address") for each in rules):
        return str(ip_address(right) + index)
    if any(each.startswith("is not a network") for each in rules):
        network = ip_network(right)
        return f"{network.network_address + index * network.num_addresses}/{network.prefixlen}"
    other = (f"{right}{index}", f"a{index}{right}", f"a{index}.{right}", f"{right[:-2]}{index:02}")
    fitting = (each for each in other if _fits(node, each) and len(each) <= node["maxLength"])
    return next(fitting, right) if index else right


def _fits(node: Node, text: str) -> bool:
    return re.search(node.get("pattern", ""), text, re.ASCII) is not None
