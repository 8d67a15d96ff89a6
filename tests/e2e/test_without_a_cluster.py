"""The example without a cluster: a folder of YAML, and systems that serve what it says."""

import base64
import json
import os
import smtplib
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import dns.message
import dns.query
import httpx
import pytest

from hack.stack.freeradius import Radius
from hack.stack.mail import Mail
from hack.stack.ports import HOST, free_port
from hack.stack.postgres import Postgres
from hack.stack.powerdns import PowerDNS
from tests.provider import PASSWORD, Folder, Said, Systems, declared_in, with_secrets

# Other tests serve the example's own names on the same systems.
NAMES = (
    ("silva", "lopes"),
    ("joao", "pedro"),
    ("fibra-", "folder-"),
    ("address: 127.0.0.1", "address: 127.0.9.9"),
)


@pytest.fixture(scope="module")
def declared(tmp_path_factory: pytest.TempPathFactory, powerdns: PowerDNS) -> Folder:
    """The example with an identity and secrets, on the systems of the tests."""
    return declared_in(tmp_path_factory.mktemp("provider"), NAMES, powerdns.api_url)


@pytest.fixture(scope="module")
def folder(
    declared: Folder, radius: Radius, powerdns: PowerDNS, mail: Mail, postgres: Postgres
) -> Folder:
    """The same with secrets, and with tables in the databases, in which nobody else's rows are."""
    postgres.execute("mail", "TRUNCATE mail_domain, mailbox, mail_alias")
    systems = Systems(radius.database_url, powerdns.api_url, powerdns.api_key, mail.database_url)
    return with_secrets(declared, "lopes/pedro", systems)


@pytest.fixture(scope="module")
def served(folder: Folder) -> Folder:
    """The same, applied."""
    done = folder.ispalier("apply", "tree")
    assert done.code == 0, done
    return folder


def asked(radius: Radius) -> str:
    password = PASSWORD.replace("\\", "\\\\").replace('"', '\\"')
    return radius.radclient(f'User-Name = "pedro", User-Password = "{password}"')


def answered(powerdns: PowerDNS, name: str, type_: str) -> list[str]:
    query = dns.message.make_query(name, type_)
    answer = dns.query.udp(query, HOST, port=powerdns.dns_port, timeout=5)
    return sorted(str(record) for each in answer.answer for record in each)


def test_a_dry_run_shows_what_would_be_done_and_does_nothing(
    folder: Folder, postgres: Postgres
) -> None:
    fresh = {"ISPALIER_JOURNAL_URL": "sqlite:///never-made.db"}

    done = folder.ispalier("apply", "tree", "--dry-run", **fresh)

    assert done.code == 0, done
    assert "+ subscriber pedro on radius-1" in done.out
    assert "Cleartext-Password ***" in done.out
    assert "between us" not in done.out
    assert done.err.startswith("dry run: would be: ")
    assert not (folder.path / "never-made.db").exists()
    assert not (folder.path / "tree" / "secrets" / "lopes" / "maria-mail").exists()
    assert postgres.rows("radius", "SELECT 1 FROM radcheck WHERE username = 'pedro'") == []


def test_a_login_is_accepted_with_its_speed_and_address(served: Folder, radius: Radius) -> None:
    answer = asked(radius)

    assert served.path.exists()
    assert "Access-Accept" in answer
    assert 'Mikrotik-Rate-Limit = "150M/300M"' in answer
    assert "Framed-IP-Address = 100.64.0.2" in answer


def test_names_resolve(served: Folder, powerdns: PowerDNS) -> None:
    assert served.path.exists()
    assert answered(powerdns, "www.lopes.example", "A") == ["192.0.2.80"]
    assert answered(powerdns, "lopes.example", "MX") == ["10 mx.provider.example."]


def test_mail_is_read_with_the_password_that_was_generated(served: Folder, mail: Mail) -> None:
    file = served.path / "tree" / "secrets" / "lopes" / "maria-mail" / "password"
    message = EmailMessage()
    message["From"], message["To"] = "someone@elsewhere.example", "maria@lopes.example"
    message["Subject"] = "hello from a folder"
    with smtplib.SMTP(HOST, mail.smtp_port, timeout=10) as connection:
        connection.send_message(message)

    read = mail.read("maria@lopes.example", file.read_text().strip(), "hello from a folder")

    assert read["To"] == "maria@lopes.example"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_applied_again_nothing_changes(served: Folder) -> None:
    done = served.ispalier("apply", "tree")

    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("nothing to change (2 units, ")


