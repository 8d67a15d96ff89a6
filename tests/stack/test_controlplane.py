"""The control plane is a real one: schemas, rules, roles, and namespaces that end."""

import json
from pathlib import Path

import pytest

from hack.stack.controlplane import ControlPlane
from hack.stack.errors import StackError
from hack.stack.process import call

CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "lamps.stack.example.org"},
    "spec": {
        "group": "stack.example.org",
        "scope": "Namespaced",
        "names": {"kind": "Lamp", "plural": "lamps", "singular": "lamp"},
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {
                            "spec": {
                                "type": "object",
                                "properties": {"watts": {"type": "integer"}},
                                "x-kubernetes-validations": [
                                    {"rule": "self.watts < 100", "message": "too bright"}
                                ],
                            }
                        },
                    }
                },
            }
        ],
    },
}


@pytest.fixture(scope="module")
def cluster(controlplane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> ControlPlane:
    file = tmp_path_factory.mktemp("crd") / "crd.json"
    file.write_text(json.dumps(CRD))
    controlplane.run_kubectl("apply", "-f", str(file))
    controlplane.run_kubectl("wait", "--for=condition=Established", f"crd/{crd_name()}")
    return controlplane


def crd_name() -> str:
    return "lamps.stack.example.org"


def lamp(folder: Path, watts: int) -> str:
    file = folder / "lamp.json"
    manifest = {
        "apiVersion": "stack.example.org/v1",
        "kind": "Lamp",
        "metadata": {"name": "desk", "namespace": "default"},
        "spec": {"watts": watts},
    }
    file.write_text(json.dumps(manifest))
    return str(file)


def test_a_custom_resource_is_stored(cluster: ControlPlane, tmp_path: Path) -> None:
    cluster.run_kubectl("apply", "-f", lamp(tmp_path, 40))

    watts = cluster.run_kubectl("get", "lamp", "desk", "-o", "jsonpath={.spec.watts}")

    assert watts == "40"


def test_a_cel_rule_refuses(cluster: ControlPlane, tmp_path: Path) -> None:
    with pytest.raises(StackError, match="too bright"):
        cluster.run_kubectl("apply", "-f", lamp(tmp_path, 100))


def test_a_service_account_may_do_nothing_but_what_is_granted(cluster: ControlPlane) -> None:
    cluster.run_kubectl("create", "serviceaccount", "reader")
    kubeconfig = cluster.service_account_kubeconfig("default", "reader")

    with pytest.raises(StackError, match=r"lamps.* is forbidden"):
        call([cluster.kubectl, f"--kubeconfig={kubeconfig}", "get", "lamps"])


def test_a_namespace_is_deleted_to_the_end(cluster: ControlPlane) -> None:
    cluster.run_kubectl("create", "namespace", "leaving")
    cluster.run_kubectl("delete", "namespace", "leaving", "--wait", "--timeout=30s")

    with pytest.raises(StackError, match="NotFound"):
        cluster.run_kubectl("get", "namespace", "leaving")
