"""The fault proxy breaks exactly what it is told to, before a real server."""

import ssl
from collections.abc import Iterator

import httpx
import pytest

from hack.stack.controlplane import ControlPlane
from hack.stack.faultproxy import (
    Answer,
    Cut,
    Delay,
    Effect,
    Fault,
    FaultProxy,
    Lose,
    Refuse,
    Seen,
    api_error,
)
from hack.stack.powerdns import PowerDNS

API = "/api"
ZONES = "/api/v1/servers/localhost/zones"
ZONE = {"name": "proxied.test.", "kind": "Native", "nameservers": ["ns1.proxied.test."]}


@pytest.fixture
def proxy(powerdns: PowerDNS) -> Iterator[FaultProxy]:
    with FaultProxy(powerdns.api_url) as proxy:
        yield proxy


@pytest.fixture
def client(proxy: FaultProxy, powerdns: PowerDNS) -> Iterator[httpx.Client]:
    key = {"X-API-Key": powerdns.api_key}
    with httpx.Client(base_url=proxy.url, headers=key, timeout=5) as client:
        yield client
    httpx.delete(f"{powerdns.api_url}{ZONES}/proxied.test.", headers=key)


def test_what_no_fault_hits_passes_unchanged(
    proxy: FaultProxy, client: httpx.Client, powerdns: PowerDNS
) -> None:
    made = client.post(ZONES, json=ZONE)
    through = client.get(f"{ZONES}/proxied.test.")
    direct = httpx.get(
        f"{powerdns.api_url}{ZONES}/proxied.test.", headers={"X-API-Key": powerdns.api_key}
    )

    assert made.status_code == 201
    assert direct.content == through.content
    assert [Seen("POST", ZONES, 201)] == proxy.writes()


def test_a_fault_hits_the_nth_request_that_matches(proxy: FaultProxy, client: httpx.Client) -> None:
    fault = Fault(api_error(429, "TooManyRequests", 1), path="zones", skip=1, times=2)

    with proxy.fault(fault):
        answers = [client.get(path) for path in (API, ZONES, ZONES, API, ZONES, ZONES)]

    assert [answer.status_code for answer in answers] == [200, 200, 429, 200, 429, 200]
    assert [answer.headers.get("Retry-After") for answer in answers[1:3]] == [None, "1"]
    assert fault.hits == 2


def test_a_fault_ends_with_its_block(proxy: FaultProxy, client: httpx.Client) -> None:
    with proxy.fault(Fault(Answer(500), times=None)):
        within = client.get(ZONES)

    assert within.status_code == 500
    assert client.get(ZONES).status_code == 200


@pytest.mark.parametrize(
    ("effect", "afterwards"),
    [
        pytest.param(Lose(), 200, id="a lost answer: it was done all the same"),
        pytest.param(Cut(10), 200, id="a cut answer: it was done all the same"),
        pytest.param(Refuse(), 404, id="a refused connection: nothing was done"),
        pytest.param(Delay(60), 404, id="a delay: nothing was done yet"),
    ],
)
def test_a_write_fails_by(
    effect: Effect, afterwards: int, proxy: FaultProxy, client: httpx.Client
) -> None:
    with proxy.fault(Fault(effect, method="POST")), pytest.raises(httpx.TransportError):
        client.post(ZONES, json=ZONE, timeout=0.5)

    assert client.get(f"{ZONES}/proxied.test.").status_code == afterwards


def test_watches_are_broken_on_demand(controlplane: ControlPlane) -> None:
    bearer = {"Authorization": f"Bearer {controlplane.token}"}
    trust = ssl.create_default_context(cafile=controlplane.ca_file)
    with (
        FaultProxy(controlplane.url, controlplane.ca_file, controlplane.key_file) as proxy,
        httpx.Client(base_url=proxy.url, headers=bearer, verify=trust, timeout=10) as client,
        client.stream("GET", "/api/v1/namespaces", params={"watch": "true"}) as watch,
    ):
        events = watch.iter_lines()
        first = next(events)
        broken = proxy.break_watches()

        assert '"type":"ADDED"' in first
        assert broken == 1
        with pytest.raises(httpx.TransportError):
            list(events)


def test_kubectl_goes_through(controlplane: ControlPlane) -> None:
    with FaultProxy(controlplane.url, controlplane.ca_file, controlplane.key_file) as proxy:
        kubeconfig = controlplane.kubeconfig_through(proxy.url)

        names = controlplane.run_kubectl("get", "ns", "-o", "name", f"--kubeconfig={kubeconfig}")

    assert "namespace/default" in names.splitlines()
    assert {"/api/v1/namespaces?limit=500"} <= {request.path for request in proxy.seen}
