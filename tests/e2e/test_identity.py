"""Whose journal it is: lost, restored, copied, used with another source; on real systems."""

import json
import shutil
import stat
from pathlib import Path

import pytest

from hack.stack.postgres import Postgres
from hack.stack.powerdns import PowerDNS
from ispalier.journal.database import connect
from tests.folders import Provider, provider, rows, zones

AT_ONCE = {"ISPALIER_RETIRE_AFTER": "0", "ISPALIER_SWEEP_INTERVAL": "1"}
SECOND = """\
apiVersion: ispalier.dev/v1alpha1
kind: Tenant
metadata: {{name: {name}, namespace: {name}}}
spec: {{number: "{number}", displayName: {name}, businessUnitRef: {{name: londrina}}}}
---
apiVersion: ispalier.dev/v1alpha1
kind: Subscription
metadata: {{name: home, namespace: {name}}}
spec:
  terms: [{{from: 2026-11-21, planRef: {{name: fibra-300}}}}]
  accessPointRef: {{name: tower-1}}
---
apiVersion: ispalier.dev/v1alpha1
kind: Login
metadata: {{name: line, namespace: {name}}}
spec:
  subscriptionRef: {{name: home}}
  username: {name}
  password: {{secretRef: {{name: line, key: password}}}}
---
apiVersion: ispalier.dev/v1alpha1
kind: IPClaim
metadata: {{name: line, namespace: {name}}}
spec: {{loginRef: {{name: line}}, poolRef: {{name: homes}}}}
"""


@pytest.fixture
def served(
    request: pytest.FixtureRequest, tmp_path: Path, postgres: Postgres, powerdns: PowerDNS
) -> Provider:
    """A provider whose customer is served; named by the test."""
    made = provider(tmp_path / "here", str(request.param), postgres, powerdns)
    connect(f"sqlite:///{made.path}/tree/ispalier.db").dispose()
    shared = made.ispalier("adopt", "dns-1", "--why", "for tests", "--folder", "tree")
    assert shared.code == 0, shared
    done = made.apply()
    assert done.code == 0, done
    return made


def add(made: Provider, name: str, number: str) -> None:
    folder = made.path / "tree" / "tenants" / name
    folder.mkdir(parents=True)
    (folder / "all.yaml").write_text(SECOND.format(name=name, number=number))
    made.secret(f"{name}/line/password", "between us")


def addresses(postgres: Postgres, made: Provider) -> dict[object, object]:
    """Which user has which IP address on the RADIUS server."""
    query = "SELECT username, value FROM radreply WHERE attribute = 'Framed-IP-Address'"
    found = postgres.rows(made.databases[0], query)
    return {str(user): value for user, value in found}


@pytest.mark.parametrize("served", ["copied"], indirect=True)
def test_a_staging_copy_with_the_hosts_of_production_touches_nothing(
    served: Provider, tmp_path: Path, postgres: Postgres, powerdns: PowerDNS
) -> None:
    staging = served.copy(tmp_path / "staging")
    assert staging.ispalier("init", "tree").code == 0
    add(staging, "newcomer", "10043")
    before, zones_before = rows(postgres, served), zones(powerdns)

    done = staging.apply("--format", "json")

    units = json.loads(done.out)["units"]
    problems = [each["message"] for unit in units for each in unit["problems"]]
    assert done.code == 1
    assert rows(postgres, served) == before
    assert zones(powerdns) == zones_before
    for host in ("radius-1", "dns-1", "mail-1"):
        assert any(f"host '{host}' serves another installation" in each for each in problems), host


@pytest.mark.parametrize("served", ["adopted"], indirect=True)
def test_a_host_that_a_person_adopts_serves_both_and_what_is_the_others_stays(
    served: Provider, tmp_path: Path, postgres: Postgres
) -> None:
    staging = served.copy(tmp_path / "staging")
    staging.ispalier("init", "tree")
    add(staging, "newcomer", "10043")
    staging.apply()

    said = staging.ispalier("adopt", "radius-1", "--why", "we share it", "--folder", "tree")
    done = staging.apply()

    owners = "SELECT key, count(DISTINCT installation) FROM ispalier_owner WHERE subject = 'user'"
    found = postgres.rows(served.databases[0], f"{owners} GROUP BY key ORDER BY key")
    assert said.code == 0
    assert found == [("joao", 1)]
    assert "group fibra-300 on host 'radius-1' is marked as somebody else's" in done.out


