"""Values are described where they stand; schema and table come from there."""

from pathlib import Path

import pytest

from hack.charts.pages import generated
from hack.charts.values import ValuesError, closed, read


def values(folder: Path, text: str) -> Path:
    (folder / "values.yaml").write_text(text)
    return folder / "values.yaml"


def test_a_default_tells_the_type_and_a_note_adds_what_it_does_not(tmp_path: Path) -> None:
    file = values(tmp_path, "# How many.\n# @schema {minimum: 1}\nreplicas: 2\n")

    expected = {"description": "How many.", "type": "integer", "minimum": 1}
    assert expected == closed(read(file))["properties"]["replicas"]


def test_unknown_keys_are_refused_at_every_level(tmp_path: Path) -> None:
    file = values(tmp_path, "# The image.\nimage:\n  # Which.\n  tag: v1\n")

    schema = closed(read(file))
    assert schema["additionalProperties"] is False
    assert schema["properties"]["image"]["additionalProperties"] is False


def test_free_keys_are_one_value(tmp_path: Path) -> None:
    note = "# @schema {additionalProperties: {type: string}}"
    file = values(tmp_path, f"# Labels.\n{note}\nlabels: {{a: b}}\n")

    (labels,) = read(file)
    assert [labels] == list(labels.leaves())
    assert labels.schema()["additionalProperties"] == {"type": "string"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("# The image.\nimage:\n  tag: v1\n", "image.tag: has no comment"),
        ("# When.\nsince: null\n", "since: null tells no type"),
        ("# Whom.\nnames: []\n", "names: what is in the list"),
        ("# Labels.\nlabels: {}\n", "labels: which keys does it take"),
        ("# A day.\nday: 2026-11-26\n", "put quotes around it"),
        ("# How many.\n# @schema 3\nreplicas: 2\n", "replicas: @schema wants a mapping"),
    ],
)
def test_what_is_not_told_is_asked_for(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ValuesError, match=told):
        read(values(tmp_path, text))


def test_a_page_without_a_place_for_its_values_is_told(tmp_path: Path) -> None:
    values(tmp_path, "# How many.\nreplicas: 2\n")
    (tmp_path / "README.md").write_text("# A chart\n")

    with pytest.raises(ValuesError, match="has no place for a table"):
        generated(tmp_path)
