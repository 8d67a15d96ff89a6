"""What the API server takes `validate` takes, and what the one refuses the other refuses."""

import copy
import json
import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from hack.stack.controlplane import ControlPlane
from hack.stack.errors import StackError
from ispalier.api.kinds import BY_NAME
from ispalier.world.documents import documents
from ispalier.world.manifests import declared
from tests.golden.api.mistakes import EVERY

Object: TypeAlias = dict[str, Any]
Path_: TypeAlias = tuple[str | int, ...]

NAMESPACE = "validity"
VALID = Path(__file__).parents[1] / "golden" / "api" / "valid"
MISSING = object()


def example() -> dict[str, Object]:
    """One object of every kind, with as many fields as go together."""
    found: dict[str, Object] = {}
    for file in sorted(VALID.glob("*.yaml")):
        for document in documents(file.read_bytes()):
            value: Any = document.value
            if value["kind"] in BY_NAME:
                found.setdefault(value["kind"], value)
    for value in found.values():
        if "namespace" in value["metadata"]:
            value["metadata"]["namespace"] = NAMESPACE
    return found


EXAMPLES = example()


def changed(kind: str, path: Path_, value: object) -> Object:
    """The object of a kind with one field changed, or taken out."""
    made = copy.deepcopy(EXAMPLES[kind])
    inner: Any = made
    for part in path[:-1]:
        inner = inner[part]
    if value is MISSING:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return made


class Server:
    """The API server, asked without storing anything."""

    def __init__(self, cluster: ControlPlane) -> None:
        self._client = httpx.Client(
            base_url=cluster.url,
            verify=ssl.create_default_context(cafile=cluster.ca_file),
            headers={"Authorization": f"Bearer {cluster.token}"},
        )

    def answer(self, kind: str, body: str, media: str = "application/json") -> httpx.Response:
        model = EVERY[kind]
        space = f"namespaces/{NAMESPACE}/" if model.namespaced else ""
        return self._client.post(
            f"/apis/ispalier.dev/v1alpha1/{space}{model.plural}",
            params={"dryRun": "All", "fieldValidation": "Strict"},
            content=body,
            headers={"Content-Type": media},
        )

    def takes(self, value: Object) -> bool:
        answer = self.answer(value["kind"], json.dumps(value))
        assert answer.status_code in (201, 400, 422), answer.text
        return answer.is_success

    def refused(self, value: Object) -> set[str]:
        """The fields for which it does not take an object; of strict decoding it tells a text."""
        answer = self.answer(value["kind"], json.dumps(value))
        assert answer.status_code in (400, 422), answer.text
        told = answer.json()
        named = {each["field"] for each in told.get("details", {}).get("causes", ())}
        return named | {*re.findall(r'unknown field "([^"]+)"', told["message"])}

    def close(self) -> None:
        self._client.close()


@pytest.fixture(scope="module")
def server(kinds: ControlPlane) -> Iterator[Server]:
    with_namespace(kinds)
    server = Server(kinds)
    yield server
    server.close()


def with_namespace(cluster: ControlPlane) -> None:
    try:
        cluster.run_kubectl("create", "namespace", NAMESPACE)
    except StackError as error:
        assert "AlreadyExists" in str(error)  # noqa: PT017 - made by an earlier run


def we_take(value: Object) -> bool:
    return not declared(value).findings


@pytest.mark.parametrize("kind", BY_NAME)
def test_the_example_is_right_for_both(server: Server, kind: str) -> None:
    assert server.takes(EXAMPLES[kind])
    assert we_take(EXAMPLES[kind])


