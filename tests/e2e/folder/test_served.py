"""What is declared in files is served by real systems, and edits are."""

import smtplib
import stat
from email.message import EmailMessage

from hack.stack.freeradius import Radius
from hack.stack.mail import Mail
from hack.stack.ports import HOST
from hack.stack.powerdns import PowerDNS
from tests.e2e.folder.asking import Rehearsed, answered, asked
from tests.provider import Folder


def test_a_dry_run_shows_what_would_be_done_and_does_nothing(
    rehearsed: Rehearsed, folder: Folder
) -> None:
    done = rehearsed.said

    assert done.code == 0, done
    assert "+ subscriber pedro on radius-1" in done.out
    assert "Cleartext-Password ***" in done.out
    assert "between us" not in done.out
    assert done.err.startswith("dry run: would be: ")
    assert not (folder.path / "never-made.db").exists()
    assert rehearsed.rows == []


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
    after = asked(radius)
    served.replace("provider/catalogue.yaml", "download: 400M", "download: 300M")
    served.ispalier("apply", "tree")

    assert "  ~ group folder-300 on radius-1: Mikrotik-Rate-Limit '150M/300M' -> '150M/400M'" in (
        done.out.splitlines()
    )
    assert 'Mikrotik-Rate-Limit = "150M/400M"' in after
    assert 'Mikrotik-Rate-Limit = "150M/300M"' in asked(radius)


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
