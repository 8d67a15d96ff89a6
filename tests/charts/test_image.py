"""The image that the chart runs; nothing here can build it, so it is linted and compared."""

import re
import sys
from pathlib import Path

import pytest

from hack.stack.errors import StackError
from hack.stack.process import call
from ispalier.api.generate import TOP
from tests.charted import Manifest, rendered

DOCKERFILE = TOP / "Dockerfile"
HADOLINT = Path(sys.executable).with_name("hadolint")


def pod() -> Manifest:
    (deployment,) = (each for each in rendered("ispalier") if each["kind"] == "Deployment")
    spec: Manifest = deployment["spec"]["template"]["spec"]
    return spec


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    assert call([HADOLINT, "--failure-threshold", "style", DOCKERFILE]) == ""


def test_hadolint_would_find_an_image_that_runs_as_root(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text(re.sub(r"USER .*", "USER root", DOCKERFILE.read_text()))

    with pytest.raises(StackError, match="DL3002"):
        call([HADOLINT, file])


def test_image_and_chart_agree_on_user_and_port() -> None:
    text = DOCKERFILE.read_text()
    context = pod()["securityContext"]
    (container,) = pod()["containers"]

    user = f"{context['runAsUser']}:{context['runAsGroup']}"
    assert [user] == re.findall(r"^USER (\S+)$", text, re.MULTILINE)
    ports = [str(each["containerPort"]) for each in container["ports"]]
    assert ports == re.findall(r"^EXPOSE (\d+)$", text, re.MULTILINE)


def test_what_the_image_copies_is_there_and_reaches_the_builder() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE.read_text(), re.MULTILINE)
    allowed = re.findall(r"^!(.+)$", (TOP / ".dockerignore").read_text(), re.MULTILINE)
    sources = {source for line in copied for source in line.split()}

    assert sources == set(allowed)
    assert all((TOP / each).exists() for each in sources)
