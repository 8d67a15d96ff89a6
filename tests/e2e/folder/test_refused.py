"""Files that are wrong, or not all of them, or not for this journal: nothing is lost."""

import json
from pathlib import Path

from hack.stack.freeradius import Radius
from tests.e2e.folder.asking import asked
from tests.provider import Folder


def test_one_bad_file_stops_everything_before_the_first_write(served: Folder) -> None:
    (served.path / "tree" / "bad.yaml").write_text("a: [b\n")
    served.replace("tenants/lopes/names.yaml", "192.0.2.80", "192.0.2.81")

    done = served.ispalier("apply", "tree")

    (served.path / "tree" / "bad.yaml").unlink()
    served.replace("tenants/lopes/names.yaml", "192.0.2.81", "192.0.2.80")
    assert done.code == 1
    assert "tree/bad.yaml:1:4: is not YAML" in done.err
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
        "begins": [],
        "unverified": [],
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
