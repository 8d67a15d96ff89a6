"""Looking inside: what differs, why something changed, and how everything stands."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from hack.stack.places import RADIUS_QUERIES, radius_stock
from hack.stack.postgres import Postgres
from hack.stack.powerdns import PowerDNS
from tests import repositories
from tests.provider import PASSWORD, Folder, Systems, declared_in, with_secrets

# Other tests serve the example's own names on the same systems.
NAMES = (
    ("silva", "prado"),
    ("joao", "bento"),
    ("fibra-", "clear-"),
    ("addresses: [127.0.0.1]", "addresses: [127.0.9.17]"),
)
DATABASE = "looking_radius"
WHERE = ("--folder", "tree")
RADIUS = "UPDATE radgroupreply SET value = '1G/1G' WHERE groupname = 'clear-300'"


def git(folder: Folder, *words: str) -> str:
    tree = folder.path / "tree"
    return repositories.git(tree, *words, name="Ana Prado", email="ana@provider.example").strip()


@pytest.fixture(scope="module")
def folder(
    tmp_path_factory: pytest.TempPathFactory, postgres: Postgres, powerdns: PowerDNS
) -> Folder:
    """The example in a git repository, applied once, to databases of its own."""
    stock = radius_stock()
    assert stock is not None
    schema = (stock / RADIUS_QUERIES / "schema.sql").read_text()
    systems = Systems(
        postgres.create_database(DATABASE, schema),
        powerdns.api_url,
        powerdns.api_key,
        postgres.create_database("looking_mail"),
    )
    made = declared_in(tmp_path_factory.mktemp("looking"), NAMES, systems.dns_api_url)
    with_secrets(made, "prado/bento", systems)
    git(made, "init", "-q")
    git(made, "add", "-A")
    git(made, "commit", "-qm", "Declare the first customer")
    done = made.ispalier("apply", "tree")
    assert done.code == 0, done
    return made


def changes(folder: Folder, resource: str) -> list[dict[str, object]]:
    told = json.loads(folder.ispalier("why", resource, "--format", "json", *WHERE).out)
    found: list[dict[str, object]] = told["changes"]
    return found


def test_nothing_differs_after_an_apply(folder: Folder) -> None:
    done = folder.ispalier("drift", "tree")

    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("nothing differs (4 hosts, 2 units, ")


def test_why_tells_the_commit_that_changed_a_plan(folder: Folder) -> None:
    folder.replace("provider/catalogue.yaml", "download: 300M", "download: 450M")
    git(folder, "commit", "-qam", "Speed clear-300 up")
    commit = git(folder, "rev-parse", "HEAD")
    assert folder.ispalier("apply", "tree").code == 0

    told = folder.ispalier("why", "AccessProfile/clear-300", *WHERE)
    newest = changes(folder, "AccessProfile/clear-300")[0]

    assert told.out.startswith("AccessProfile/clear-300 of the provider is declared, and served so")
    assert (newest["verb"], newest["cause"], newest["host"]) == ("update", "Edit", "radius-1")
    assert newest["fields"] == ["Mikrotik-Rate-Limit"]
    assert str(newest["detail"]).startswith(
        f"commit {commit[:12]} by Ana Prado: Speed clear-300 up; provider/catalogue.yaml:"
    )
    assert str(newest["detail"]) in told.out


def test_an_edit_that_is_not_committed_is_told_as_such(folder: Folder) -> None:
    folder.replace("tenants/prado/names.yaml", "192.0.2.80", "192.0.2.82")
    assert folder.ispalier("apply", "tree").code == 0

    newest = changes(folder, "RecordSet/www")[0]

    folder.replace("tenants/prado/names.yaml", "192.0.2.82", "192.0.2.80")
    assert folder.ispalier("apply", "tree").code == 0
    assert newest["detail"] == "not committed yet; tenants/prado/names.yaml:9"


def test_a_change_by_hand_is_shown_as_drift_and_told_when_it_is_mended(
    folder: Folder, postgres: Postgres
) -> None:
    postgres.rows(DATABASE, f"{RADIUS} RETURNING 1")
    looked = folder.ispalier("drift", "tree")
    again = folder.ispalier("drift", "tree", "--format", "json")
    status = json.loads(folder.ispalier("status", "tree", "--format", "json").out)
    mended = folder.ispalier("apply", "tree")
    after = folder.ispalier("drift", "tree")

    (change,) = json.loads(again.out)["changes"]
    newest = changes(folder, "AccessProfile/clear-300")[0]
    hosts = {each["host"]: each["differing"] for each in status["hosts"]}
    assert (looked.code, again.code, mended.code, after.code) == (1, 1, 0, 0), after
    assert (
        "  ~ group clear-300 on radius-1: Mikrotik-Rate-Limit '1G/1G' -> '150M/450M'" in looked.out
    )
    assert (change["host"], change["resource"]) == ("radius-1", "AccessProfile/clear-300")
    assert hosts["radius-1"] == 1
    assert "radius-1 (radius): 1 of its items differ: see `ispalier drift`" in status["problems"]
    assert (newest["cause"], newest["detail"]) == ("Drift", "held something else, without an edit")


def test_what_nobody_wants_is_listed_on_request_and_left_alone(
    folder: Folder, postgres: Postgres
) -> None:
    guest = "INSERT INTO radcheck (username, attribute, op, value) VALUES ('guest-17', 'Cleartext-Password', ':=', 'stranger-secret') RETURNING 1"
    postgres.rows(DATABASE, guest)

    quiet = folder.ispalier("drift", "tree")
    told = folder.ispalier("drift", "tree", "--foreign")

    left = postgres.rows(DATABASE, "DELETE FROM radcheck WHERE username = 'guest-17' RETURNING 1")
    assert (quiet.code, quiet.out) == (0, "")
    assert told.code == 0
    assert "  ? subscriber guest-17: has no mark, and nobody wants it" in told.out
    assert "stranger-secret" not in told.out
    assert len(left) == 1


def test_a_host_that_is_down_is_told_and_the_others_are_compared(folder: Folder) -> None:
    secret = folder.path / "tree" / "secrets" / "ispalier" / "dns-1" / "api-key"
    key = secret.read_text()
    secret.write_text("wrong")

    drift = folder.ispalier("drift", "tree", "--format", "json")
    status = folder.ispalier("status", "tree")

    secret.write_text(key)
    hosts = {each["host"]: each for each in json.loads(drift.out)["hosts"]}
    assert (drift.code, status.code) == (1, 1)
    assert not hosts["dns-1"]["reachable"]
    assert hosts["mail-1"]["items"] >= 4
    assert "not compared" in status.out


def test_status_shows_the_fleet_at_a_glance(folder: Folder) -> None:
    done = folder.ispalier("status", "tree", ISPALIER_LISTEN="127.0.0.1:1")
    told = json.loads(
        folder.ispalier("status", "tree", "-o", "json", ISPALIER_LISTEN="127.0.0.1:1").out
    )

    kinds = {each["kind"]: (each["ready"], each["notReady"]) for each in told["resources"]}
    assert (done.code, told["problems"]) == (0, [])
    assert kinds["Mailbox"] == (2, 0)
    assert {each["host"] for each in told["hosts"] if each["reachable"]} >= {"radius-1", "dns-1"}
    assert told["controller"] is None
    assert told["journal"]["schema"] >= "0007"
    assert told["journal"]["bytes"] > 0
    assert "Controller    none answers" in done.out
    assert "\x1b" not in done.out


def test_a_resource_that_is_gone_is_told_with_its_state_and_who_purged_it(folder: Folder) -> None:
    file = folder.path / "tree" / "tenants" / "prado" / "mail.yaml"
    whole = file.read_text()
    without = "---\n".join(each for each in whole.split("---\n") if "name: maria" not in each)
    gone = {"ISPALIER_RETIRE_AFTER": "0"}
    file.write_text(without)
    folder.ispalier("apply", "tree")
    waiting = folder.ispalier("why", "Mailbox/maria", *WHERE)
    folder.ispalier("apply", "tree", **gone)
    off = json.loads(folder.ispalier("why", "Mailbox/maria", "-o", "json", *WHERE).out)
    purge = ("purge", "Mailbox/maria", "--customer", "10042", "--yes", "--why", "she asked")
    folder.ispalier(*purge, *WHERE)
    folder.ispalier("apply", "tree", **gone)
    after = json.loads(folder.ispalier("why", "Mailbox/maria", "-o", "json", *WHERE).out)
    file.write_text(whole)
    folder.ispalier("apply", "tree")

    causes = [(each["verb"], each["cause"]) for each in after["changes"]]
    assert (
        "is no longer declared and is waited for; holds mail address maria@prado.exa" in waiting.out
    )
    assert (off["state"], off["changes"][0]["cause"]) == ("Off", "Absence")
    assert causes[:2] == [("delete", "Retention"), ("purge", "Person")]
    assert str(after["changes"][1]["detail"]).endswith(": she asked")
    assert after["state"] == "Gone"


def test_the_audit_trail_is_json_lines_without_any_secret(folder: Folder) -> None:
    generated = (folder.path / "tree/secrets/prado/maria-mail/password").read_text().strip()
    done = folder.ispalier("audit", *WHERE)
    of_customer = folder.ispalier("audit", "--customer", "10042", "--since", "2026-01-01", *WHERE)
    future = folder.ispalier("audit", "--since", "2100-01-01", *WHERE)

    events = [json.loads(line) for line in done.out.splitlines()]
    journal = b"".join(each.read_bytes() for each in (folder.path / "tree").glob("ispalier.db*"))
    assert done.code == 0
    assert len({each["id"] for each in events}) == len(events) > 10
    assert {"dev.ispalier.change.applied", "dev.ispalier.act.purge"} <= {e["type"] for e in events}
    assert {"10042"} == {
        json.loads(each)["data"]["customer"] for each in of_customer.out.splitlines()
    }
    assert future.out == ""
    for secret in (PASSWORD, generated, "between us"):
        assert secret not in done.out
        assert secret.encode() not in journal


@pytest.fixture
def interrupted() -> Iterator[None]:
    """Children can be interrupted, also where a shell started us in the background and ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interrupted")