@pytest.mark.parametrize("served", ["lost"], indirect=True)
def test_a_lost_journal_writes_and_bills_nothing_until_it_is_rebuilt_from_the_marks(
    served: Provider, postgres: Postgres, powerdns: PowerDNS
) -> None:
    add(served, "second", "10043")
    assert served.apply().code == 0
    before, zones_before = rows(postgres, served), zones(powerdns)
    given = addresses(postgres, served)
    password = (served.path / "tree/secrets/lost/maria-mail/password").read_text()
    for file in (served.path / "tree").glob("ispalier.db*"):
        file.unlink()

    refused = served.apply()
    bill = ("bill", "tree", "--as-of", "2026-11-30", "--post", "--allow-future")
    billed = served.ispalier(*bill)
    still = rows(postgres, served)
    rebuilt = served.ispalier("journal", "rebuild", "tree")
    after = served.apply()
    again = served.apply()

    assert refused.code == 1
    assert "the journal is empty, but hosts hold what this installation made" in refused.err
    assert "`ispalier journal rebuild`" in refused.err
    assert billed.code == 1
    assert "nothing was posted" in billed.err
    assert still == before
    assert rebuilt.code == 0, rebuilt
    assert "bound again: 2 user names" in rebuilt.out
    assert "read again: 1 generated password" in rebuilt.out
    assert rows(postgres, served) == before, after
    assert zones(powerdns) == zones_before
    assert addresses(postgres, served) == given
    assert (served.path / "tree/secrets/lost/maria-mail/password").read_text() == password
    assert again.out == ""


@pytest.mark.parametrize("served", ["older"], indirect=True)
def test_a_journal_of_an_hour_ago_gives_no_address_twice(
    served: Provider, postgres: Postgres
) -> None:
    saved = served.ispalier("journal", "backup", "hour-ago.db", "--folder", "tree")
    add(served, "since", "20000")
    assert served.apply().code == 0
    given = addresses(postgres, served)
    add(served, "later", "10001")
    journal = served.path / "tree" / "ispalier.db"
    for file in journal.parent.glob("ispalier.db*"):
        file.unlink()
    shutil.copy(served.path / "hour-ago.db", journal)

    done = served.apply()

    after = addresses(postgres, served)
    assert saved.code == 0, saved
    assert done.code == 0, done
    assert given.items() <= after.items()
    assert len(after) == len(set(after.values())) == 3
    assert "subscriber since" not in done.out


@pytest.mark.parametrize("served", ["moved"], indirect=True)
def test_another_repository_is_refused_until_a_rebind_and_nothing_is_timed_until_confirmed(
    served: Provider, tmp_path: Path
) -> None:
    served.commit()
    first = served.apply()
    shutil.copytree(served.path / "tree", tmp_path / "other" / "tree")
    shutil.rmtree(tmp_path / "other" / "tree" / ".git")
    other = Provider(tmp_path / "other", served.name, served.databases)
    mail = other.path / "tree" / "tenants" / "moved" / "mail.yaml"
    documents = mail.read_text().split("---\n")
    mail.write_text("---\n".join(each for each in documents if "name: maria" not in each))
    other.commit()

    refused = other.apply()
    early = other.ispalier("journal", "rebind", "tree", "--why", "the repository was made anew")
    too_early = other.ispalier("journal", "confirm", "--yes", "--folder", "tree")
    waiting = [other.apply(**AT_ONCE) for _ in range(3)]
    pending = json.loads(other.ispalier("pending", "-o", "json", "--folder", "tree").out)
    (retired,) = json.loads(other.ispalier("retired", "-o", "json", "--folder", "tree").out)[
        "missing"
    ]
    status = other.ispalier("status", "tree")
    confirmed = other.ispalier("journal", "confirm", "--yes", "--folder", "tree")
    after = other.apply(**AT_ONCE)

    assert first.code == 0
    assert refused.code == 1
    assert "the journal serves the repository whose first commit is " in refused.err
    assert "`ispalier journal rebind" in refused.err
    assert early.code == 0
    assert too_early.code == 1
    assert not any("switched off" in each.out for each in waiting)
    assert "the repository was made anew" in waiting[-1].err
    assert "the repository was made anew" in pending["unconfirmed"]
    assert (retired["resource"], retired["state"], retired["offAt"]) == (
        *("Mailbox/maria", "Held"),
        None,
    )
    assert status.code == 1
    assert "! all that is missing waits: it served" in status.out
    assert "switches it off" not in waiting[-1].err
    assert "missing: 1 Mailbox of 1 customer" in confirmed.out
    assert "mailbox maria@moved.example on mail-1: is switched off" in after.out


