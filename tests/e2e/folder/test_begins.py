"""A contract that begins on a later day is told as that, and is no fault."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.provider import Folder

DAY = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()
FILE = f"""\
apiVersion: ispalier.dev/v1alpha1
kind: Subscription
metadata: {{name: office, namespace: lopes}}
spec: {{terms: [{{from: "{DAY}", planRef: {{name: folder-300}}}}]}}
---
apiVersion: ispalier.dev/v1alpha1
kind: MailAlias
metadata: {{name: office, namespace: lopes}}
spec:
  subscriptionRef: {{name: office}}
  address: office@lopes.example
  targets: [pedro@lopes.example]
"""
TOLD = f"customer 10042: Subscription/office begins {DAY}"


@pytest.fixture
def later(served: Folder) -> Iterator[Folder]:
    """A second contract, which begins in two months."""
    file = served.path / "tree" / "tenants" / "lopes" / "later.yaml"
    file.write_text(FILE)
    try:
        yield served
    finally:
        file.unlink()
        for _ in range(2):  # it is seen to be gone, and then it is
            served.ispalier("apply", "tree", ISPALIER_RETIRE_AFTER="0")


def test_apply_says_when_it_begins_and_ends_well(later: Folder) -> None:
    told = later.ispalier("apply", "tree")
    document = json.loads(later.ispalier("apply", "tree", "--format", "json").out)

    assert (told.code, told.out) == (0, "")
    assert TOLD in told.err.splitlines()
    assert "not served" not in told.err
    assert document["begins"] == [TOLD]
    assert [each["problems"] for each in document["units"] if each["problems"]] == []


def test_status_and_drift_find_everything_as_it_should_be(later: Folder) -> None:
    later.ispalier("apply", "tree")

    status, drift = later.ispalier("status", "tree"), later.ispalier("drift", "tree")

    assert (status.code, status.err) == (0, "everything is as it should be\n")
    assert "!" not in status.out
    assert drift.code == 0
    assert drift.out.splitlines() == [TOLD]
    assert drift.err.startswith("nothing differs (")
