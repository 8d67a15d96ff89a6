"""`ispalier run` on files and on a repository."""

import base64
import json
import os
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from hack.stack.freeradius import Radius
from hack.stack.mail import Mail
from hack.stack.ports import HOST, free_port
from hack.stack.powerdns import PowerDNS
from tests.e2e.folder.asking import answered, asked, eventually, get, running
from tests.provider import Folder, Said
from tests.repositories import commit

SOON = 2.0
"""Seconds: the one that is promised, and one for a machine that is busy with tests."""


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


def hold(folder: Folder, command: str, *words: str) -> Said:
    """A command about holds; what is held is held for this reason and until then."""
    why = ("--reason", "Invoice 17 is overdue", "--until", "2100-01-01")
    more = why if command == "hold" else ()
    return folder.ispalier(command, *words, *more, "--folder", "tree")


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
        commit(tree, "Change")
        httpx.post(f"http://{listen}/poke")
        eventually(lambda: answered(powerdns, "www.lopes.example", "A") == ["192.0.2.82"])
    finally:
        controller.terminate()
        _, log = controller.communicate(timeout=30)
    served.replace("tenants/lopes/names.yaml", "192.0.2.82", "192.0.2.80")
    back = served.ispalier("apply", "tree")

    lines = [json.loads(line) for line in log.splitlines()]
    assert (controller.returncode, back.code) == (0, 0)
    assert [each["told"].partition(" ")[2] for each in lines if each["event"] == "revision"] == [
        "Ana: First",
        "Ana: Change",
    ]
    assert {each["room"] for each in lines if each["event"] == "applied"} == {"dns"}
