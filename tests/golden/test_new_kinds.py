"""`ispalier new` of every kind, with every field of its example set in one command."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from ispalier.api.kinds import BY_NAME
from ispalier.cli.main import app
from tests.golden.api.mistakes import VALID, read

EXAMPLE = Path(__file__).parents[2] / "examples" / "home-fibre"


def settings(value: object, path: str = "") -> Iterator[str]:
    """All that a spec says, as FIELD=VALUE; texts without quotes, as one types them."""
    match value:
        case dict():
            for name, each in value.items():
                yield from settings(each, f"{path}.{name}".removeprefix("."))
        case list():
            for index, each in enumerate(value):
                yield from settings(each, f"{path}[{index}]")
        case str():
            yield f"{path}={value}"
        case _:
            yield f"{path}={json.dumps(value)}"


@pytest.mark.parametrize("kind", BY_NAME)
def test_what_is_set_is_what_the_file_says(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shutil.copytree(EXAMPLE, tmp_path / "tree"))
    spec = read(VALID / f"{kind.lower()}.yaml")["spec"]
    space = ["-n", "silva"] if BY_NAME[kind].namespaced and kind != "Tenant" else []
    words = [f"--set={each}" for each in settings(spec)]

    done = CliRunner().invoke(app, ["new", kind, "fresh", *space, *words, "--force"])

    *_, made = yaml.safe_load_all(Path(done.stdout.strip()).read_text())
    assert done.exit_code == 0
    assert (made["kind"], made["metadata"]["name"], made["spec"]) == (kind, "fresh", spec)
    assert done.stdout.startswith("tenants/" if BY_NAME[kind].namespaced else "provider/")
