"""People with the roles of the chart, at a real API server, as who they say they are."""

import json
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import httpx

from hack.stack.controlplane import ControlPlane
from hack.stack.errors import StackError
from hack.stack.process import call
from hack.stack.programs import find
from ispalier.api.generate import TOP
from ispalier.api.kinds import ACTS, KINDS

Body: TypeAlias = dict[str, Any]

CHART = TOP / "charts" / "ispalier"
RELEASE = "ispalier"
SOON = 20.0
"""Seconds within which the API server knows a new policy, and roles have added up."""
API = "/apis/ispalier.dev/v1alpha1"
RBAC = "rbac.authorization.k8s.io"
PLURALS = {kind.__name__: kind.plural for kind in (*KINDS, *ACTS)}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the API server said."""

    status: int
    body: Body

    @property
    def message(self) -> str:
        return str(self.body.get("message", ""))


@dataclass(frozen=True, slots=True)
class Person:
    """Asks in somebody's name: nothing is really changed unless it says so."""

    http: httpx.Client = field(repr=False)
    name: str

    def ask(self, method: str, path: str, body: Body | None = None, *, dry: bool = True) -> Answer:
        patch = {"Content-Type": "application/merge-patch+json"} if method == "PATCH" else {}
        query = {"dryRun": "All"} if dry and method != "GET" else {}
        headers = {"Impersonate-User": self.name, **patch} if self.name else patch
        end = time.monotonic() + SOON
        while True:
            answer = self.http.request(method, path, json=body, params=query, headers=headers)
            # The API server says 429 while it opens the store of a new kind: any client waits.
            if answer.status_code != httpx.codes.TOO_MANY_REQUESTS or time.monotonic() > end:
                return Answer(answer.status_code, answer.json())
            time.sleep(0.1)

    def change(self, kind: str, namespace: str, name: str, spec: Body) -> Answer:
        return self.ask("PATCH", at(kind, namespace, name), {"spec": spec})

    def make(self, kind: str, namespace: str, spec: Body) -> Answer:
        return self.ask("POST", at(kind, namespace), manifest(kind, namespace, "new", spec))


def at(kind: str, namespace: str, name: str = "") -> str:
    """The path of a resource of ours, or of all in a namespace."""
    return f"{API}/namespaces/{namespace}/{PLURALS[kind]}" + (f"/{name}" if name else "")


def manifest(kind: str, namespace: str, name: str, spec: Body) -> Body:
    return {
        "apiVersion": "ispalier.dev/v1alpha1",
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }


def namespace(name: str, labels: Mapping[str, str] | None = None) -> Body:
    metadata = {"name": name, "labels": dict(labels or {})}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def bound(user: str, role: str, where: str = "") -> Body:
    """A binding of a user to a ClusterRole, in a namespace or in the cluster."""
    kind = "RoleBinding" if where else "ClusterRoleBinding"
    name = f"tests-{role}-{user}".replace(":", "-")
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": kind,
        "metadata": {"name": name, **({"namespace": where} if where else {})},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [{"apiGroup": RBAC, "kind": "User", "name": user}],
    }


@contextmanager
def people(controlplane: ControlPlane) -> Iterator[Person]:
    """The administrator, who lends a connection to everybody."""
    trusted = ssl.create_default_context(cafile=str(controlplane.ca_file))
    headers = {"Authorization": f"Bearer {controlplane.token}"}
    with httpx.Client(base_url=controlplane.url, verify=trusted, headers=headers) as http:
        yield Person(http, "")


def rendered(*settings: str, release: str = RELEASE) -> str:
    """Roles and policies of the chart as Helm writes them."""
    text = call([find("helm"), "template", release, CHART, *(f"--set={each}" for each in settings)])
    ours = re.compile(r"^# Source: ispalier/templates/(roles|policies)/", re.MULTILINE)
    return "\n---\n".join(part for part in text.split("---\n") if ours.search(part))


@contextmanager
def applied(
    controlplane: ControlPlane, folder: Path, text: str, objects: Sequence[Mapping[str, Any]]
) -> Iterator[None]:
    """What Helm wrote, and these objects with it, until the end."""
    chart, more = folder / "chart.yaml", folder / "objects.json"
    chart.write_text(text)
    more.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
    try:
        controlplane.run_kubectl("apply", "--server-side", "-f", str(more), "-f", str(chart))
        yield
    finally:
        _delete(controlplane, chart)
        _delete(controlplane, more)


def eventually(asked: Callable[[], Answer], status: int) -> Answer:
    """The answer, once it has this status."""
    deadline = time.monotonic() + SOON
    while (answer := asked()).status != status:
        assert time.monotonic() < deadline, answer
        time.sleep(0.1)
    return answer


def _delete(controlplane: ControlPlane, file: Path) -> None:
    """Delete what a file says, also what the API server holds back until it forgets a policy."""
    deadline = time.monotonic() + SOON
    words = ("delete", "--ignore-not-found", "--wait=false", "-f", str(file))
    while True:
        try:
            controlplane.run_kubectl(*words)
        except StackError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
