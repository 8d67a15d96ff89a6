"""A real Kubernetes control plane without nodes: etcd, the API server, the controller manager."""

import json
import secrets
import signal
import ssl
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from hack.stack.ports import HOST, is_listening
from hack.stack.process import Process, Program, call
from hack.stack.programs import find, lookup
from hack.stack.workspace import Workspace

# Namespaces end, service accounts appear, owned objects go with their owner, roles add up.
_CONTROLLERS = (
    "namespace-controller",
    "serviceaccount-controller",
    "garbage-collector-controller",
    "clusterrole-aggregation-controller",
)


# A polite end waits for every open watch, and there is nothing to save.
_AT_ONCE = signal.SIGKILL


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """A running API server and how to reach it as its administrator."""

    url: str
    ca_file: Path
    key_file: Path
    kubeconfig: Path
    kubectl: Path
    token: str = field(repr=False)
    processes: tuple[Process, ...] = field(repr=False)

    def run_kubectl(self, *words: str) -> str:
        """Run kubectl as the administrator and return what it printed."""
        return call([self.kubectl, f"--kubeconfig={self.kubeconfig}", *words])

    def service_account_kubeconfig(self, namespace: str, name: str, url: str = "") -> Path:
        """Write a kubeconfig with a fresh token of a service account, which must exist.

        With a URL it leads there, such as to a fault proxy.
        """
        token = self.run_kubectl("create", "token", name, "-n", namespace, "--duration=24h").strip()
        path = self.kubeconfig.with_name(f"{namespace}.{name}.kubeconfig")
        return write_kubeconfig(path, url or self.url, token, self.ca_file)

    def kubeconfig_through(self, url: str, name: str = "proxy") -> Path:
        """Write the administrator's kubeconfig for another address, such as a fault proxy's."""
        path = self.kubeconfig.with_name(f"{name}.kubeconfig")
        return write_kubeconfig(path, url, self.token, self.ca_file)


def start(workspace: Workspace) -> ControlPlane:
    """Start an empty cluster; as any user, since nothing in it needs more."""
    folder = workspace.make_folder("controlplane")
    folder.chmod(0o700)
    etcd = _start_etcd(workspace, folder)
    port, token = workspace.port(), secrets.token_hex(16)
    _make_service_account_keys(folder)
    (folder / "tokens.csv").write_text(f"{token},admin,admin,system:masters\n")
    apiserver = Program(
        name="kube-apiserver",
        argv=[
            find("kube-apiserver"),
            f"--etcd-servers={etcd.url}",
            f"--secure-port={port}",
            f"--bind-address={HOST}",
            "--endpoint-reconciler-type=none",  # else a loopback address is refused
            f"--cert-dir={folder / 'certs'}",
            f"--service-account-key-file={folder / 'sa.pub'}",
            f"--service-account-signing-key-file={folder / 'sa.key'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--token-auth-file={folder / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            "--service-cluster-ip-range=10.0.0.0/24",
            "--disable-admission-plugins=ServiceAccount",  # pods are not run
        ],
        log=folder / "kube-apiserver.log",
        stop_signal=_AT_ONCE,
    )
    url, ca_file = f"https://{HOST}:{port}", folder / "certs" / "apiserver.crt"
    api = workspace.run(apiserver, lambda: _is_ready(url, ca_file, token), seconds=60)
    kubeconfig = write_kubeconfig(folder / "kubeconfig", url, token, ca_file)
    controllers = _start_controllers(workspace, folder, kubeconfig)
    return ControlPlane(
        url=url,
        ca_file=ca_file,
        key_file=ca_file.with_suffix(".key"),
        kubeconfig=kubeconfig,
        kubectl=find("kubectl"),
        token=token,
        processes=(etcd.process, api, *controllers),
    )


def write_kubeconfig(path: Path, url: str, token: str, ca_file: Path) -> Path:
    """Write a kubeconfig for one cluster and one token."""
    cluster = {"server": url, "certificate-authority": str(ca_file)}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "ispalier",
        "clusters": [{"name": "ispalier", "cluster": cluster}],
        "users": [{"name": "ispalier", "user": {"token": token}}],
        "contexts": [{"name": "ispalier", "context": {"cluster": "ispalier", "user": "ispalier"}}],
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(content, indent=1) + "\n")
    return path


@dataclass(frozen=True, slots=True)
class _Etcd:
    url: str
    process: Process


def _start_etcd(workspace: Workspace, folder: Path) -> _Etcd:
    client, peer = workspace.port(), workspace.port()
    url, peer_url = f"http://{HOST}:{client}", f"http://{HOST}:{peer}"
    program = Program(
        name="etcd",
        argv=[
            find("etcd"),
            f"--data-dir={folder / 'etcd'}",
            f"--listen-client-urls={url}",
            f"--advertise-client-urls={url}",
            f"--listen-peer-urls={peer_url}",
            f"--initial-advertise-peer-urls={peer_url}",
            f"--initial-cluster=default={peer_url}",
            "--unsafe-no-fsync",
        ],
        log=folder / "etcd.log",
        stop_signal=_AT_ONCE,
    )
    return _Etcd(url, workspace.run(program, lambda: is_listening(client)))


def _start_controllers(workspace: Workspace, folder: Path, kubeconfig: Path) -> list[Process]:
    """Start the controller manager; KUBEBUILDER_ASSETS has none, then namespaces do not end."""
    manager = lookup("kube-controller-manager")
    if manager is None:
        return []
    program = Program(
        name="kube-controller-manager",
        argv=[
            manager,
            f"--kubeconfig={kubeconfig}",
            f"--service-account-private-key-file={folder / 'sa.key'}",
            "--leader-elect=false",
            "--secure-port=0",
            f"--controllers={','.join(_CONTROLLERS)}",
        ],
        log=folder / "kube-controller-manager.log",
        stop_signal=_AT_ONCE,
    )
    return [workspace.run(program, lambda: True)]


def _make_service_account_keys(folder: Path) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private, public = folder / "sa.key", folder / "sa.pub"
    private.touch(mode=0o600)
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    public.write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )


def _is_ready(url: str, ca_file: Path, token: str) -> bool:
    if not ca_file.exists():
        return False
    try:
        context = ssl.create_default_context(cafile=ca_file)
        bearer = {"Authorization": f"Bearer {token}"}
        return httpx.get(f"{url}/readyz", headers=bearer, verify=context, timeout=2).is_success
    except (httpx.TransportError, ssl.SSLError):  # not listening yet; certificate half written
        return False
