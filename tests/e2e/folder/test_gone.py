"""What is no longer declared: waited for, switched off, restored, purged."""

import json

from hack.stack.freeradius import Radius
from tests.e2e.folder.asking import asked
from tests.provider import Folder


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

    (told,) = (e for e in json.loads(off.out)["missing"] if e["resource"] == "Mailbox/maria")
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
