"""The name of a confidential domain is served, and told nowhere."""

import json

from hack.stack.powerdns import PowerDNS
from tests.e2e.folder.asking import answered
from tests.provider import Folder, Said

NAME = "quiet.example"
FILE = """\
apiVersion: ispalier.dev/v1alpha1
kind: Domain
metadata: {name: first, namespace: lopes}
spec: {subscriptionRef: {name: home}, name: quiet.example, confidential: true}
---
apiVersion: ispalier.dev/v1alpha1
kind: RecordSet
metadata: {name: first-www, namespace: lopes}
spec: {domainRef: {name: first}, name: www, type: A, values: [192.0.2.99]}
"""
NOW = {"ISPALIER_RETIRE_AFTER": "0"}


def test_no_preview_and_no_report_tells_a_confidential_name(
    served: Folder, powerdns: PowerDNS
) -> None:
    file = served.path / "tree" / "tenants" / "lopes" / "quiet.yaml"
    file.write_text(FILE)
    preview = served.ispalier("apply", "tree", "--dry-run")
    as_json = served.ispalier("apply", "tree", "--dry-run", "--format", "json")
    applied = served.ispalier("apply", "tree")
    there = answered(powerdns, f"www.{NAME}", "A")
    file.unlink()
    noted = served.ispalier("apply", "tree", **NOW)
    retired = served.ispalier("apply", "tree", **NOW)
    purged = [purge(served, each) for each in ("RecordSet/first-www", "Domain/first")]
    deleted = served.ispalier("apply", "tree", **NOW)

    said = [preview, as_json, applied, noted, retired, *purged, deleted]
    units = json.loads(as_json.out)["units"]
    items = {each["item"] for unit in units for each in unit["changes"]}
    assert there == ["192.0.2.99"]
    assert items == {"zone (confidential)", "rrset (confidential) A"}
    assert "  + zone (confidential) on dns-1: " in preview.out
    assert "  + rrset (confidential) A on dns-1: " in applied.out
    assert "  - zone (confidential) on dns-1: " in retired.out
    assert "  - zone (confidential) on dns-1" in deleted.out
    assert [each for each in said if NAME in each.out + each.err] == []


def purge(folder: Folder, which: str) -> Said:
    who = ("--customer", "10042", "--why", "test", "--yes", "--folder", "tree")
    return folder.ispalier("purge", which, *who)