def test_the_audit_trail_can_be_followed(folder: Folder) -> None:
    command = [Path(sys.executable).with_name("ispalier").as_posix(), "audit", "--follow", *WHERE]
    with (
        subprocess.Popen(  # noqa: S603 - our own command
            [*command, "--since", "2100-01-01"], cwd=folder.path, stdout=subprocess.PIPE, text=True
        ) as quiet,
        subprocess.Popen(  # noqa: S603 - our own command
            command, cwd=folder.path, stdout=subprocess.PIPE, text=True
        ) as following,
    ):
        assert following.stdout is not None
        assert quiet.stdout is not None
        alarm = Timer(60, _kill, (following, quiet))
        alarm.start()
        first = json.loads(following.stdout.readline())
        folder.replace("tenants/prado/names.yaml", "192.0.2.80", "192.0.2.81")
        edited = folder.ispalier("apply", "tree")
        lines = map(json.loads, following.stdout)
        wanted = ("rrset www.prado.example. A", "update")
        line: dict[str, Any] = next((each for each in lines if _what(each) == wanted), {})
        os.kill(following.pid, signal.SIGINT)
        os.kill(quiet.pid, signal.SIGINT)
        nothing = quiet.stdout.read()
        alarm.cancel()

    folder.replace("tenants/prado/names.yaml", "192.0.2.81", "192.0.2.80")
    folder.ispalier("apply", "tree")
    assert first["specversion"] == "1.0"
    assert line.get("subject") == "10042/RecordSet/www", edited
    assert line["data"]["cause"] == "Edit", line
    assert (following.returncode, quiet.returncode, nothing) == (0, 0, "")


def _kill(*processes: subprocess.Popen[str]) -> None:
    for each in processes:
        each.kill()


def _what(line: dict[str, Any]) -> tuple[str, str]:
    return line["data"]["item"], line["data"]["verb"]


def test_a_name_that_nobody_has_is_refused(folder: Folder) -> None:
    unknown = folder.ispalier("why", "Mailbox/nobody", *WHERE)
    no_name = folder.ispalier("why", "maria", *WHERE)

    assert unknown.code == 1
    assert "Mailbox/nobody was never declared, as far as this journal knows" in unknown.err
    assert no_name.code == 2
