"""Mail of a domain comes in once the customer has proven in the DNS that it is theirs."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from hack.stack.ports import HOST
from hack.stack.postgres import Postgres
from hack.stack.powerdns import PowerDNS
from tests.e2e.folder.asking import eventually, running
from tests.provider import Folder

FILE = """\
apiVersion: ispalier.dev/v1alpha1
kind: Domain
metadata: {{name: {0}, namespace: lopes}}
spec: {{subscriptionRef: {{name: home}}, name: {0}.example, dns: External}}
---
apiVersion: ispalier.dev/v1alpha1
kind: MailDomain
metadata: {{name: {0}, namespace: lopes}}
spec: {{subscriptionRef: {{name: home}}, name: {0}.example}}
"""


def test_apply_asks_for_the_proof_and_takes_mail_in_when_it_is_there(
    served: Folder, powerdns: PowerDNS, postgres: Postgres
) -> None:
    with wanted(served, f"{HOST}:{powerdns.dns_port}", "elsewhere"):
        waits = served.ispalier("apply", "tree")
        status = served.ispalier("status", "tree")
        why = served.ispalier("why", "MailDomain/elsewhere", "--folder", "tree")
        before = domains(postgres, "elsewhere.example")
        publish(powerdns, waits.out)
        preview = served.ispalier("apply", "tree", "--dry-run")
        taken = served.ispalier("apply", "tree")
        after = domains(postgres, "elsewhere.example")
        publish(powerdns, "")
        idle = served.ispalier("apply", "tree")

    assert waits.code == 1
    assert "Domain/elsewhere, MailDomain/elsewhere: Waiting: Domain/elsewhere is not" in waits.out
    assert "! MailDomain: 1 of 2 not Ready: MailDomain/elsewhere of customer" in status.out
    unproven = "Domain/elsewhere is not verified (yet): publish the TXT record _ispalier.elsewhere"
    assert f"  Ready False, Waiting: {unproven}" in " ".join(why.out.split("\n"))
    assert unproven in " ".join(status.out.split())
    assert before == []
    assert "  + mail domain elsewhere.example on mail-1" in preview.out
    assert taken.code == 0, taken
    assert after == [("elsewhere.example",)]
    assert (idle.code, idle.out) == (0, "")


def test_apply_names_a_resolver_that_says_nothing_and_what_to_do(served: Folder) -> None:
    with silent_resolver() as resolver, wanted(served, resolver, "silent"):
        waits = served.ispalier("apply", "tree")

    (line,) = [each for each in waits.err.splitlines() if resolver in each]
    assert waits.code == 1
    assert re.match(r"[12] domains? not verified: ", line)
    assert (
        f": {resolver} does not answer (nothing within 2 s): open port {resolver.split(':')[1]}"
        " (UDP and TCP), or correct spec.verifyDomains.resolvers of the business unit; " in line
    )


def test_a_controller_that_runs_finds_the_proof_by_itself(
    served: Folder, powerdns: PowerDNS, postgres: Postgres
) -> None:
    with wanted(served, f"{HOST}:{powerdns.dns_port}", "later"):
        waits = served.ispalier("apply", "tree", "--dry-run")
        with running(served, ISPALIER_PROBE_INTERVAL="1"):
            publish(powerdns, waits.out)
            eventually(lambda: domains(postgres, "later.example") != [])
        publish(powerdns, "")

    assert "Domain/later is not verified (yet)" in waits.out
    assert domains(postgres, "later.example") == [("later.example",)]


@contextmanager
def silent_resolver() -> Iterator[str]:
    """A port that takes questions and never answers."""
    with socket.socket(type=socket.SOCK_DGRAM) as there:
        there.bind((HOST, 0))
        yield f"{HOST}:{there.getsockname()[1]}"


@contextmanager
def wanted(served: Folder, resolver: str, name: str) -> Iterator[None]:
    """Proof is wanted, and a customer declares a domain that others serve, with its mail."""
    proof = f"  currency: BRL\n  verifyDomains: {{resolvers: ['{resolver}']}}\n"
    served.replace("provider/catalogue.yaml", "  currency: BRL\n", proof)
    file = served.path / "tree" / "tenants" / "lopes" / "elsewhere.yaml"
    file.write_text(FILE.format(name))
    try:
        yield
    finally:
        file.unlink()
        served.replace("provider/catalogue.yaml", proof, "  currency: BRL\n")


def domains(postgres: Postgres, name: str) -> list[tuple[object, ...]]:
    return postgres.rows("mail", f"SELECT name FROM mail_domain WHERE name = '{name}'")  # noqa: S608 - ours


def publish(powerdns: PowerDNS, said: str) -> None:
    """Publish the TXT record that is told of, where the customer's zone is; none takes it away."""
    url = f"{powerdns.api_url}/api/v1/servers/localhost/zones"
    key = {"X-API-Key": powerdns.api_key}
    found = re.search(r"TXT record _ispalier\.(\S+)\s+with\s+the\s+text\s+'(\S+)'", said)
    for name in ("elsewhere", "later"):
        httpx.delete(f"{url}/{name}.example.", headers=key)
    if found:
        record = {"content": f'"{found[2]}"', "disabled": False}
        rrset = {"name": f"_ispalier.{found[1]}.", "type": "TXT", "ttl": 60, "records": [record]}
        zone = {"name": f"{found[1]}.", "kind": "Native", "nameservers": ["ns.old.example."]}
        made = httpx.post(url, headers=key, json={**zone, "rrsets": [rrset]})
        assert made.status_code == httpx.codes.CREATED, made.text
