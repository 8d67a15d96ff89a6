"""What the environment says of retention, and of Secrets."""

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from ispalier.cli.place import beside
from ispalier.environment import cache_folder, secrets_folder
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


@pytest.mark.parametrize("value", ['{"Mailboxes": 10}', '{"Mailbox": -1}', "Mailbox"])
def test_a_minimum_that_would_hold_for_nothing_is_refused(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv(NAME, value)

    with pytest.raises(ValidationError, match="keep_minimum_days"):
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


def test_what_is_said_in_the_program_goes_before_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ispalier_workers", "3")
    monkeypatch.setenv("ISPALIER_LEASE", "5")
    settings = Settings(lease=7)

    assert (settings.workers, settings.lease) == (3, 7)
    assert {"workers", "lease"} == settings.model_fields_set


@pytest.mark.parametrize(
    "environment", [{}, {"ISPALIER_CACHE_FOLDER": "/c", "ispalier_secrets_folder": ""}]
)
def test_folders_are_known_before_the_settings(
    monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]
) -> None:
    monkeypatch.setattr(os, "environ", environment)
    settings = beside(Path("firm"), Settings())

    assert settings.secrets_folder == secrets_folder(Path("firm"))
    assert settings.cache_folder.expanduser() == cache_folder()


def test_an_endpoint_of_traces_is_named_as_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")

    assert Settings().traces_endpoint == "http://127.0.0.1:4318"
