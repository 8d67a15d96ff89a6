"""The story, step by step; each runs commands as a person would and checks the answers."""

import base64
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hack.demo.dates import Story
from hack.demo.show import Show
from hack.stack.operator import Operator, ispalier
from hack.stack.programs import find
from hack.stack.stack import Stack

PRICE = "149.90"
DOMAIN, JOAO, MARIA = "silva.example", "joao@silva.example", "maria@silva.example"
RESOURCES = 23
"""Resources in the folder, the Namespace apart."""
READY = 10.0
"""Seconds in which the operator is ready again."""
TELLS = 1.5
"""Seconds in which a status that is due is written."""
SETTLE = 8.0
"""Seconds after a restart in which a needless write would show."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What the steps work with: the servers, the operator, the files, the passwords."""

    show: Show
    stack: Stack
    operator: Operator
    files: Path
    story: Story
    passwords: dict[str, str]

    def kubectl(self, *words: str | Path, lines: int = 40) -> str:
        """Run kubectl and show it."""
        return self.show.run(self.stack.controlplane.kubectl, *words, lines=lines)

    def radclient(self, password: str, *, quiet: bool = False) -> str:
        """Ask RADIUS as the NAS of the story would, from 127.0.0.1 with its own secret."""
        run = self.show.ask if quiet else self.show.run
        packet = f'User-Name = "joao", User-Password = "{password}"'
        port = f"127.0.0.1:{self.stack.radius.auth_port}"
        words = ["-x", "-r", "4", "-t", "1", port, "auth", self.passwords["nas"]]
        return run(find("radclient"), *words, stdin=packet)

    def edit(self, file: str, change: Callable[[str], str]) -> None:
        """Change a file of the story and apply it."""
        path = self.files / file
        path.write_text(change(path.read_text()))
        self.kubectl("apply", "-f", path.relative_to(self.files.parent))


def declare(scene: Scene) -> None:
    """Apply the YAML, wait until all of it is Ready, look at it."""
    show = scene.show
    show.step("Declare: the folder is applied, everything gets Ready")
    folder = scene.files.name
    scene.kubectl("apply", "-R", "-f", f"{folder}/provider", "-f", f"{folder}/tenants")
    answer = scene.kubectl(
        "wait", "--for=condition=Ready", "ispalier", "--all", "-A", "--timeout=60s"
    )
    show.check("every resource is Ready", answer.count("condition met") == RESOURCES)
    scene.kubectl("get", "ispalier", "-A", lines=80)


def access(scene: Scene) -> None:
    """A login is accepted with its speed and its IP address; a wrong password is not."""
    show = scene.show
    show.step("Access: RADIUS accepts the login with speed and address")
    answer = scene.radclient(scene.passwords["line"])
    show.check("Access-Accept", "Received Access-Accept" in answer)
    show.check("speed 150M up, 300M down", 'Mikrotik-Rate-Limit = "150M/300M"' in answer)
    show.check("an IP address of the pool", "Framed-IP-Address = 100.64.0." in answer)
    show.step("Access: a wrong password is refused")
    answer = scene.radclient("wrong")
    show.check("Access-Reject", "Received Access-Reject" in answer)


def names(scene: Scene) -> None:
    """An address and a mail exchanger resolve."""
    show = scene.show
    show.step("Names: the zone is served")
    port = str(scene.stack.powerdns.dns_port)
    for name, type_, expected in (
        (f"www.{DOMAIN}", "A", "192.0.2.80"),
        (DOMAIN, "MX", "10 mx.provider.example."),
    ):
        answer = show.run(find("dig"), "+short", "@127.0.0.1", "-p", port, name, type_)
        show.check(f"{name} {type_} is {expected}", expected in answer)


def mail(scene: Scene) -> None:
    """A mail that arrives over SMTP is read over IMAP, by alias in two mailboxes."""
    show = scene.show
    show.step("Mail: sent over SMTP, read over IMAP")
    _send(scene, "Hello")
    password = scene.passwords["mail"]
    answer = _imap(scene, JOAO, password, "Hello")
    show.check(f"{JOAO} has it", re.search(r"SEARCH \d", answer))
    secret = json.loads(
        show.ask(
            scene.stack.controlplane.kubectl,
            *("get", "secret", "maria-mail", "-n", "silva", "-o", "json"),
        )
    )
    show.tell("maria's password was generated and is in Secret maria-mail")
    generated = base64.b64decode(secret["data"]["password"]).decode()
    answer = _imap(scene, MARIA, generated, "Hello")
    show.check(f"{MARIA} has it too, by the alias", re.search(r"SEARCH \d", answer))


def upgrade(scene: Scene) -> None:
    """Another plan in the YAML is another speed in the next answer."""
    show = scene.show
    show.step("Upgrade: fibra-300 becomes fibra-600")
    scene.edit("tenants/silva/tenant.yaml", lambda text: text.replace("fibra-300", "fibra-600"))
    password = scene.passwords["line"]
    show.wait(
        "the next Access-Accept says 300M up, 600M down",
        lambda: '"300M/600M"' in scene.radclient(password, quiet=True),
    )
    scene.radclient(password)


