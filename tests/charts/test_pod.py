"""The pod of the chart, as near as a machine without a kubelet comes: its words, its files."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import httpx
import pytest

from hack.stack.controlplane import ControlPlane
from hack.stack.ports import HOST as LOOPBACK
from hack.stack.ports import free_port
from tests.charted import HOME, Manifest, account_of, rendered
from tests.operators import SOON, cluster_of, until

ISOLATED = """
mount --make-rprivate /
mount -t tmpfs pod /run
mkdir -p /run/secrets/kubernetes.io/serviceaccount
cp "$1/token" "$1/ca.crt" /run/secrets/kubernetes.io/serviceaccount
mount -t tmpfs pod /var/lib
mkdir /var/lib/ispalier
mount -t tmpfs pod /tmp
mount -o remount,bind,ro /
cd /var/lib/ispalier
shift
exec "$@"
"""
"""Nothing can be written but the volumes of the pod, and its account is where a kubelet puts it."""

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can give a process a file system of its own"
)


def pod() -> Manifest:
    (deployment,) = (each for each in rendered("ispalier") if each["kind"] == "Deployment")
    spec: Manifest = deployment["spec"]["template"]["spec"]
    return spec


def environment(container: Manifest, kinds: ControlPlane, listen: str) -> Mapping[str, str]:
    """What the chart sets, and what a kubelet adds; the port is one that is free here."""
    url = urlsplit(kinds.url)
    told = {each["name"]: each.get("value", HOME) for each in container["env"]}
    return {
        **told,
        "ISPALIER_LISTEN": listen,
        "KUBERNETES_SERVICE_HOST": str(url.hostname),
        "KUBERNETES_SERVICE_PORT": str(url.port),
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin:/usr/sbin:/sbin",
    }


@contextmanager
def running(
    container: Manifest, kinds: ControlPlane, folder: Path, listen: str = ""
) -> Iterator[subprocess.Popen[str]]:
    """One container of the pod."""
    words: Sequence[str] = ("unshare", "--mount", "sh", "-euc", ISOLATED, "pod", str(folder))
    with subprocess.Popen(  # noqa: S603 - our own command
        [*words, "ispalier", *container["args"]],
        env=environment(container, kinds, listen),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def account(kinds: ControlPlane, tmp_path: Path) -> Path:
    """What a kubelet puts into the pod."""
    (user,) = json.loads(account_of(kinds).read_text())["users"]
    (tmp_path / "token").write_text(user["user"]["token"])
    (tmp_path / "ca.crt").write_bytes(kinds.ca_file.read_bytes())
    return tmp_path


def test_the_pod_makes_its_identity_gets_ready_and_ends_politely(
    kinds: ControlPlane, account: Path
) -> None:
    spec, listen = pod(), f"{LOOPBACK}:{free_port()}"
    (init,), (container,) = spec["initContainers"], spec["containers"]

    async def story() -> None:
        async with cluster_of(kinds) as cluster, httpx.AsyncClient() as web:

            async def is_ready() -> bool:
                try:
                    path = container["readinessProbe"]["httpGet"]["path"]
                    return (await web.get(f"http://{listen}{path}")).is_success
                except httpx.TransportError:
                    return False

            with running(init, kinds, account) as first:
                made = await anyio.to_thread.run_sync(first.communicate)
            with running(init, kinds, account) as second:
                again = await anyio.to_thread.run_sync(second.communicate)
            try:
                with running(container, kinds, account, listen) as process:
                    await until(is_ready)
                    process.terminate()
                    said, _ = await anyio.to_thread.run_sync(
                        lambda: process.communicate(None, SOON)
                    )
            finally:
                secret = f"/api/v1/namespaces/{HOME}/secrets/ispalier-installation"
                await cluster.client.request("DELETE", secret)

            assert "made Secret ispalier-installation" in made[0]
            assert "was left as it is" in again[0]
            assert "ready" in said
            assert process.returncode == 0

    anyio.run(story)