def test_an_upgrade_is_one_line_and_soon_in_force(served: Folder, radius: Radius) -> None:
    served.replace("provider/catalogue.yaml", "download: 300M", "download: 400M")

    done = served.ispalier("apply", "tree")

    assert "  ~ group folder-300 on radius-1: Mikrotik-Rate-Limit '150M/300M' -> '150M/400M'" in (
        done.out.splitlines()
    )
    assert 'Mikrotik-Rate-Limit = "150M/400M"' in asked(radius)


def test_a_suspended_line_is_refused_and_restored(served: Folder, radius: Radius) -> None:
    end = "  accessPointRef: {name: tower-1}\n"
    suspension = f"{end}  suspensions: [{{reason: Unpaid, since: 2026-11-21}}]\n"
    served.replace("tenants/lopes/tenant.yaml", end, suspension)
    stopped = served.ispalier("apply", "tree")
    while_suspended = asked(radius)
    served.replace("tenants/lopes/tenant.yaml", suspension, end)
    started = served.ispalier("apply", "tree")

    assert "  ~ subscriber pedro on radius-1: is suspended" in stopped.out.splitlines()
    assert "Access-Reject" in while_suspended
    assert "Your line is suspended. Please call us." in while_suspended
    assert "  ~ subscriber pedro on radius-1: serves again" in started.out.splitlines()
    assert "Access-Accept" in asked(radius)


def test_a_hold_is_acted_on_within_a_second_and_ended_only_by_its_source(
    served: Folder, radius: Radius, mail: Mail
) -> None:
    with running(served):
        held = hold(served, "hold", "Tenant/lopes", "--effect", "Refuse", "--source", "dunning")
        refused = seconds(lambda: "Access-Reject" in asked(radius))
        mine = hold(served, "release", "Tenant/lopes")
        listed = hold(served, "holds", "--format", "json")
        released = hold(served, "release", "Tenant/lopes", "--source", "dunning")
        accepted = seconds(lambda: "Access-Accept" in asked(radius))
        hold(served, "hold", "Mailbox/maria", "--effect", "NoSubmission")
        silenced = seconds(lambda: not may_submit(served, mail))
        hold(served, "release", "Mailbox/maria")
        seconds(lambda: may_submit(served, mail))

    (told,) = json.loads(listed.out)["holds"]
    assert (held.code, mine.code, released.code) == (0, 1, 0)
    assert "Tenant/lopes is not held by source manual: it is held by dunning" in mine.err
    assert told["subject"] == "Tenant/lopes"
    assert told["until"] == "2100-01-01T03:00:00Z"  # midnight in the zone of its business unit
    assert max(refused, accepted, silenced) < SOON
    assert served.ispalier("apply", "tree").out == ""


SOON = 2.0
"""Seconds: the one that is promised, and one for a machine that is busy with tests."""


def hold(folder: Folder, command: str, *words: str) -> Said:
    """A command about holds; what is held is held for this reason and until then."""
    why = ("--reason", "Invoice 17 is overdue", "--until", "2100-01-01")
    more = why if command == "hold" else ()
    return folder.ispalier(command, *words, *more, "--folder", "tree")


@contextmanager
def running(folder: Folder) -> Iterator[None]:
    """`ispalier run` on the files, ready."""
    listen = f"{HOST}:{free_port()}"
    controller = subprocess.Popen(  # noqa: S603 - our own command
        [Path(sys.executable).with_name("ispalier"), "run", "--source", "tree"],
        cwd=folder.path,
        env={**os.environ, "ISPALIER_LISTEN": listen},
    )
    try:
        eventually(lambda: get(f"http://{listen}/readyz") == httpx.codes.OK)
        yield
    finally:
        controller.terminate()
        controller.wait(timeout=30)


def may_submit(folder: Folder, mail: Mail) -> bool:
    """Whether maria can log in to send."""
    file = folder.path / "tree" / "secrets" / "lopes" / "maria-mail" / "password"
    plain = f"\0maria@lopes.example\0{file.read_text().strip()}".encode()
    with smtplib.SMTP(HOST, mail.submission_port, timeout=10) as client:
        client.ehlo()
        return client.docmd("AUTH", f"PLAIN {base64.b64encode(plain).decode()}")[0] == 235


