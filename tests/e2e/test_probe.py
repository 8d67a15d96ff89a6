"""`ispalier probe`: a folder of YAML, and whether real systems answer as it says."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from hack.stack.freeradius import Radius
from hack.stack.ports import HOST
from hack.stack.postgres import Postgres
from hack.stack.powerdns import PowerDNS
from ispalier.api.base import Resource
from tests.builders import (
    login,
    nas,
    plan,
    profile,
    resource,
    service_host,
    subscription,
    tenant,
    unit,
)
from tests.folders import without_lines

HASHED = {"hashRef": {"name": "hashes", "key": "ana"}}


def ispalier(tree: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        [Path(sys.executable).with_name("ispalier"), *words],
        cwd=tree,
        env={**os.environ, "ISPALIER_PROBE_RATE": "50"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def probed(tree: Path) -> Mapping[str, str]:
    """What is told of each resource as its host serves it."""
    document: Mapping[str, Any] = json.loads(ispalier(tree, "probe", "--all", "-o", "json").stdout)
    return {
        each["resource"]: each["reason"]
        for each in document["probes"]
        if each["condition"] != "DNSConfirmed"
    }


def as_yaml(each: Resource) -> str:
    body = each.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"status"})
    meta = {key: each.metadata.model_dump()[key] for key in ("name", "namespace")}
    meta = {key: value for key, value in meta.items() if value}
    return yaml.safe_dump({**body, "kind": each.kind, "metadata": meta})


@pytest.fixture(scope="module")
def tree(
    tmp_path_factory: pytest.TempPathFactory,
    radius: Radius,
    postgres: Postgres,
    powerdns: PowerDNS,
) -> Iterator[Path]:
    """A tenant with two logins and a zone, applied."""
    without_lines(postgres)
    tree = tmp_path_factory.mktemp("probed")
    everything = (
        unit(),
        profile(),
        plan(),
        _radius(radius),
        _dns(powerdns),
        nas(),
        tenant(),
        subscription(),
        login("joao"),
        login("ana", password=HASHED),
        resource(
            "Domain", "probe", {"subscriptionRef": {"name": "home"}, "name": "cli.test"}, "silva"
        ),
    )
    assert ispalier(tree, "init", ".").returncode == 0
    (tree / "all.yaml").write_text("---\n".join(map(as_yaml, everything)))
    _secret(tree, "ispalier/one/url", radius.database_url)
    _secret(tree, "ispalier/two/key", powerdns.api_key)
    _secret(tree, "ispalier/nas/secret", "shared")
    _secret(tree, "silva/passwords/login", "wireless")
    _secret(tree, "silva/hashes/ana", "3741A4EE66E1AA56CD8B3A9038580DC9")
    done = ispalier(tree, "apply", ".")
    assert done.returncode == 0, done
    yield tree
    without_lines(postgres)
    url = f"{powerdns.api_url}/api/v1/servers/localhost/zones/cli.test."
    httpx.delete(url, headers={"X-API-Key": powerdns.api_key})


def _secret(tree: Path, place: str, text: str) -> None:
    path = tree / "secrets" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _radius(radius: Radius) -> Resource:
    probe = {"address": f"{HOST}:{radius.auth_port}", "secretRef": {"name": "nas", "key": "secret"}}
    database = {"urlSecretRef": {"name": "one", "key": "url"}}
    return service_host("one", "RADIUS", radius={"database": database, "probe": probe})


def _dns(powerdns: PowerDNS) -> Resource:
    section = {
        "url": powerdns.api_url,
        "apiKeySecretRef": {"name": "two", "key": "key"},
        "nameServers": ["ns1.example"],
        "soa": {"contact": "hostmaster.example"},
        "probe": {"nameServers": [f"{HOST}:{powerdns.dns_port}"]},
    }
    return resource("ServiceHost", "two", {"type": "DNS", "dns": section})


def test_what_is_served_as_declared_answers(tree: Path) -> None:
    done = ispalier(tree, "probe", "--all")

    assert done.returncode == 0, done
    assert [line.split()[:5] for line in done.stdout.splitlines()] == [
        ["Customer", "Resource", "Host", "Condition", "Reason"],
        ["10042", "Domain/probe", "two", "DNSConfirmed", "NotProbed"],
        ["10042", "Domain/probe", "two", "Served", "Answers"],
        ["10042", "Login/ana", "one", "Probed", "NotProbed"],
        ["10042", "Login/joao", "one", "Probed", "Answers"],
    ]
    assert done.stderr.startswith("2 as declared, 2 not probed (")


def test_one_resource_can_be_asked_about(tree: Path) -> None:
    done = ispalier(tree, "probe", "Login/joao", ".")

    assert done.returncode == 0, done
    assert len(done.stdout.splitlines()) == 2


def test_a_server_that_answers_wrongly_fails_the_command(tree: Path, postgres: Postgres) -> None:
    postgres.execute("radius", "UPDATE radcheck SET value = 'other' WHERE username = 'joao'")
    done = ispalier(tree, "probe", "--all")
    found = probed(tree)
    repaired = ispalier(tree, "apply", ".")

    assert done.returncode == 1
    assert "it refuses the login, whose password is right" in done.stdout
    assert "wireless" not in done.stdout + done.stderr
    assert found == {
        "Domain/probe": "Answers",
        "Login/ana": "NotProbed",
        "Login/joao": "WrongAnswer",
    }
    assert repaired.returncode == 0
    assert ispalier(tree, "probe", "--all").returncode == 0


def test_what_is_not_there_cannot_be_asked_about(tree: Path) -> None:
    done = ispalier(tree, "probe", "Login/nobody")

    assert done.returncode == 1
    assert "nothing is asked about Login/nobody" in done.stderr


def test_it_has_to_be_said_what_is_asked_about(tree: Path) -> None:
    assert ispalier(tree, "probe").returncode == 2
    assert ispalier(tree, "probe", "--all", ".", "..").returncode == 2
    assert ispalier(tree, "probe", "--all", "nowhere").returncode == 2
