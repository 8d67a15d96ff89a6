"""What a CRD can show of the Kubernetes API conventions (kube-api-linter's rules, ported)."""

import json
import re
from typing import Any

import pytest

from ispalier.api.base import GROUP, Resource
from ispalier.api.crd import crd, structural
from tests.unit.api.schemas import EVERY_KIND, EXPLAINED, SPECS, STATUSES, Node

EVERY = [*SPECS, *STATUSES]
LEAVES = [node for node in SPECS if node.schema["type"] not in ("object", "array")]
ABBREVIATIONS = ("Url", "Ip", "Dns", "Mac", "Ftp", "Lan", "Sql", "Ssh", "Uri", "Api")


def named(node: Node) -> bool:
    return not node.path.endswith("[]")


def shown(found: list[Node]) -> list[str]:
    return [str(node) for node in found]


def test_every_field_has_one_type() -> None:
    types = {"string", "integer", "boolean", "object", "array"}

    assert shown([node for node in EVERY if node.schema.get("type") not in types]) == []


def test_every_text_is_bounded() -> None:
    texts = [node for node in EVERY if node.schema["type"] == "string"]

    assert shown([n for n in texts if "maxLength" not in n.schema and "enum" not in n.schema]) == []


def test_every_number_is_bounded_above_and_below() -> None:
    numbers = [node for node in SPECS if node.schema["type"] == "integer"]

    assert shown([n for n in numbers if not {"minimum", "maximum"} <= n.schema.keys()]) == []


def test_every_list_is_bounded_and_says_how_it_is_merged() -> None:
    lists = [node for node in EVERY if node.schema["type"] == "array"]

    assert shown([n for n in lists if "maxItems" not in n.schema]) == []
    assert shown([n for n in lists if "x-kubernetes-list-type" not in n.schema]) == []


def test_keys_of_lists_are_required_or_have_a_default() -> None:
    wrong = [
        f"{node}[].{key}"
        for node in EVERY
        for key in node.schema.get("x-kubernetes-list-map-keys", ())
        for entry in [node.schema["items"]]
        if key not in entry["required"] and "default" not in entry["properties"][key]
    ]

    assert wrong == []


def test_a_field_is_required_or_has_a_default_never_both() -> None:
    assert shown([n for n in SPECS if named(n) and n.required and "default" in n.schema]) == []


def test_there_are_no_maps_and_nothing_is_nullable_or_left_open() -> None:
    forbidden = {"additionalProperties", "nullable", "x-kubernetes-preserve-unknown-fields"}

    assert shown([node for node in EVERY if forbidden & node.schema.keys()]) == []


def test_words_to_choose_from_are_in_pascal_case() -> None:
    wrong = [
        f"{node}: {word}"
        for node in SPECS
        for word in node.schema.get("enum", ())
        if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", word)
    ]

    assert wrong == []


def test_names_are_in_camel_case_with_abbreviations_in_capitals() -> None:
    names = [(node, node.path.rpartition(".")[2]) for node in SPECS if named(node)]

    assert [str(node) for node, name in names if not re.fullmatch(r"[a-z][A-Za-z0-9]*", name)] == []
    assert [str(node) for node, name in names for each in ABBREVIATIONS if each in name] == []


@pytest.mark.parametrize(
    "called",
    [
        *("amount|price", "percent.*", "currency", "country", r"\w+MiB"),
        r"since|until|date|validFrom\w*|\w+Date|(sold|activate|registered)On|ledgerStart",
        *("enabled", "managementPolicy", "retentionDays", "notes", "freeze"),
        *("subscriptionRef", r"\w*[sS]ecretRef", "password"),
    ],
)
def test_what_is_the_same_has_the_same_shape_in_every_kind(called: str) -> None:
    some = [n for n in SPECS if re.fullmatch(called, n.path.rpartition(".")[2]) and named(n)]

    assert len(some) > 1
    assert len({json.dumps(_shape(node.schema), sort_keys=True) for node in some}) == 1, shown(some)


