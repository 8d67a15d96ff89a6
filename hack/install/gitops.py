"""What Flux and Argo CD say of their own kinds, for tests of our manifests; from hack/gitops."""

import json
import shutil
from pathlib import Path

from hack.install import golang
from hack.install.golang import Go
from hack.install.terminal import Task, run
from hack.stack.places import built

_MODULE = "gitops"
_FILES = {
    "github.com/argoproj/argo-cd/v3@v3.2.0": (
        "manifests/crds/application-crd.yaml",
        "manifests/crds/appproject-crd.yaml",
    ),
    "github.com/fluxcd/kustomize-controller@v1.7.3": (
        "config/crd/bases/kustomize.toolkit.fluxcd.io_kustomizations.yaml",
    ),
    "github.com/fluxcd/source-controller@v1.8.5": (
        "config/crd/bases/source.toolkit.fluxcd.io_gitrepositories.yaml",
    ),
}


def folder() -> Path:
    """Where the definitions are kept, there or not yet."""
    return built(_MODULE)


def is_there() -> bool:
    """Whether they are in the cache."""
    return folder().exists()


def build() -> None:
    """Take them out of the modules of Flux and Argo CD."""
    golang.build(_MODULE, "the definitions of Flux and Argo CD (seconds)", _make)


def _make(go: Go, target: Path) -> None:
    for module, files in _FILES.items():
        with Task(f"downloading {module}") as task:
            argv, env = go.command(_MODULE, "mod", "download", "-json", module)
            said = "\n".join(run(argv, env=env, task=task))
        found = json.loads(said[said.index("{") : said.rindex("}") + 1])
        for file in files:
            shutil.copyfile(Path(found["Dir"]) / file, target / Path(file).name)