def seconds(true: Callable[[], bool]) -> float:
    """How long it takes until something is true."""
    began = time.monotonic()
    eventually(true)
    return time.monotonic() - began


def test_an_ip_claim_that_is_gone_gives_its_address_until_its_hold_time_is_over(
    served: Folder, radius: Radius
) -> None:
    file = served.path / "tree" / "tenants" / "lopes" / "line.yaml"
    whole = file.read_text()
    file.write_text(whole.partition("---")[0])
    held = served.ispalier("apply", "tree")
    while_held = asked(radius)
    over = served.ispalier("apply", "tree", ISPALIER_RETIRE_AFTER="0")
    without = asked(radius)
    file.write_text(whole)
    back = served.ispalier("apply", "tree")

    assert held.out == ""
    assert "no longer declared: IPClaim/pedro" in held.err
    assert "Framed-IP-Address = 100.64.0." in while_held
    assert "is switched off; its data is kept for now" in over.out
    assert "Framed-IP-Address" not in without
    assert "serves again" in back.out
    assert "Framed-IP-Address = 100.64.0." in asked(radius)


def test_a_mailbox_is_switched_off_restored_from_its_tombstone_and_purged(served: Folder) -> None:
    file = served.path / "tree" / "tenants" / "lopes" / "mail.yaml"
    whole = file.read_text()
    without = "---\n".join(each for each in whole.split("---\n") if "name: maria" not in each)
    gone = {"ISPALIER_RETIRE_AFTER": "0"}

    file.write_text(without)
    served.ispalier("apply", "tree", **gone)
    served.ispalier("apply", "tree", **gone)
    off = served.ispalier("retired", "--folder", "tree", "--format", "json")
    restored = served.ispalier("restore", "Mailbox/maria", "--folder", "tree")
    file.write_text(f"{without}---\n{restored.out}")
    back = served.ispalier("apply", "tree")
    file.write_text(without)
    served.ispalier("apply", "tree", **gone)
    served.ispalier("apply", "tree", **gone)
    purge = ("purge", "Mailbox/maria", "--customer", "10042", "--yes", "--folder", "tree")
    legal = {"ISPALIER_KEEP_MINIMUM_DAYS": '{"Mailbox": 10}', **gone}
    asked_too_soon = served.ispalier(*purge, **legal)
    kept = served.ispalier("apply", "tree", **legal)
    dated = served.ispalier("retired", "--folder", "tree", **legal)
    why = served.ispalier("why", "Mailbox/maria", "--folder", "tree", **legal)
    asked_for = served.ispalier(*purge)
    due = served.ispalier("retired", "--folder", "tree")
    purged = served.ispalier("apply", "tree", **gone)
    file.write_text(whole)
    served.ispalier("apply", "tree")

    (told,) = json.loads(off.out)["missing"]
    assert told["resource"] == "Mailbox/maria"
    assert told["offSince"]
    assert "mailbox maria@lopes.example on mail-1: serves again" in back.out
    assert (asked_too_soon.code, asked_for.code) == (0, 0)
    assert "1 resource to be purged: Mailbox/maria of customer 10042 at 20" in asked_too_soon.err
    assert "(legal minimum)" in asked_too_soon.err
    assert kept.out == ""
    assert "(legal minimum)" in dated.out
    assert "(legal minimum)" in why.out
    assert "by the next pass" in asked_for.err
    assert "by the next pass" in due.out
    assert "mailbox maria@lopes.example on mail-1: is deleted" in purged.out


def test_what_is_too_much_waits_until_a_person_approves_it(served: Folder) -> None:
    file = served.path / "tree" / "tenants" / "lopes" / "mail.yaml"
    whole = file.read_text()
    without = "---\n".join(each for each in whole.split("---\n") if "name: maria" not in each)
    strict = {"ISPALIER_RETIRE_AFTER": "0", "ISPALIER_BRAKE_MINIMUM": "0"}
    where = ("--folder", "tree")

    file.write_text(without)
    first = served.ispalier("apply", "tree", **strict)
    held = served.ispalier("apply", "tree", **strict)
    (told,) = json.loads(served.ispalier("pending", "-o", "json", *where, **strict).out)["pending"]
    unknown = served.ispalier("approve", "000000000000", "--why", "x", *where, **strict)
    said = served.ispalier("approve", told["digest"], "--why", "she left", *where, **strict)
    after = served.ispalier("apply", "tree", **strict)
    file.write_text(whole)
    served.ispalier("apply", "tree")

    assert (first.code, held.code) == (1, 1)
    assert "held back" in first.err
    assert "held back: 1 of 2 Mailbox resources of all customers are missing" in held.err
    gone = {"what": "is no longer declared"}
    assert told["resources"] == [{"customer": "10042", "resource": "Mailbox/maria", **gone}]
    assert (unknown.code, said.code) == (1, 0)
    assert "mailbox maria@lopes.example on mail-1: is switched off" in after.out