PASSWORD = ("spec", "password")
KEPT = ("Login", "IPClaim", "Domain", "MailDomain", "Mailbox")
"""Kinds that have data of their own."""
RIGHT: tuple[tuple[str, Path_, object], ...] = (
    ("BusinessUnit", ("spec", "billing"), {"closingDay": 28.0}),
    ("BusinessUnit", ("spec", "ledgerStart"), None),
    ("BusinessUnit", ("metadata", "labels"), {"a": None, "example.org/B": "c_d.e-F"}),
    ("BusinessUnit", ("metadata", "annotations"), {"EXAMPLE.org/b": "any text\n"}),
    ("Plan", ("spec", "prices"), []),
    ("Plan", ("metadata", "name"), "a.name-with.dots"),
    ("ServiceHost", ("spec", "default"), True),
    ("NAS", ("spec", "addresses"), ["2001:DB8::1"]),
    ("IPPool", ("spec", "prefixes"), [{"prefix": "2001:DB8::/32"}, {"prefix": "2001:db9::/32"}]),
    ("Tenant", ("spec", "contacts"), MISSING),
    ("Tenant", ("spec", "displayName"), "é" * 200),
    ("Subscription", ("spec", "end"), {"date": "2027-01-01", "reason": "moved"}),
    ("Login", ("spec", "username"), "d'ávila+tv"),
    ("Login", ("spec", "password"), {"generate": {"secretName": "a"}, "secretRef": None}),
    ("IPClaim", ("spec", "address"), "100.64.0.9"),
    ("Domain", ("spec", "name"), "_under.score.example"),
    ("RecordSet", ("spec", "name"), "*.a_b"),
    ("Mailbox", ("status",), {"observedGeneration": 3}),
    ("Mailbox", ("spec", "retentionDays"), None),
    *((kind, ("spec", "retentionDays"), days) for kind in KEPT for days in (0, 3650)),
    ("MailAlias", ("metadata", "creationTimestamp"), "2026-01-01T00:00:00Z"),
)
WRONG: tuple[tuple[str, Path_, object], ...] = (
    ("BusinessUnit", ("spec", "timeZone"), "São Paulo"),
    ("BusinessUnit", ("spec", "timeZone"), MISSING),
    ("BusinessUnit", ("spec", "currency"), "brl"),
    ("BusinessUnit", ("spec", "ledgerStart"), "2026-02-30"),
    ("BusinessUnit", ("spec", "ledgerStart"), "0000-01-01"),
    ("BusinessUnit", ("spec", "billing", "closingDay"), 32),
    ("BusinessUnit", ("spec", "billing", "closingDay"), "31"),
    ("BusinessUnit", ("spec", "billing", "dueDay"), 1.5),
    ("Plan", ("spec", "access"), MISSING),
    ("Plan", ("spec", "availableIn"), []),
    ("Plan", ("spec", "availableIn"), ["a", "a"]),
    ("Plan", ("spec", "prices", 0, "amount"), 99.9),
    ("Plan", ("spec", "prices", 0, "amount"), "99.90\n"),
    ("Plan", ("spec", "prices", 0, "cycle"), "P3M"),
    ("AccessProfile", ("spec", "download"), "0M"),
    ("AccessProfile", ("spec", "upload"), MISSING),
    ("ServiceHost", ("spec", "type"), "RADIUS"),
    ("ServiceHost", ("spec", "default"), "true"),
    ("NAS", ("spec", "addresses"), ["010.0.0.1"]),
    ("NAS", ("spec", "addresses"), ["fe80::1%eth0"]),
    ("NAS", ("spec", "secretRef"), {"name": "a"}),
    ("AccessPoint", ("spec", "nasRefs"), [{"name": "a"}, {"name": "a"}]),
    ("AccessPoint", ("spec", "nasRefs"), [None]),
    ("IPPool", ("spec", "prefixes"), [{"prefix": "100.64.0.1/22"}]),
    ("IPPool", ("spec", "prefixes"), [{"prefix": "10.0.0.0/8"}, {"prefix": "2001:db8::/32"}]),
    ("IPPool", ("spec", "prefixes", 0, "reserved"), ["x"]),
    ("Tenant", ("spec", "number"), 10042),
    ("Tenant", ("spec", "number"), ""),
    ("Tenant", ("spec", "displayName"), "é" * 201),
    ("Tenant", ("spec", "businessUnitRef"), "londrina"),
    ("Tenant", ("spec", "contacts", 0, "topics"), []),
    ("Subscription", ("spec", "terms"), []),
    ("Subscription", ("spec", "terms", 0, "from"), MISSING),
    ("Subscription", ("spec", "end"), {"date": "2020-01-01", "reason": "too early"}),
    ("Subscription", ("spec", "suspensions"), [{"reason": "a", "since": "2026-01-01"}] * 2),
    ("Login", ("spec", "username"), "joao silva"),
    ("Login", ("spec", "username"), "joao\u00a0silva"),
    ("Login", ("spec", "username"), "joao\n"),
    ("Login", PASSWORD, {}),
    ("Login", PASSWORD, {"generate": {"secretName": "a"}, "hashRef": {"name": "a", "key": "b"}}),
    ("Login", PASSWORD, {"generate": {"secretName": "a", "length": 11}}),
    *(
        ("Login", PASSWORD, {wish: {field: name, "key": "password"}})
        for name in ("../../silva/secrets/joao", "silva/joao", "..", "joao?x=1", "Joao", "joao.")
        for wish, field in (
            ("secretRef", "name"),
            ("hashRef", "name"),
            ("generate", "secretName"),
        )
    ),
    *(
        ("Login", PASSWORD, {"secretRef": {"name": "joao", "key": key}})
        for key in (".", "..", "..joao", "a/b")
    ),
    ("Login", ("spec", "macAddresses"), [f"00:00:00:00:00:0{each}" for each in range(6)]),
    ("Login", ("spec", "macAddresses"), ["00:11:22:33:44:GG"]),
    ("IPClaim", ("spec", "loginRef", "namespace"), "other"),
    ("IPClaim", ("spec",), MISSING),
    ("Domain", ("spec", "name"), "Silva.example"),
    ("Domain", ("spec", "name"), "silva.example."),
    ("Domain", ("spec", "colour"), "green"),
    (
        "RecordSet",
        ("spec",),
        {"domainRef": {"name": "a"}, "type": "CNAME", "values": ["a.example."]},
    ),
    ("RecordSet", ("spec", "type"), "HINFO"),
    ("RecordSet", ("spec", "ttl"), -1),
    ("RecordSet", ("spec", "values"), [5]),
    ("MailDomain", ("spec", "name"), "x" * 254),
    ("Mailbox", ("spec", "address"), "João@silva.example"),
    ("Mailbox", ("spec", "quotaMiB"), 0),
    ("Mailbox", ("spec", "quota"), 5),
    *((kind, ("spec", "retentionDays"), days) for kind in KEPT for days in (-1, 3651, "30", 1.5)),
    ("RecordSet", ("spec", "retentionDays"), 30),
    ("Mailbox", ("status",), {"colour": "green"}),
    ("MailAlias", ("spec", "targets"), ["a@b.example", "a@b.example"]),
    ("MailAlias", ("metadata", "name"), "Upper"),
    ("MailAlias", ("metadata", "colour"), "green"),
    ("MailAlias", ("metadata", "labels"), {"a": 1}),
    ("MailAlias", ("metadata", "labels"), {"a b": "c"}),
    ("MailAlias", ("metadata", "labels"), {"a": "-"}),
    ("MailAlias", ("metadata", "finalizers"), [5]),
    ("MailAlias", ("metadata", "creationTimestamp"), "yesterday"),
    ("MailAlias", ("colour",), "green"),
)


