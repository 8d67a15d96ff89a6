"""The generated schemas, evaluated here: hints instead of patterns, rules as Kubernetes has them."""

from collections.abc import Iterator
from typing import Any

import pytest

from ispalier.api.crd import structural
from ispalier.api.kinds import KINDS
from ispalier.world.findings import parsed, shown
from ispalier.world.hints import hint
from ispalier.world.rules import compiled, is_cidr, is_ip


def nodes(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for each in schema.get("properties", {}).values():
        yield from nodes(each)
    if "items" in schema:
        yield from nodes(schema["items"])


PATTERNS = sorted(
    {
        (each["pattern"], each.get("description", ""))
        for kind in KINDS
        for each in nodes(structural(kind)["properties"]["spec"])
        if "pattern" in each
    }
)


@pytest.mark.parametrize(("pattern", "description"), PATTERNS)
def test_nobody_has_to_read_a_pattern(pattern: str, description: str) -> None:
    assert "^" not in hint(pattern, description)


RULES = sorted(
    {
        each["rule"]
        for kind in KINDS
        for node in nodes(structural(kind)["properties"]["spec"])
        for each in node.get("x-kubernetes-validations", ())
    }
)


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_about_a_change_or_can_be_evaluated(rule: str) -> None:
    made = compiled(rule, "")

    assert (made is None) == ("oldSelf" in rule)


def test_a_rule_that_cannot_be_evaluated_is_broken() -> None:
    made = compiled("self.missing == 1", "")

    assert made is not None
    assert not made.holds({})


@pytest.mark.parametrize("text", ["10.0.0.1", "::", "2001:DB8::1", "fe80::1"])
def test_these_are_ip_addresses(text: str) -> None:
    assert is_ip(text)


@pytest.mark.parametrize(
    "text",
    ["", "10.0.0", "010.0.0.1", "10.0.0.1 ", "fe80::1%eth0", "::ffff:10.0.0.1", "10.0.0.0/8"],
)
def test_these_are_no_ip_addresses(text: str) -> None:
    assert not is_ip(text)


@pytest.mark.parametrize("text", ["10.0.0.0/8", "10.0.0.1/8", "0.0.0.0/0", "2001:db8::/128"])
def test_these_are_networks(text: str) -> None:
    assert is_cidr(text)


@pytest.mark.parametrize(
    "text", ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/-1", "2001:db8::/129", "/8", "x/8"]
)
def test_these_are_no_networks(text: str) -> None:
    assert not is_cidr(text)


def test_a_network_has_no_host_bits() -> None:
    made = compiled("isCIDR(self) && cidr(self).masked() == cidr(self)", "")

    assert made is not None
    assert made.holds("2001:DB8::/32")
    assert not made.holds("10.0.0.1/8")


@pytest.mark.parametrize("field", ["spec", "spec.terms[0].planRef.name", "spec.values[12]"])
def test_a_field_is_read_as_it_is_shown(field: str) -> None:
    assert shown(parsed(field)) == field
