"""A cluster that cannot be reached says why and what to do, in one line and without a traceback."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hack.stack.controlplane import ControlPlane
from ispalier.cli.main import app

Document = dict[str, Any]
OTHER = "name another with --kubeconfig, or set KUBECONFIG"


def shown(kubeconfig: Path, *words: str, **env: str) -> tuple[int, str]:
    """How `ispalier show` ends in that cluster, and what it says."""
    done = CliRunner().invoke(app, ["show", "--kubeconfig", str(kubeconfig), *words], env=env)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stderr.replace(str(kubeconfig), "FILE")


def edited(kinds: ControlPlane, folder: Path, edit: Callable[[Document], object]) -> Path:
    """The administrator's kubeconfig with an edit."""
    document = json.loads(kinds.kubeconfig.read_text())
    edit(document)
    file = folder / "kubeconfig"
    file.write_text(json.dumps(document))
    return file


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", f"'FILE' is no kubeconfig, it holds no clusters and contexts: {OTHER}"),
        ("- a", f"'FILE' is no kubeconfig, it holds no clusters and contexts: {OTHER}"),
        ("{}", "the kubeconfig FILE has no current context: name one with --context (none), or"),
        ("a: [", "the kubeconfig FILE cannot be read: while parsing a flow node"),
    ],
)
def test_a_file_that_is_no_kubeconfig_is_told(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text(text)

    code, said = shown(file)

    assert code == 2
    assert said.startswith(f"ispalier: {told}")


def test_a_context_that_is_not_there_is_told_with_the_nearest(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    none = edited(kinds, tmp_path, lambda it: it.pop("current-context"))

    assert shown(none) == (
        2,
        (
            "ispalier: the kubeconfig FILE has no current context: name one with --context"
            " (ispalier), or choose one by `kubectl config use-context NAME`\n"
        ),
    )
    assert shown(none, "--context", "ispalir") == (
        2,
        "ispalier: the kubeconfig FILE has no context 'ispalir': did you mean ispalier?\n",
    )


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda it: it["users"].clear(), "user that its context names are not all there"),
        (
            lambda it: it["clusters"][0]["cluster"].update(server="https://127.0.0.1:1"),
            "127.0.0.1:1: Connection refused; see that it runs, and that this is the cluster",
        ),
        (
            lambda it: it["users"][0]["user"].update(token="none"),
            "the API server does not know who asks: renew what the kubeconfig's user has",
        ),
        (
            lambda it: it["clusters"][0]["cluster"].update({"certificate-authority": __file__}),
            "a certificate or key of the kubeconfig cannot be read",
        ),
    ],
)
def test_a_cluster_that_refuses_is_told(
    kinds: ControlPlane, tmp_path: Path, edit: Callable[[Document], object], told: str
) -> None:
    code, said = shown(edited(kinds, tmp_path, edit))

    assert code == 2
    assert told in said
    assert said.count("\n") == 1


def test_a_namespace_that_is_not_there_is_told_by_the_controller(
    kinds: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ISPALIER_NAMESPACE", "mistyped")

    done = CliRunner().invoke(app, ["run", "--kubeconfig", str(kinds.kubeconfig)])

    assert done.exit_code == 1
    assert "there is no namespace 'mistyped' in this cluster: set ISPALIER_NAMESPACE" in done.stderr
