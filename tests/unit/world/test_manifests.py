"""What a document declares."""

import base64

from ispalier.api.mail import Mailbox
from ispalier.world.findings import Json
from ispalier.world.manifests import declared
from ispalier.world.snapshot import Ident

HARD = "% \" \\ ' { ä"


def test_defaults_of_the_schema_are_filled_in() -> None:
    found = declared(
        {
            "apiVersion": "ispalier.dev/v1alpha1",
            "kind": "Mailbox",
            "metadata": {"name": "joao", "namespace": "silva"},
            "spec": {
                "subscriptionRef": {"name": "home"},
                "address": "joao@silva.example",
                "password": {"generate": {"secretName": "joao"}},
            },
        }
    )
    mailbox = found.resource

    assert found.findings == []
    assert isinstance(mailbox, Mailbox)
    assert mailbox.spec.quota == 1024
    assert mailbox.spec.password.generate is not None
    assert mailbox.spec.password.generate.length == 20


def test_a_resource_without_a_namespace_is_in_default_as_for_kubectl() -> None:
    found = declared(
        {"apiVersion": "ispalier.dev/v1alpha1", "kind": "Login", "metadata": {"name": "a"}}
    )

    assert Ident("Login", "default", "a") == found.which


def test_a_resource_of_the_cluster_has_no_namespace() -> None:
    found = declared(
        {
            "apiVersion": "ispalier.dev/v1alpha1",
            "kind": "Plan",
            "metadata": {"name": "a", "namespace": "b"},
        }
    )

    assert Ident("Plan", "", "a") == found.which


def test_a_secret_holds_what_was_written_and_does_not_print_it() -> None:
    found = declared(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "joao", "namespace": "silva"},
            "data": {"a": base64.b64encode(HARD.encode()).decode(), "b": "eA=="},
            "stringData": {"b": HARD},
        }
    )

    assert found.secret is not None
    assert {key: each.reveal() for key, each in found.secret.items()} == {"a": HARD, "b": HARD}
    assert HARD not in repr(found)


def test_what_is_wrong_with_a_secret_is_told_without_its_values() -> None:
    found = declared(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "joao", "namespace": "silva"},
            "data": {"a": "hunter2!"},
            "stringData": {"b": ["hunter2!"]},
        }
    )

    assert len(found.findings) == 2
    assert "hunter2" not in repr(found)


def test_a_group_that_is_ours_but_for_a_slip_is_told() -> None:
    slip: Json = {
        "apiVersion": "isplaier.dev/v1alpha1",
        "kind": "Mailbox",
        "metadata": {"name": "a"},
    }
    other: Json = {
        "apiVersion": "databases.example.org/v1",
        "kind": "Database",
        "metadata": {"name": "a"},
    }

    [found] = declared(slip).findings
    assert (found.what, found.remedy) == (
        '"isplaier.dev/v1alpha1" is not known',
        "did you mean ispalier.dev/v1alpha1?",
    )
    assert declared(other).findings == []
