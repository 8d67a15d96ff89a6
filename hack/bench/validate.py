"""`ispalier validate` beside kubeconform, which knows the schemas alone: in turn, medians."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from statistics import median
from typing import NamedTuple

import yaml

from hack.bench import resources
from hack.bench.report import figure
from hack.bench.resources import Body
from hack.stack.operator import ispalier
from hack.stack.programs import find
from ispalier.api.base import API_VERSION

TENANTS, MORE = 100, 1000
LOGINS, MAILBOXES, RECORDS = 24, 36, 36
"""Of each tenant: with itself, its contract, its domain and its mail domain 100 files."""
RUNS = 5
SCHEMAS = Path(__file__).parents[2] / "schemas" / "json"
SETTLED = 2.5
"""Seconds after which a file counts as unchanged by its time alone."""


class Tree(NamedTuple):
    """A folder of one file for each resource."""

    folder: Path
    files: int


class Spent(NamedTuple):
    """Wall time in seconds, and the most memory of all processes together in MB."""

    seconds: float
    megabytes: float


def run() -> None:
    """All figures of this module; nothing else is started."""
    with tempfile.TemporaryDirectory(prefix="ispalier-bench-") as name:
        _ten_thousand(_tree(Path(name) / "tree", TENANTS), Path(name) / "cache")
    with tempfile.TemporaryDirectory(prefix="ispalier-bench-") as name:
        _hundred_thousand(_tree(Path(name) / "tree", MORE), Path(name) / "cache")


def _ten_thousand(tree: Tree, cache: Path) -> None:
    """Cold, again, after a change of a tenant's file and of the provider's, each beside the peer."""
    line = tree.folder / "tenants" / "t0003" / "login-line3.yaml"
    unit = tree.folder / "provider" / "businessunit-bench.yaml"
    spent: dict[str, list[tuple[Spent, Spent]]] = {}
    for number in range(RUNS):
        shutil.rmtree(cache, ignore_errors=True)
        for name, edited in (
            ("cold", None),
            ("no change", None),
            ("one file changed", line),
            ("a file of the provider's changed", unit),
        ):
            if edited is not None:
                edited.write_text(f"{edited.read_text()}# {number}\n")
            pair = (
                _spent(_ours(), tree, cache, watched=False),
                _spent(_theirs(), tree, cache, watched=False),
            )
            spent.setdefault(name, []).append(pair)
    bars = {"cold": {"bar_ratio": 1.0}, "one file changed": {"bar_seconds": 0.3}}
    for name, pairs in spent.items():
        ours, theirs = zip(*pairs, strict=True)
        _told(f"validate {tree.files} files, {name}", ours, theirs, bars.get(name, {}))


def _hundred_thousand(tree: Tree, cache: Path) -> None:
    ours, theirs = [_spent(_ours(), tree, cache)], [_spent(_theirs(), tree, cache)]
    bars = {"bar_seconds": 12.0, "bar_megabytes": 1000.0}
    _told(f"validate {tree.files} files, cold", ours, theirs, bars)


def _told(
    name: str, ours: Sequence[Spent], theirs: Sequence[Spent], bars: dict[str, float]
) -> None:
    seconds, kubeconform = (median(each.seconds for each in some) for some in (ours, theirs))
    most = max(each.megabytes for each in ours)
    figure(
        name,
        seconds=seconds,
        kubeconform_seconds=kubeconform,
        **({"megabytes": most} if most else {}),
        ratio=seconds / kubeconform,
        **bars,
    )


def _ours() -> list[str]:
    return [str(ispalier()), "validate", "."]


def _theirs() -> list[str]:
    cores = str(len(os.sched_getaffinity(0)))
    schemas = f"{SCHEMAS}/{{{{.ResourceKind}}}}.json"
    program = str(find("kubeconform"))
    return [program, "-strict", "-n", cores, "-schema-location", schemas, "provider", "tenants"]


def _tree(folder: Path, tenants: int) -> Tree:
    """A provider with so many tenants, settled."""
    files = 0
    for place, body in chain(_provider(), _tenants(tenants)):
        file = folder / place / f"{body['kind'].lower()}-{body['metadata']['name']}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.dump(body, Dumper=yaml.CSafeDumper, sort_keys=False))
        files += 1
    (folder / "ispalier.yaml").write_text("installation: 5f1c7f5e-0000-4000-8000-000000000000\n")
    time.sleep(SETTLED)
    return Tree(folder, files)


def _provider() -> Iterator[tuple[str, Body]]:
    urls = resources.Urls("postgresql://radius", "http://dns", "key", "postgresql://mail")
    for body in resources.provider_of(urls):
        if body["apiVersion"] == API_VERSION:
            yield "provider", body


def _tenants(count: int) -> Iterator[tuple[str, Body]]:
    for number in range(count):
        name = f"t{number:04}"
        services = resources.services(name, LOGINS, MAILBOXES, RECORDS)
        for body in (*resources.tenant(name, f"c{number:04}"), *services):
            yield f"tenants/{name}", body


def _spent(command: list[str], tree: Tree, cache: Path, *, watched: bool = True) -> Spent:
    """Run a command; watching its memory takes time from it, so that is not done where it is short."""
    env = {**os.environ, "ISPALIER_CACHE_FOLDER": str(cache)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryFile() as said:
        begin, most = time.monotonic(), 0.0
        process = subprocess.Popen(command, cwd=tree.folder, env=env, stdout=said, stderr=said)
        while process.poll() is None:
            if watched:
                most = max(most, sum(map(_megabytes, _family(process.pid))))
            time.sleep(0.1 if watched else 0.005)
        seconds = time.monotonic() - begin
        if process.returncode:
            said.seek(0)
            message = f"{' '.join(command)}: {said.read()[-2000:].decode()}"
            raise RuntimeError(message)
    return Spent(seconds, most)


def _family(process: int) -> Iterator[int]:
    yield process
    try:
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return
    for each in children:
        yield from _family(int(each))


def _megabytes(process: int) -> float:
    """The memory of a process; what is shared by several counts once in all."""
    try:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    shares = (line.split() for line in text.splitlines() if line.startswith("Pss:"))
    return sum(int(size) for _, size, _ in shares) / 1024
