"""What the charts make of values: valid for the API server, strict, and refused with a reason."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from hack.charts.__main__ import CHARTS
from hack.install.definitions import MONITORING, folder
from hack.stack.controlplane import ControlPlane
from hack.stack.errors import StackError
from hack.stack.process import call
from hack.stack.programs import find
from ispalier.api.generate import ROOT
from tests.charted import HOME, Manifest, applied, helm, knowing, rendered, rights
from tests.charts.openapi import write_defined, written

POSTGRES: Mapping[str, Any] = {"journal": {"existingSecret": {"name": "journal"}}}
VALUES: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "replicas": {**POSTGRES, "replicas": 3},
    "namespaces": {"secrets": {"scope": "Namespaces", "namespaces": ["silva", HOME]}},
    "everything": {
        **POSTGRES,
        "replicas": 2,
        "installation": {"init": False},
        "image": {"repository": "registry.example/ispalier", "pullSecrets": [{"name": "login"}]},
        "settings": {
            "ISPALIER_RETIRE_AFTER": 86400000,
            "ISPALIER_KEEP_MINIMUM_DAYS": {"Mailbox": 10},
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://traces.example:4318",
        },
        "nodeSelector": {"kubernetes.io/arch": "amd64"},
        "tolerations": [{"key": "isp", "operator": "Exists"}],
        "priorityClassName": "important",
        "podAnnotations": {"example.org/team": "noc"},
        "networkPolicy": {
            "enabled": True,
            "metricsFrom": [{"namespaceSelector": {}}],
            "apiServer": {"cidrs": ["192.0.2.1/32", "2001:db8::1/128"]},
            "backends": [{"to": [{"ipBlock": {"cidr": "198.51.100.0/24"}}]}],
        },
        "flowControl": {"enabled": True},
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
        "prometheusRule": {"enabled": True, "labels": {"release": "prometheus"}},
        "dashboard": {"enabled": True, "annotations": {"grafana_folder": "ISP"}},
    },
}
GROUPS = (
    "v1",
    "apps/v1",
    "policy/v1",
    "networking.k8s.io/v1",
    "rbac.authorization.k8s.io/v1",
    "flowcontrol.apiserver.k8s.io/v1",
    "apiextensions.k8s.io/v1",
    "admissionregistration.k8s.io/v1",
)


def file_of(folder: Path, values: Mapping[str, Any]) -> str:
    file = folder / "values.yaml"
    file.write_text(yaml.safe_dump(dict(values)))
    return str(file)


def of_kind(manifests: Iterable[Manifest], kind: str) -> list[Manifest]:
    return [each for each in manifests if each["kind"] == kind]


def within(part: Any, place: Iterable[str | int]) -> Manifest:  # noqa: ANN401 - any part
    for each in place:
        part = part[each]
    found: Manifest = part
    return found


@pytest.fixture(scope="module")
def location(controlplane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> str:
    schemas = tmp_path_factory.mktemp("schemas")
    write_defined(folder(MONITORING).iterdir(), schemas)
    return written(controlplane, schemas, *GROUPS)


def conform(location: str, folder: Path, manifests: Iterable[Manifest]) -> Mapping[str, int]:
    """How many are valid, invalid, in error and skipped."""
    file = folder / "manifests.yaml"
    file.write_text(yaml.dump_all(manifests, Dumper=yaml.CSafeDumper))
    kubeconform = find("kubeconform")
    words = ("-strict", "-summary", "-output", "json", "-schema-location", location)
    said: dict[str, int] = json.loads(call([kubeconform, *words, file]))["summary"]
    return said


@pytest.mark.parametrize("name", VALUES)
def test_every_manifest_is_one_that_the_api_server_takes(
    location: str, tmp_path: Path, name: str
) -> None:
    manifests = rendered("ispalier", "--values", file_of(tmp_path, VALUES[name]))

    nothing = {"invalid": 0, "errors": 0, "skipped": 0}
    assert {"valid": len(manifests), **nothing} == conform(location, tmp_path, manifests)


def test_the_api_server_itself_takes_everything_that_can_be_switched_on(
    controlplane: ControlPlane, tmp_path: Path
) -> None:
    manifests = rendered("ispalier", "--values", file_of(tmp_path, VALUES["everything"]))
    applied(controlplane, [])  # the namespace
    file = tmp_path / "manifests.yaml"
    file.write_text(yaml.safe_dump_all(manifests))
    words = ("apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", str(file))
    with knowing(controlplane, MONITORING):
        said = controlplane.run_kubectl(*words)

    assert len(manifests) == len(said.splitlines())
    assert {"ServiceMonitor", "PrometheusRule"} < {each["kind"] for each in manifests}


def test_every_definition_is_one_that_the_api_server_takes(location: str, tmp_path: Path) -> None:
    definitions = rendered("ispalier-crds")

    nothing = {"invalid": 0, "errors": 0, "skipped": 0}
    assert {"valid": len(definitions), **nothing} == conform(location, tmp_path, definitions)


@pytest.mark.parametrize(
    ("kind", "place", "slip"),
    [
        ("Deployment", ("spec", "template", "spec"), {"securityContxt": {}}),
        ("ServiceMonitor", ("spec", "endpoints", 0), {"intervall": "30s"}),
        ("ServiceMonitor", ("spec", "endpoints", 0), {"interval": "half a minute"}),
        ("PrometheusRule", ("spec", "groups", 0, "rules", 0), {"labls": {}}),
        ("PrometheusRule", ("spec", "groups", 0, "rules", 0), {"for": "a while"}),
    ],
)
def test_what_its_kind_does_not_know_does_not_conform(
    location: str, tmp_path: Path, kind: str, place: tuple[str | int, ...], slip: Manifest
) -> None:
    manifests = rendered("ispalier", "--values", file_of(tmp_path, VALUES["everything"]))
    (manifest,) = of_kind(manifests, kind)
    within(manifest, place).update(slip)

    with pytest.raises(StackError, match=next(iter(slip))):
        conform(location, tmp_path, manifests)


@pytest.mark.parametrize("name", VALUES)
def test_the_chart_of_the_controller_is_linted(tmp_path: Path, name: str) -> None:
    said = helm("lint", "--strict", CHARTS / "ispalier", "-f", file_of(tmp_path, VALUES[name]))

    assert "0 chart(s) failed" in said


def test_the_chart_of_the_kinds_is_linted() -> None:
    assert "0 chart(s) failed" in helm("lint", "--strict", CHARTS / "ispalier-crds")


def test_definitions_of_the_chart_are_those_of_the_schemas_and_are_kept() -> None:
    made = {each["metadata"]["name"]: each for each in rendered("ispalier-crds")}
    files = [
        yaml.load(file.read_text(), Loader=yaml.CSafeLoader) for file in (ROOT / "crds").iterdir()
    ]

    assert {each["metadata"]["name"]: each["spec"] for each in files} == {
        name: each["spec"] for name, each in made.items()
    }
    keep = {"helm.sh/resource-policy": "keep"}
    assert [keep] * len(made) == [each["metadata"]["annotations"] for each in made.values()]


@pytest.fixture(scope="module")
def restricted(controlplane: ControlPlane) -> str:
    """A namespace in which the API server refuses pods that do not meet the standard."""
    label = "pod-security.kubernetes.io/enforce=restricted"
    controlplane.run_kubectl("create", "namespace", "restricted")
    controlplane.run_kubectl("label", "namespace", "restricted", label)
    return "restricted"


def tried(cluster: ControlPlane, space: str, folder: Path, spec: Manifest) -> str:
    """What the API server says to a pod."""
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one", "namespace": space}}
    file = folder / "pod.json"
    file.write_text(json.dumps({**pod, "spec": {**spec, "priorityClassName": ""}}))
    return cluster.run_kubectl("create", "--dry-run=server", "-f", str(file))


def pod_of(folder: Path, name: str) -> Manifest:
    manifests = rendered("ispalier", "--values", file_of(folder, VALUES[name]))
    (deployment,) = of_kind(manifests, "Deployment")
    spec: Manifest = deployment["spec"]["template"]["spec"]
    return spec


@pytest.mark.parametrize("name", VALUES)
def test_the_pod_meets_the_restricted_standard(
    controlplane: ControlPlane, restricted: str, tmp_path: Path, name: str
) -> None:
    spec = pod_of(tmp_path, name)

    assert "pod/one created" in tried(controlplane, restricted, tmp_path, spec)
    containers = [*spec["containers"], *spec.get("initContainers", ())]
    assert all(each["securityContext"]["readOnlyRootFilesystem"] for each in containers)
    assert spec["securityContext"]["runAsUser"] > 10000


def test_a_pod_that_may_be_root_does_not_meet_the_standard(
    controlplane: ControlPlane, restricted: str, tmp_path: Path
) -> None:
    spec = pod_of(tmp_path, "plain")
    del spec["securityContext"]["runAsNonRoot"]

    with pytest.raises(StackError, match="runAsNonRoot != true"):
        tried(controlplane, restricted, tmp_path, spec)


def test_no_rule_of_the_controller_has_a_wildcard(tmp_path: Path) -> None:
    values = ("--values", file_of(tmp_path, VALUES["namespaces"]))
    manifests = [*rendered("ispalier"), *rendered("ispalier", *values)]
    roles = [each for each in manifests if each["kind"] in ("Role", "ClusterRole")]

    assert roles
    assert "*" not in json.dumps([each.get("rules") for each in roles])


def test_settings_are_told_to_the_controller_as_it_reads_them(tmp_path: Path) -> None:
    manifests = rendered("ispalier", "--values", file_of(tmp_path, VALUES["everything"]))
    (deployment,) = of_kind(manifests, "Deployment")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    told = {each["name"]: each.get("value") for each in container["env"]}

    assert told["ISPALIER_RETIRE_AFTER"] == "86400000"
    assert told["ISPALIER_KEEP_MINIMUM_DAYS"] == '{"Mailbox":10}'
    assert told["OTEL_EXPORTER_OTLP_ENDPOINT"] == "http://traces.example:4318"


def test_secrets_of_named_namespaces_need_a_role_in_each_and_none_in_the_cluster(
    tmp_path: Path,
) -> None:
    values = ("--values", file_of(tmp_path, VALUES["namespaces"]))
    manifests = rights("tested", *values)
    (wide,) = of_kind(manifests, "ClusterRole")
    roles = [each for each in of_kind(manifests, "Role") if "secrets" in json.dumps(each["rules"])]

    assert f"silva,{HOME}" in json.dumps(of_kind(rendered("ispalier", *values), "Deployment"))
    assert "secrets" not in json.dumps(wide["rules"])
    assert {HOME, "silva"} == {each["metadata"]["namespace"] for each in roles}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"replicas": 2}, "replicas: 2 need a journal that all of them reach"),
        ({"replicas": "two"}, "got string, want integer"),
        ({"secrets": {"scope": "Namespaces"}}, "secrets.namespaces names none"),
        ({"secrets": {"namespaces": ["a"]}}, "has no effect while secrets.scope is Cluster"),
        ({"secrets": {"scope": "Tenant"}}, "must be one of 'Cluster', 'Namespaces'"),
        ({"networkPolicy": {"enabled": True}}, "networkPolicy.backends"),
        ({"image": {"tags": "v1"}}, "additional properties 'tags' not allowed"),
        ({"settings": {"ISPALIER_RETIRE": 1}}, "'ISPALIER_RETIRE' not allowed"),
        ({"settings": {"ISPALIER_WORKERS": 0}}, "minimum: got 0, want 1"),
        ({"settings": {"ISPALIER_LISTEN": ":80"}}, "'ISPALIER_LISTEN' not allowed"),
    ],
)
def test_values_that_make_no_sense_are_refused_with_the_reason(
    tmp_path: Path, values: Mapping[str, Any], told: str
) -> None:
    with pytest.raises(StackError) as refused:
        rendered("ispalier", "--values", file_of(tmp_path, values))

    assert told in str(refused.value)


def test_the_annotation_that_keeps_definitions_cannot_be_taken_away() -> None:
    with pytest.raises(StackError, match="annotations"):
        rendered("ispalier-crds", "--set", r"annotations.helm\.sh/resource-policy=delete")