def test_a_speed_cut_for_many_waits_until_a_person_approves_it(
    served: Folder, radius: Radius
) -> None:
    strict = {"ISPALIER_BRAKE_INTERRUPT_MINIMUM": "0"}
    where = ("--folder", "tree")

    served.replace("provider/catalogue.yaml", "upload: 150M", "upload: 10M")
    foreseen = served.ispalier("apply", "tree", "--dry-run", **strict)
    held = served.ispalier("apply", "tree", **strict)
    while_held = asked(radius)
    shown = served.ispalier("pending", *where, **strict)
    (told,) = json.loads(served.ispalier("pending", "-o", "json", *where, **strict).out)["pending"]
    said = served.ispalier("approve", told["digest"], "--why", "agreed", *where, **strict)
    twice = served.ispalier("approve", told["digest"], "--why", "agreed", *where, **strict)
    after = served.ispalier("apply", "tree", **strict)
    cut = asked(radius)
    served.replace("provider/catalogue.yaml", "upload: 10M", "upload: 150M")
    back = served.ispalier("apply", "tree", **strict)

    assert (foreseen.code, held.code, said.code, twice.code, after.code) == (1, 1, 0, 1, 0)
    assert "held back: changes that interrupt 1 service: of more than 0 and 1 %" in held.err
    assert f"(digest {told['digest']})" in held.err
    assert "! Plan/folder-300: Unsafe: a brake holds it back" in held.out
    assert 'Mikrotik-Rate-Limit = "150M/' in while_held
    assert "impact Degrade, 1 service, since" in shown.out
    assert (told["impact"], told["subjects"]) == ("Degrade", 1)
    assert told["resources"] == [
        {"customer": "", "resource": "Plan/folder-300", "what": "update group folder-300"}
    ]
    assert "or not any more" in twice.err
    assert 'Mikrotik-Rate-Limit = "10M/' in cut
    assert back.code == 0


def test_one_bad_file_stops_everything_before_the_first_write(served: Folder) -> None:
    (served.path / "tree" / "bad.yaml").write_text("a: [b\n")
    served.replace("tenants/lopes/names.yaml", "192.0.2.80", "192.0.2.81")

    done = served.ispalier("apply", "tree")

    (served.path / "tree" / "bad.yaml").unlink()
    served.replace("tenants/lopes/names.yaml", "192.0.2.81", "192.0.2.80")
    assert done.code == 1
    assert "tree/bad.yaml:1: is not YAML" in done.err
    assert "1 error in the files: nothing was changed" in done.err
    assert served.ispalier("apply", "tree").out == ""


def test_a_part_of_the_tree_leaves_the_provider_and_other_customers_alone(served: Folder) -> None:
    done = served.ispalier("apply", "tree/provider", "--format", "json")

    told = json.loads(done.out)

    assert done.code == 0
    assert told == {
        "dryRun": False,
        "units": [],
        "leftAlone": ["10042"],
        "noLongerDeclared": [],
        "heldBack": [],
        "unconfirmed": "",
    }


def test_a_tenant_without_the_provider_keeps_its_service_and_is_told_what_to_add(
    served: Folder,
) -> None:
    done = served.ispalier("apply", "tree/tenants")

    assert done.code == 1
    assert "the provider's own resources are not in these files" in done.err
    assert "until then" not in done.out
    assert served.ispalier("apply", "tree").out == ""


def test_what_cannot_be_served_is_told_and_keeps_what_it_has(
    served: Folder, radius: Radius
) -> None:
    plan = "planRef: {name: folder-300}"
    served.replace("tenants/lopes/tenant.yaml", plan, "planRef: {name: folder-30}")

    done = served.ispalier("apply", "tree", "--format", "json")

    served.replace("tenants/lopes/tenant.yaml", "planRef: {name: folder-30}", plan)
    problems = json.loads(done.out)["units"][1]["problems"]
    told = {each["resource"]: each["message"] for each in problems}
    assert done.code == 1
    assert told["Subscription/home"] == (
        "spec.terms[0].planRef: Plan/folder-30 does not exist (yet): create it or correct the name"
    )
    assert "Access-Accept" in asked(radius)


