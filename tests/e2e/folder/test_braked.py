"""What is too much waits until a person approves it."""

import json

from hack.stack.freeradius import Radius
from tests.e2e.folder.asking import asked
from tests.provider import Folder


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
    assert "! AccessProfile/folder-300: Unsafe: a brake holds it back" in held.out
    assert 'Mikrotik-Rate-Limit = "150M/' in while_held
    assert "impact Degrade, 1 service, since" in shown.out
    assert (told["impact"], told["subjects"]) == ("Degrade", 1)
    assert told["resources"] == [
        {"customer": "", "resource": "AccessProfile/folder-300", "what": "update group folder-300"}
    ]
    assert "or not any more" in twice.err
    assert 'Mikrotik-Rate-Limit = "10M/' in cut
    assert back.code == 0