def suspend(scene: Scene) -> None:
    """A suspension refuses login and mail, and its end restores both."""
    show = scene.show
    show.step("Suspend: unpaid since today")
    today = scene.story.today.isoformat()
    begin = f"  suspensions:\n    - {{reason: Unpaid, since: {today}}}\n"
    scene.edit("tenants/silva/tenant.yaml", lambda text: text + begin)
    password = scene.passwords["line"]
    show.wait(
        "RADIUS refuses, and says why",
        lambda: "Your line is suspended" in scene.radclient(password, quiet=True),
    )
    scene.radclient(password)
    show.wait("IMAP refuses", lambda: not _can_log_in(scene, "imap"))
    show.wait("submission refuses", lambda: not _can_log_in(scene, "submission"))
    _send(scene, "Kept for you")
    scene.kubectl("get", "subscription", "home", "-n", "silva")
    show.step("Suspend: it ends today")
    end = begin.replace("}", f", until: {today}}}")
    scene.edit("tenants/silva/tenant.yaml", lambda text: text.replace(begin, end))
    show.wait(
        "RADIUS accepts again",
        lambda: "Received Access-Accept" in scene.radclient(password, quiet=True),
    )
    show.wait("submission accepts again", lambda: _can_log_in(scene, "submission"))
    answer = _imap(scene, JOAO, scene.passwords["mail"], "Kept for you")
    show.check("what arrived meanwhile was kept", re.search(r"SEARCH \d", answer))


def drift(scene: Scene) -> None:
    """A row that somebody edits in the RADIUS database is put right."""
    show = scene.show
    show.step("Drift: somebody edits the RADIUS database by hand")
    change = "UPDATE radgroupreply SET value = '1G/1G' WHERE attribute = 'Mikrotik-Rate-Limit'"
    show.run(find("psql"), scene.stack.radius.database_url, "-c", change)
    password = scene.passwords["line"]
    wrong = scene.radclient(password, quiet=True)
    show.check("RADIUS now answers 1G", '"1G/1G"' in wrong)
    show.wait(
        "the sweep puts it right",
        lambda: '"300M/600M"' in scene.radclient(password, quiet=True),
        seconds=30,
    )


def restart(scene: Scene) -> None:
    """Killed and started again, the operator writes nothing."""
    show = scene.show
    show.step("Restart: kill -9, and started again")
    _all_is_told(scene.operator)
    scene.operator.kill()
    seconds = scene.operator.start()
    show.check(f"ready again after {seconds:.1f} s", seconds < READY)
    time.sleep(SETTLE)
    statuses = scene.operator.metric("ispalier_status_writes_total")
    changes = scene.operator.metric("ispalier_backend_changes_total")
    show.tell(f"statuses written: {statuses:.0f}, changes in back ends: {changes:.0f}")
    show.check("nothing was written", statuses == changes == 0)


def bill(scene: Scene) -> None:
    """The charge of the first period: shown, posted once, and never again."""
    show, story = scene.show, scene.story
    show.step(f"Bill: the period closes on {story.closes}")
    words = ["bill", "--as-of", story.closes.isoformat(), "--post", "--first-run", "--allow-future"]
    answer = show.run(ispalier(), *words)
    charge = f"{story.charge(PRICE):.2f}"
    show.check(f"{story.arithmetic(PRICE)} is {charge}", story.arithmetic(PRICE) in answer)
    show.check(f"the charge is {charge} BRL", charge in answer)
    again = show.run(ispalier(), *words)
    show.check("posted again, nothing is added", charge not in again)
    entries = show.run(ispalier(), "entries")
    show.check("the ledger has it once", entries.count(story.arithmetic(PRICE)) == 1)


STEPS = (declare, access, names, mail, upgrade, suspend, drift, restart, bill)


def _send(scene: Scene, subject: str) -> None:
    """Send a mail to the alias as another server would."""
    message = f"From: ann@example.org\nTo: contato@{DOMAIN}\nSubject: {subject}\n\nIt works.\n"
    url = f"smtp://127.0.0.1:{scene.stack.mail.smtp_port}/example.org"
    sender, recipient = "ann@example.org", f"contato@{DOMAIN}"
    options = ["-sS", "--mail-from", sender, "--mail-rcpt", recipient, "-T", "-"]
    answer = scene.show.run(find("curl"), url, *options, stdin=message)
    scene.show.check("SMTP took it", "curl:" not in answer)


def _imap(scene: Scene, address: str, password: str, subject: str) -> str:
    """Search for a subject, until it is there or ten seconds are over; shown once."""
    url = f"imap://127.0.0.1:{scene.stack.mail.imap_port}/INBOX"
    words = ["-sS", url, "-u", f"{address}:{password}", "-X", f'SEARCH SUBJECT "{subject}"']
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if re.search(r"SEARCH \d", scene.show.ask(find("curl"), *words)):
            break
        time.sleep(0.1)
    return scene.show.run(find("curl"), *words)


def _all_is_told(operator: Operator) -> None:
    """Wait until no status is written any more: what is not told yet is told after a restart."""
    before = -1.0
    while (written := operator.metric("ispalier_status_writes_total")) != before:
        before = written
        time.sleep(TELLS)


def _can_log_in(scene: Scene, service: str) -> bool:
    """Whether a login to IMAP or submission succeeds."""
    user = f"{JOAO}:{scene.passwords['mail']}"
    if service == "imap":
        url = f"imap://127.0.0.1:{scene.stack.mail.imap_port}/INBOX"
        return "curl:" not in scene.show.ask(find("curl"), "-sS", url, "-u", user, "-X", "NOOP")
    url = f"smtp://127.0.0.1:{scene.stack.mail.submission_port}/{DOMAIN}"
    words = ["--mail-from", JOAO, "--mail-rcpt", JOAO, "-T", "-"]
    message = "Subject: submission\n\nIt works.\n"
    answer = scene.show.ask(find("curl"), "-sS", url, "-u", user, *words, stdin=message)
    return "curl:" not in answer
