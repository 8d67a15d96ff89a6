"""The charts as Helm renders them, and the account that the controller's chart makes."""

import functools
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import yaml

from hack.charts.__main__ import CHARTS
from hack.install.definitions import folder
from hack.stack.controlplane import ControlPlane, write_kubeconfig
from hack.stack.process import call
from hack.stack.programs import find

HOME = "ispalier"
"""The controller's namespace."""
RELEASE = "tested"
"""The release whose account the operators of the tests have."""

Manifest: TypeAlias = dict[str, Any]


def helm(*words: str | Path) -> str:
    """Run helm and return what it printed; raises StackError with what it said."""
    return call([find("helm"), *words])


def rendered(chart: str, *words: str, release: str = RELEASE) -> list[Manifest]:
    """What a chart makes with these words for helm."""
    text = helm("template", release, CHARTS / chart, "--namespace", HOME, *words)
    return [each for each in yaml.load_all(text, Loader=yaml.CSafeLoader) if each]


def rights(release: str, *words: str) -> list[Manifest]:
    """The account of a release of the controller's chart, its roles and bindings."""
    only = ("--show-only", "templates/account.yaml", "--show-only", "templates/rights.yaml")
    return rendered("ispalier", *only, *words, release=release)


def name_of(release: str) -> str:
    """How the account of a release is called."""
    return f"{release}-ispalier"


def account_of(cluster: ControlPlane, url: str = "", release: str = RELEASE) -> Path:
    """A kubeconfig with a token of the account that the chart makes, as a pod would have it.

    With a URL it leads there, such as to a fault proxy.
    """
    name = f"{release}.{urlsplit(url or cluster.url).port}.kubeconfig"
    token = _token(cluster, release)
    return write_kubeconfig(
        cluster.kubeconfig.with_name(name), url or cluster.url, token, cluster.ca_file
    )


def applied(cluster: ControlPlane, manifests: Iterable[Manifest]) -> None:
    """Apply manifests as the cluster's administrator, in a namespace that is made for them."""
    home = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}}
    path = cluster.kubeconfig.with_name("applied.json")
    items = [home, *manifests]
    path.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
    cluster.run_kubectl("apply", "--server-side", "--force-conflicts", "-f", str(path))


@contextmanager
def knowing(cluster: ControlPlane, which: str) -> Iterator[ControlPlane]:
    """An API server that knows the kinds of others, until the end."""
    definitions = str(folder(which))
    cluster.run_kubectl("apply", "--server-side", "-f", definitions)
    cluster.run_kubectl("wait", "--for=condition=Established", "-f", definitions)
    try:
        yield cluster
    finally:
        cluster.run_kubectl("delete", "-f", definitions)


@functools.cache
def _token(cluster: ControlPlane, release: str) -> str:
    if not cluster.run_kubectl(
        "get", "serviceaccount", name_of(release), "-n", HOME, "--ignore-not-found", "-o", "name"
    ):
        applied(cluster, rights(release))
    words = ("create", "token", name_of(release), "-n", HOME, "--duration=24h")
    return cluster.run_kubectl(*words).strip()
