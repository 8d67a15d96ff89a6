"""Whatever stands in a file, the loader tells it and does not fall over."""

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ispalier.api.crd import structural
from ispalier.api.kinds import BY_NAME, KINDS
from ispalier.cli.validate.problems import problems_of
from ispalier.world.documents import Unreadable, documents
from tests.golden.test_validate import CASES, NOON

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(["2026-02-30", "10.0.0.1", "P1M", "BRL", "Access", "99.90", "a@b.example"])
)
FIELDS = sorted(
    {name for kind in KINDS for name in structural(kind)["properties"]["spec"]["properties"]}
    | {"name", "key", "from", "since", "planRef", "amount", "currency", "prefix"}
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
OBJECTS = st.fixed_dictionaries(
    {
        "apiVersion": st.sampled_from(["ispalier.dev/v1alpha1", "ispalier.dev/v1", "v1"]),
        "kind": st.sampled_from([*BY_NAME, "Secret", "List"]),
        "metadata": st.fixed_dictionaries({"name": st.text(max_size=5)}) | ANYTHING,
        "spec": ANYTHING,
    },
    optional={"data": ANYTHING, "stringData": ANYTHING, "items": ANYTHING},
)


def told(data: bytes) -> list[str]:
    with tempfile.NamedTemporaryFile(suffix=".yaml") as file:
        file.write(data)
        file.flush()
        return [str(each) for each in problems_of([Path(file.name)], NOON)]


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=60)
def test_any_bytes_are_read_or_told(data: bytes) -> None:
    told(data)


@given(st.text(alphabet="ab:-[]{}&*!|>'\"#%@`,? \n\t0.~<yn", max_size=80))
@settings(deadline=None, max_examples=60)
def test_any_yaml_is_read_or_told(text: str) -> None:
    told(text.encode())


@given(OBJECTS)
@settings(deadline=None, max_examples=60)
def test_any_object_is_read_or_told(value: object) -> None:
    told(json.dumps(value).encode())


@given(st.sampled_from(CASES), st.data())
@settings(deadline=None, max_examples=60)
def test_any_cut_and_paste_is_read_or_told(case: Path, data: st.DataObject) -> None:
    text = case.read_bytes()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    told(text[:start] + data.draw(st.binary(max_size=5)) + text[end:])


@given(ANYTHING)
@settings(deadline=None, max_examples=60)
def test_json_is_yaml(value: object) -> None:
    text = json.dumps({"value": value}).encode()

    try:
        read = [each.value for each in documents(text)]
    except Unreadable:
        read = []

    assert read in ([], [{"value": value}])