def named(value: object) -> str:
    match value:
        case tuple():
            return ".".join(str(part) for part in value)
        case _ if value is MISSING:
            return "missing"
        case _:
            return repr(value)[:30]


@pytest.mark.parametrize(("kind", "path", "value"), RIGHT, ids=named)
def test_both_take_it(server: Server, kind: str, path: Path_, value: object) -> None:
    given_ = changed(kind, path, value)

    assert server.takes(given_)
    assert we_take(given_)


@pytest.mark.parametrize(("kind", "path", "value"), WRONG, ids=named)
def test_both_refuse_it(server: Server, kind: str, path: Path_, value: object) -> None:
    given_ = changed(kind, path, value)

    assert not server.takes(given_)
    assert not we_take(given_)


VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.sampled_from([0.5, 3.0, 1, 5, 31, 32, 64, 65])
    | st.text(max_size=8)
    | st.sampled_from(
        (
            *("2026-01-01", "0999-01-01", "2026-1-1", "10.0.0.1", "::1", "10.0.0.0/8", "P1M"),
            *("99.90", "a@b.example", "b.example", "@", "Access", "300M", "00:11:22:33:44:55"),
        )
    )
    | st.lists(st.sampled_from(["a", 1, None, {"name": "a"}]), max_size=3)
    | st.dictionaries(st.sampled_from(["name", "key", "a"]), st.sampled_from(["a", None, 1]))
    | st.just(MISSING)
)


