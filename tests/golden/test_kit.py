"""What forges and git run: the script by a shell, the files by those who read them."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from tests.repositories import commit

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "hack" / "kit" / "validate.sh"
WRONG = """\
apiVersion: ispalier.dev/v1alpha1
kind: BusinessUnit
metadata: {name: sofia}
spec: {displayName: Sofia, timeZone: Europe/Sofia, currency: euro}
"""
TOLD = "a.yaml:4:52: BusinessUnit/sofia: spec.currency:"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "a.yaml").write_text(WRONG)
    commit(tmp_path)
    return tmp_path


def kit(tree: Path, **env: str) -> tuple[int, str]:
    """What the script says, run by a shell."""
    return run(["/bin/sh", str(SCRIPT)], tree, **env)


def run(words: list[str], tree: Path, **env: str) -> tuple[int, str]:
    """What a command says in a tree, with our own commands first."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    whole = {**os.environ, "PATH": path, **env}
    done = subprocess.run(  # noqa: S603 - our own script
        words, cwd=tree, env=whole, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def read(name: str) -> Any:  # noqa: ANN401 - YAML
    return yaml.safe_load((ROOT / name).read_text())


def test_a_plain_shell_gets_text(tree: Path) -> None:
    code, told = kit(tree)

    assert code == 1
    assert told.startswith(TOLD)


def test_what_was_wrong_before_fails_no_change(tree: Path) -> None:
    assert kit(tree, ISPALIER_SINCE="HEAD") == (0, "")


def test_github_gets_commands(tree: Path) -> None:
    code, told = kit(tree, ISPALIER_FORMAT="github", ISPALIER_PATHS="a.yaml .")

    assert code == 1
    assert told.startswith("::error file=a.yaml,line=4,col=52,title=BusinessUnit/sofia::")


def test_gitlab_gets_a_report_and_people_get_text(tree: Path) -> None:
    code, told = kit(tree, ISPALIER_FORMAT="gitlab", ISPALIER_REPORT="report.json")

    [found] = json.loads((tree / "report.json").read_text())
    assert code == 1
    assert told.startswith(TOLD)
    assert found["location"] == {"path": "a.yaml", "lines": {"begin": 4}}


def test_the_job_of_gitlab_runs_where_nothing_of_ours_is_but_the_command(tree: Path) -> None:
    job = read("hack/kit/gitlab.yml")["ispalier"]
    [script] = job["script"]
    code, told = run(["/bin/bash", "-eo", "pipefail", "-c", script], tree, **job["variables"])

    [found] = json.loads((tree / job["variables"]["ISPALIER_REPORT"]).read_text())
    assert code == 1
    assert told.startswith(TOLD)
    assert found["location"]["path"] == "a.yaml"


def test_no_package_of_a_stranger_is_installed(tree: Path) -> None:
    [install] = read("hack/kit/gitlab.yml")["ispalier"]["before_script"]
    called = install.replace("pip install --quiet", "echo")

    assert run(["/bin/sh", "-c", called], tree)[0] != 0
    assert run(["/bin/sh", "-c", called], tree, ISPALIER_PACKAGE="our.whl") == (0, "our.whl\n")


def test_others_get_junit(tree: Path) -> None:
    kit(tree, ISPALIER_FORMAT="junit", ISPALIER_REPORT="report.xml")

    assert ET.parse(tree / "report.xml").getroot().attrib["failures"] == "1"  # noqa: S314 - ours


def test_the_author_is_judged_where_there_is_something_to_compare(tree: Path) -> None:
    lanes = "lanes: [{name: tech, members: [rui], may: [{files: [all], change: [all]}]}]\n"
    (tree / ".ispalier.yaml").write_text(lanes)
    commit(tree, "lanes")
    (tree / "a.yaml").write_text(WRONG.replace("displayName: Sofia", "displayName: Plovdiv"))
    code, told = kit(tree, ISPALIER_SINCE="HEAD", ISPALIER_AUTHOR="rui,bia", ISPALIER_GROUPS="x")

    assert code == 1
    assert told == (
        "a.yaml:4:8: BusinessUnit/sofia: spec.displayName: bia may not change this; ask someone of"
        " lane tech (rui)\n"
    )
    assert kit(tree, ISPALIER_SINCE="HEAD", ISPALIER_AUTHOR="rui") == (0, "")


def test_forges_name_the_author_themselves() -> None:
    action, job = read("action.yml"), read("hack/kit/gitlab.yml")["ispalier"]
    *_, last = action["runs"]["steps"]

    assert last["env"]["ISPALIER_AUTHOR"] == "${{ inputs.author }}"
    assert "github.actor" in action["inputs"]["author"]["default"]
    assert job["variables"]["ISPALIER_AUTHOR"] == "$GITLAB_USER_LOGIN"


def test_the_action_runs_the_script_and_says_every_input() -> None:
    action = read("action.yml")
    *_, last = action["runs"]["steps"]

    assert last["run"] == 'sh "$GITHUB_ACTION_PATH/hack/kit/validate.sh"'
    assert last["env"]["ISPALIER_FORMAT"] == "github"
    assert all(each["description"].endswith(".") for each in action["inputs"].values())


def test_gitlab_runs_the_same_script_and_keeps_its_report() -> None:
    job = read("hack/kit/gitlab.yml")["ispalier"]
    lines = [each for each in SCRIPT.read_text().splitlines() if not each.startswith("#")]

    assert job["script"] == ["\n".join(["sh -s <<'END'", *lines, "END", ""])]
    assert job["artifacts"]["reports"]["codequality"] == job["variables"]["ISPALIER_REPORT"]
    assert job["artifacts"]["when"] == "always"
    assert "slim" not in job["image"], "without git nothing is compared"


def test_the_hook_finds_what_is_wrong(tree: Path) -> None:
    [hook] = read(".pre-commit-hooks.yaml")
    code, told = run([*shlex.split(hook["entry"]), *hook["args"]], tree)

    assert (code, told.startswith(TOLD)) == (1, True)
    assert (hook["language"], hook["pass_filenames"]) == ("python", False)


@pytest.mark.parametrize(
    ("file", "schema"),
    [("action.yml", "vendor.github-actions"), ("hack/kit/gitlab.yml", "vendor.gitlab-ci")],
)
def test_a_forge_would_take_its_file(file: str, schema: str, tmp_path: Path) -> None:
    words = ["check-jsonschema", "--builtin-schema", schema]
    slip = tmp_path / "slip.yml"
    slip.write_text((ROOT / file).read_text().replace("variables:", "variable:", 1) + "runs: 5\n")

    assert run([*words, str(ROOT / file)], tmp_path)[0] == 0
    assert run([*words, str(slip)], tmp_path)[0] == 1


def test_a_report_of_what_could_not_be_looked_at_ends_as_the_command_does(tree: Path) -> None:
    report = {"ISPALIER_FORMAT": "junit", "ISPALIER_REPORT": "report.xml"}

    assert kit(tree, ISPALIER_SINCE="nothing", **report) == (2, "")


def test_gitlab_judges_by_the_lanes_of_today() -> None:
    job = read("hack/kit/gitlab.yml")["ispalier"]

    assert "ISPALIER_SINCE" not in job["variables"]
    assert job["rules"][0] == {
        "if": "$CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
        "variables": {"ISPALIER_SINCE": "origin/$CI_MERGE_REQUEST_TARGET_BRANCH_NAME"},
    }


def test_names_that_a_terminal_cannot_show_are_told_all_the_same(tree: Path) -> None:
    (tree / "a.yaml").rename(tree / "ü.yaml")
    (tree / os.fsdecode(b"\xff.yaml")).write_text("a: 1\n")
    code, told = kit(tree, PYTHONIOENCODING="ascii")

    assert code == 1
    assert [line.partition(":")[0] for line in told.splitlines()] == ["\\xfc.yaml", "\\udcff.yaml"]