@pytest.mark.parametrize("served", ["equal"], indirect=True)
def test_who_finds_everything_as_declared_after_a_rebind_can_confirm_it(served: Provider) -> None:
    served.commit()
    assert served.apply().code == 0
    shutil.rmtree(served.path / "tree" / ".git")
    served.replace("provider/hosts.yaml", "kind: ServiceHost", "kind:  ServiceHost")
    served.commit()
    words = ("journal", "rebind", "tree", "--why", "the repository was made anew")
    bound = served.ispalier(*words)

    applied = served.apply()
    again = served.ispalier("journal", "rebuild", "tree")
    confirmed = served.ispalier("journal", "confirm", "--yes", "--folder", "tree")

    assert "is bound to the repository whose first commit is " in bound.err
    assert applied.err.startswith("nothing to change")
    assert confirmed.code == 0, confirmed
    assert (
        again.err == "nothing was changed: whoever has a value on a host has one in the journal\n"
    )


@pytest.mark.parametrize("served", ["emptied"], indirect=True)
def test_a_customer_whom_nobody_declares_any_more_is_seen_in_the_status(served: Provider) -> None:
    shutil.rmtree(served.path / "tree" / "tenants")
    served.apply()

    status = served.ispalier("status", "tree")
    told = json.loads(served.ispalier("status", "tree", "-o", "json").out)

    assert status.code == 1
    assert "! customer 10042 is served and has no Tenant in the folder tree" in status.out
    assert (told["customers"], told["undeclaredCustomers"]) == (0, ["10042"])


def test_a_host_that_nobody_declares_is_not_adopted(
    tmp_path: Path, postgres: Postgres, powerdns: PowerDNS
) -> None:
    made = provider(tmp_path / "here", "unknown", postgres, powerdns)
    connect(f"sqlite:///{made.path}/tree/ispalier.db").dispose()

    done = made.ispalier("adopt", "dns-2", "--why", "for tests", "--folder", "tree")

    assert done.code == 1
    assert "no ServiceHost is called 'dns-2' in the folder tree" in done.err


@pytest.mark.parametrize("served", ["checked"], indirect=True)
def test_two_checkouts_of_one_repository_are_one_source(served: Provider, tmp_path: Path) -> None:
    served.commit()
    assert served.apply().code == 0
    shutil.copytree(served.path / "tree", tmp_path / "again" / "tree")
    again = Provider(tmp_path / "again", served.name, served.databases)

    done = again.apply()

    assert done.code == 0, done


@pytest.mark.parametrize("served", ["verified"], indirect=True)
def test_a_backup_is_private_and_whole_and_what_is_wrong_with_a_journal_is_found(
    served: Provider,
) -> None:
    file = served.path / "saved.db"
    saved = served.ispalier("journal", "backup", "saved.db", "--folder", "tree")
    whole = served.ispalier("journal", "verify", "tree")
    copy = {"ISPALIER_JOURNAL_URL": f"sqlite:///{file}"}
    alike = served.ispalier("journal", "verify", "tree", **copy)
    shown = served.ispalier("journal", "show", "-o", "json", "--folder", "tree")
    twice = served.ispalier("journal", "backup", "saved.db", "--folder", "tree")

    assert saved.code == 0, saved
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (whole.code, whole.out) == (0, ""), whole
    assert (alike.code, alike.out) == (0, ""), alike
    assert json.loads(shown.out)["source"] == "folder"
    assert json.loads(shown.out)["rows"]["hosts"] == 4
    assert twice.code == 2
