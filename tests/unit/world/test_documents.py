"""YAML is read as the API server reads it, and nothing in it can bring the reader down."""

import pytest

from ispalier.world.documents import Unreadable, documents, paths_of, place_of

DEEP = 200_000


def values(text: str) -> list[object]:
    return [each.value for each in documents(text.encode())]


def test_a_file_holds_several_documents_and_empty_ones_do_not_count() -> None:
    assert values("a: 1\n---\n---\n# nothing\n---\nb: 2\n") == [{"a": 1}, {"b": 2}]


def test_a_key_is_text_whatever_it_looks_like() -> None:
    assert values("on: 1\n5: 2\n1.5: 3\n") == [{"true": 1, "5": 2, "1.5": 3}]


def test_a_merge_takes_the_fields_of_another_mapping() -> None:
    assert values("a: &a {x: 1, z: 2}\nb: {<<: *a, z: 3}\n") == [
        {"a": {"x": 1, "z": 2}, "b": {"x": 1, "z": 3}}
    ]


def test_of_several_merged_mappings_the_first_wins() -> None:
    assert values("c: {<<: [{x: 1}, {x: 5, z: 2}]}\n") == [{"c": {"x": 1, "z": 2}}]


def test_tags_say_what_a_scalar_is() -> None:
    assert values('[!!str 5, !!int "0x10", !!bool "yes", !!float ".5", !!null "", !own b]') == [
        ["5", 16, True, 0.5, None, "b"]
    ]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: 1\nb: [1\n", 2, "is not YAML: did not find expected ',' or ']'"),
        ("a: *b\n", 1, "is not YAML: found undefined alias"),
        ("a: 1\n&x b: &y [*y]\n", 2, "contains itself"),
        ("a:\n  ? [1]\n  : 2\n", 2, "has a key that is not text"),
        ("a:\n- .nan\n", 2, ".nan is a number that JSON does not know"),
        ("a: !!int x\n", 1, "'x' is no int, as its tag says"),
        ("a: {<<: 5}\n", 1, "merges (`<<`) something that is not a mapping"),
        ("a: 1\nb: \x00\n", 2, "cannot be read: control characters are not allowed"),
        ("[" * DEEP, 1, "is nested too deeply"),
        ("- " * DEEP, 1, "is nested too deeply"),
        ("{a: " * DEEP, 1, "is nested too deeply"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(text: str, line: int, what: str) -> None:
    with pytest.raises(Unreadable) as error:
        values(text)

    assert (line, what) == (error.value.place.line, error.value.what)


def test_bytes_that_are_no_utf_8_are_told_with_their_line() -> None:
    with pytest.raises(Unreadable) as error:
        list(documents(b"a: 1\nb: \xc3\x28\n"))

    assert (
        error.value.place.line,
        error.value.what,
    ) == (2, "cannot be read: invalid trailing UTF-8 octet")


def test_aliases_cannot_blow_a_small_file_up() -> None:
    bomb = "a0: &a0 [x]\n" + "".join(
        f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12)
    )

    with pytest.raises(Unreadable, match="too many aliases"):
        values(bomb)


def test_a_field_is_found_by_its_line() -> None:
    [document] = documents(b"spec:\n  terms:\n    - from: 1\n    - from: 2\n      plan: x\n")

    assert place_of(document.node, ("spec", "terms", 1, "plan")) == (5, 7)
    assert place_of(document.node, ("spec", "terms", 1, "missing")) == (4, 7)
    assert place_of(document.node, ("missing",)) == (1, 1)


def test_a_key_that_stands_twice_is_told_with_the_way_to_it() -> None:
    [document] = documents(b"spec:\n- a: 1\n  b: 2\n  a: 3\n")
    [repeated] = document.repeated

    assert paths_of(document.node)[repeated.key] == ("spec", 0, "a")
    assert repeated.first == 2
    assert document.value == {"spec": [{"a": 3, "b": 2}]}


def test_a_long_list_that_is_repeated_often_is_a_bomb_too() -> None:
    bomb = f"a: &a [{'x,' * 10_000}]\n" + "".join(f"a{i}: *a\n" for i in range(100))

    with pytest.raises(Unreadable, match="too many aliases"):
        values(bomb)
