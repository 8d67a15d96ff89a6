"""What the environment says of retention, and of Secrets."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from ispalier.settings import Settings

NAME = "ISPALIER_KEEP_MINIMUM_DAYS"


@pytest.fixture
def _minimum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(NAME, '{"Domain": 90, "IPClaim": 180}')


@pytest.mark.usefixtures("_minimum")
def test_a_legal_minimum_is_set_by_kind_and_holds_for_what_is_a_part_of_it() -> None:
    retention = Settings().retention

    kept = {
        each: retention.of(each, 1).days for each in ("Domain", "RecordSet", "IPClaim", "Login")
    }
    assert kept == {"Domain": 90, "RecordSet": 90, "IPClaim": 180, "Login": 1}
    assert retention.of("Domain", 400, purge="ana") == timedelta(days=90)


@pytest.mark.usefixtures("_minimum")
def test_an_address_that_an_edit_gave_up_is_held_back_for_the_legal_minimum_too() -> None:
    assert Settings().quarantine == {"IP address": timedelta(days=180)}


@pytest.mark.parametrize("value", ['{"Mailboxes": 10}', '{"Mailbox": -1}'])
def test_a_minimum_that_would_hold_for_nothing_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(NAME, value)

    with pytest.raises(ValidationError, match="Mailbox"):
        Settings()


@pytest.mark.parametrize("value", ["silva,souza", "silva, souza,"])
def test_namespaces_are_named_with_commas_between(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("ISPALIER_SECRET_NAMESPACES", value)

    assert Settings().secret_namespaces == ("silva", "souza")


def test_no_namespace_means_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ISPALIER_SECRET_NAMESPACES", "")

    assert Settings().secret_namespaces == ()