def places(value: object, path: Path_ = ()) -> Iterator[Path_]:
    """The way to everything in an object."""
    yield path
    match value:
        case dict():
            for key, each in value.items():
                yield from places(each, (*path, key))
        case list():
            for index, each in enumerate(value):
                yield from places(each, (*path, index))
        case _:
            pass


PLACES = [
    (kind, path) for kind, value in EXAMPLES.items() for path in places(value["spec"], ("spec",))
]


def is_known_to_differ(path: Path_, value: object) -> bool:
    """Two gaps of the API server: it knows no time zones, and takes a list for a date."""
    is_date = path[-1] in ("from", "validFrom") and isinstance(value, list)
    return path[-1] == "timeZone" or is_date


@settings(deadline=None, max_examples=300)
@given(place=st.sampled_from(PLACES), value=VALUES)
def test_whatever_is_changed_both_agree(
    server: Server, place: tuple[str, Path_], value: object
) -> None:
    kind, path = place
    assume(not is_known_to_differ(path, value))
    given_ = changed(kind, path, value)

    assert server.takes(given_) == we_take(given_)


DEFAULTS = {"name": "@", "managementPolicy": "Manage"}


def ttl(written: str) -> str:
    return f"""\
apiVersion: ispalier.dev/v1alpha1
kind: RecordSet
metadata: {{name: a, namespace: {NAMESPACE}}}
spec: {{domainRef: {{name: a}}, type: TXT, ttl: {written}, values: [2026-01-01, 1:30, 00:11]}}
"""


@pytest.mark.parametrize("written", ["10", "010", "0x10", "0b10", "0o10", "1_000", "1e3", "2.0"])
def test_numbers_are_read_alike(server: Server, written: str) -> None:
    text = ttl(written)
    answer = server.answer("RecordSet", text, "application/yaml")
    [document] = documents(text.encode())
    ours: Any = document.value

    assert answer.is_success, answer.text
    assert answer.json()["spec"] | DEFAULTS == ours["spec"] | DEFAULTS


@pytest.mark.parametrize("written", ["yes", "No", "on", "OFF", "y", "N", "true", "False"])
def test_booleans_are_read_alike(server: Server, written: str) -> None:
    text = f"""\
apiVersion: ispalier.dev/v1alpha1
kind: ServiceHost
metadata: {{name: a}}
spec: {{type: Mail, default: {written}, mail: {{database: {{urlSecretRef: {{name: a, key: a}}}}}}}}
"""
    answer = server.answer("ServiceHost", text, "application/yaml")
    [document] = documents(text.encode())
    ours: Any = document.value

    assert answer.is_success, answer.text
    assert answer.json()["spec"] == ours["spec"]


REPEATED = """\
apiVersion: ispalier.dev/v1alpha1
kind: Domain
metadata: {{name: a, namespace: {NAMESPACE}}}
spec:
  subscriptionRef: {{name: a}}
  name: a.example
  name: b.example
"""


def test_a_field_that_stands_twice_is_refused_by_both(server: Server) -> None:
    text = REPEATED.format(NAMESPACE=NAMESPACE)
    [document] = documents(text.encode())

    assert server.answer("Domain", text, "application/yaml").status_code == 400
    assert document.repeated