def _shape(schema: dict[str, Any]) -> dict[str, Any]:
    apart = ("description", "default", "x-kubernetes-validations")
    return {key: each for key, each in schema.items() if key not in apart}


def test_entries_of_lists_of_mappings_need_something() -> None:
    entries = [n for n in EVERY if not named(n) and n.schema["type"] == "object"]

    assert shown([node for node in entries if not node.schema.get("required")]) == []


def test_no_instant_and_no_duration_is_a_field_of_a_spec() -> None:
    words = re.compile(r"(?i)timestamp|duration|timeout|interval")

    assert shown([node for node in SPECS if words.search(node.path.rpartition(".")[2])]) == []


def test_a_text_that_must_be_there_is_never_empty() -> None:
    texts = [
        n for n in SPECS if n.schema["type"] == "string" and n.required and "enum" not in n.schema
    ]
    takes_nothing = [n for n in texts if re.search(n.schema.get("pattern", ""), "")]

    assert shown([node for node in takes_nothing if not node.schema.get("minLength")]) == []


def test_references_are_called_so() -> None:
    refs = [node for node in SPECS if node.schema.get("properties", {}).keys() == {"name"}]
    secrets = [n for n in SPECS if n.schema.get("properties", {}).keys() == {"name", "key"}]

    assert shown([n for n in (*refs, *secrets) if not re.search(r"Refs?(\[\])?$", n.path)]) == []


def test_every_field_is_described_in_sentences() -> None:
    described = [node for node in EVERY if named(node)]

    assert shown([node for node in described if "description" not in node.schema]) == []
    assert shown([n for n in described if not n.schema.get("description", "").endswith(".")]) == []


def test_texts_that_must_match_a_pattern_show_an_example() -> None:
    texts = [node for node in LEAVES if named(node) and "pattern" in node.schema]

    assert shown([n for n in texts if not re.search(r"[`\"]", n.schema["description"])]) == []


def test_numbers_show_what_one_could_write() -> None:
    numbers = [node for node in EXPLAINED if node.schema["type"] == "integer"]
    shows = re.compile(r"[`:] ?`?[0-9]|such as [0-9]|Default: |[0-9]+ means")

    assert shown([node for node in numbers if not shows.search(node.schema["description"])]) == []


def test_a_default_is_told_where_kubectl_shows_none() -> None:
    with_one = [node for node in EXPLAINED if node.schema.get("default", "") != ""]
    plain = [node for node in with_one if node.schema["type"] != "object"]

    assert len(plain) > 80
    assert shown([n for n in plain if " Default: " not in n.schema["description"]]) == []


@pytest.mark.parametrize("kind", EVERY_KIND, ids=lambda kind: kind.__name__)
def test_a_kind_has_a_status_with_conditions_and_says_that_a_fresh_one_is_not_current(
    kind: type[Resource],
) -> None:
    version = crd(kind)["spec"]["versions"][0]
    status = structural(kind)["properties"]["status"]

    assert version["subresources"] == {"status": {}}
    assert next(iter(status["properties"])) == "conditions"
    assert status["default"] == {"observedGeneration": -1}
    assert "phase" not in status["properties"]


def test_short_names_and_plurals_are_used_once() -> None:
    words = [
        word
        for kind in EVERY_KIND
        for word in (kind.plural, kind.__name__.lower(), *kind.short_names)
    ]

    assert sorted(words) == sorted(set(words))
    assert {crd(kind)["metadata"]["name"] for kind in EVERY_KIND} == {
        f"{kind.plural}.{GROUP}" for kind in EVERY_KIND
    }


@pytest.mark.parametrize("kind", EVERY_KIND, ids=lambda kind: kind.__name__)
def test_columns_and_selectable_fields_are_there(kind: type[Resource]) -> None:
    paths = {node.path for node in EVERY if node.kind == kind.__name__}
    named_paths = [each.path for each in kind.columns] + list(kind.selectable)
    plain = [re.sub(r"\[[^]]*\]", "[]", each).lstrip(".") for each in named_paths]

    assert [each for each in plain if each not in paths] == []
