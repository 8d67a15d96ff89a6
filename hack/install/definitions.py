"""What others say of their kinds and formats, for tests of ours of them; from hack/definitions."""

import json
import shutil
from pathlib import Path

from hack.install import golang
from hack.install.golang import Go
from hack.install.terminal import Task, run
from hack.stack.places import built

GITOPS, MONITORING, REPORTS = "gitops", "monitoring", "reports"
"""Of Flux and Argo CD, of the Prometheus operator, and of who reads findings."""
_MODULE = "definitions"
_FILES = {
    "github.com/argoproj/argo-cd/v3@v3.2.0": (
        GITOPS,
        ("manifests/crds/application-crd.yaml", "manifests/crds/appproject-crd.yaml"),
    ),
    "github.com/fluxcd/kustomize-controller@v1.7.3": (
        GITOPS,
        ("config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml",),
    ),
    "github.com/fluxcd/source-controller@v1.8.5": (
        GITOPS,
        ("config/crd/bases/source.toolkit.fluxcd.io_gitrepositories.yaml",),
    ),
    "github.com/prometheus-operator/prometheus-operator@v0.93.0": (
        MONITORING,
        (
            "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
            "example/prometheus-operator-crd/monitoring.coreos.com_servicemonitors.yaml",
        ),
    ),
    # OASIS publishes its schema on a web page alone; gosec tests its own reports with a copy.
    "github.com/securego/gosec/v2@v2.30.0": (
        REPORTS,
        ("report/sarif/testdata/sarif-schema-2.1.0.json",),
    ),
}


def folder(which: str) -> Path:
    """Where the definitions of one field are kept, there or not yet."""
    return built(_MODULE) / which


def is_there() -> bool:
    """Whether they are in the cache."""
    return built(_MODULE).exists()


def build() -> None:
    """Take them out of the modules of those whose kinds they are."""
    golang.build(_MODULE, "the definitions of Flux, Argo CD, Prometheus and SARIF (seconds)", _make)


def _make(go: Go, target: Path) -> None:
    for module, (which, files) in _FILES.items():
        with Task(f"downloading {module}") as task:
            argv, env = go.command(_MODULE, "mod", "download", "-json", module)
            said = "\n".join(run(argv, env=env, task=task))
        found = json.loads(said[said.index("{") : said.rindex("}") + 1])
        (target / which).mkdir(exist_ok=True)
        for file in files:
            shutil.copyfile(Path(found["Dir"]) / file, target / which / Path(file).name)