def test_a_key_that_others_may_read_is_refused(served: Folder) -> None:
    key = served.path / "tree" / "ispalier.key"
    key.chmod(0o644)

    done = served.ispalier("apply", "tree")

    key.chmod(0o600)
    assert done.code == 1
    assert (
        done.err
        == "ispalier: the key tree/ispalier.key can be read by others: chmod 600 tree/ispalier.key\n"
    )


def test_the_journal_of_another_installation_is_refused(served: Folder, tmp_path: Path) -> None:
    other = {"ISPALIER_KEY_FILE": str(tmp_path / "other.key")}
    assert served.ispalier("init", str(tmp_path), **other).code == 0

    done = served.ispalier("apply", "tree", **other)

    assert done.code == 1
    assert "the journal belongs to another installation" in done.err


def test_a_clock_that_is_set_back_changes_nothing_and_edits_still_act(
    served: Folder, radius: Radius
) -> None:
    served.ispalier("apply", "tree")
    (library,) = Path("/usr").glob("lib*/**/faketime/libfaketime.so.1")
    back = {"LD_PRELOAD": str(library), "FAKETIME": "-2h"}

    idle = served.ispalier("apply", "tree", **back)
    served.replace("provider/catalogue.yaml", "download: 400M", "download: 500M")
    edited = served.ispalier("apply", "tree", **back)
    forward = served.ispalier("apply", "tree")
    told = json.loads(served.ispalier("audit", "--folder", "tree", **back).out.splitlines()[-1])

    assert (idle.code, idle.out) == (0, "")
    assert "Mikrotik-Rate-Limit '150M/400M' -> '150M/500M'" in edited.out
    assert (forward.code, forward.out) == (0, "")
    assert 'Mikrotik-Rate-Limit = "150M/500M"' in asked(radius)
    assert datetime.fromisoformat(told["time"]) < datetime.now(UTC) - timedelta(hours=1)


def test_a_repository_is_served_until_the_signal_to_end(served: Folder, powerdns: PowerDNS) -> None:
    tree = served.path / "tree"
    (tree / ".gitignore").write_text("secrets/\nispalier.key\nispalier.db*\n")
    listen = f"{HOST}:{free_port()}"
    env = {
        "ISPALIER_KEY_FILE": "tree/ispalier.key",
        "ISPALIER_SECRETS_FOLDER": "tree/secrets",
        "ISPALIER_JOURNAL_URL": "sqlite:///tree/ispalier.db",
        "ISPALIER_CACHE_FOLDER": "cache",
        "ISPALIER_LISTEN": listen,
    }
    commit(tree, "First")
    controller = subprocess.Popen(  # noqa: S603 - our own command
        [Path(sys.executable).with_name("ispalier"), "run", "--source", f"git:file://{tree}"],
        cwd=served.path,
        env={**os.environ, **env},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        eventually(lambda: get(f"http://{listen}/readyz") == 200)
        served.replace("tenants/lopes/names.yaml", "192.0.2.80", "192.0.2.82")
        commit(tree)
        httpx.post(f"http://{listen}/poke")
        eventually(lambda: answered(powerdns, "www.lopes.example", "A") == ["192.0.2.82"])
    finally:
        controller.terminate()
        _, log = controller.communicate(timeout=30)

    lines = [json.loads(line) for line in log.splitlines()]
    assert controller.returncode == 0
    assert [each["told"].partition(" ")[2] for each in lines if each["event"] == "revision"] == [
        "Ana: First",
        "Ana: Change",
    ]
    assert {each["room"] for each in lines if each["event"] == "applied"} == {"dns"}


def commit(tree: Path, subject: str = "Change") -> None:
    who = ("-c", "user.name=Ana", "-c", "user.email=ana@example.org")
    for words in (("init", "-q"), ("add", "--all"), ("commit", "-q", "-m", subject)):
        subprocess.run(["git", *who, *words], cwd=tree, check=True)  # noqa: S603, S607 - git


def get(url: str) -> int:
    try:
        return httpx.get(url).status_code
    except httpx.TransportError:
        return 0


def eventually(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)
