"""What a customer has, and whose something is."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ispalier.cli.main import app

EXAMPLES = Path(__file__).parents[2] / "examples"


def said(*words: str, story: str = "home-fibre") -> tuple[int, list[str]]:
    done = CliRunner().invoke(app, [*words, "--folder", str(EXAMPLES / story)])
    return done.exit_code, [line.rstrip() for line in done.stdout.splitlines()]


def test_all_customers_are_a_line_each() -> None:
    assert said("show") == (
        0,
        [
            " CUSTOMER  NAME        UNIT      CONTRACTS  DOMAINS  SERVICES  NOT READY",
            " 10042     João Silva  londrina          1        1        10          -",
        ],
    )


def test_one_customer_is_a_tree() -> None:
    code, lines = said("show", "30005", story="web-hosting")

    assert code == 0
    assert lines == [
        "Tenant/silva  30005  Silva Shop  sofia",
        "└── Subscription/web  web-start from 2026-12-01",
        "    ├── Domain/shop-example  shop.example",
        "    │   ├── RecordSet/mx  shop-example  @  MX  10 mx.hosting.example.",
        "    │   └── RecordSet/www  shop-example  www  CNAME  web1.hosting.example.",
        "    ├── MailDomain/shop-example  shop.example",
        "    ├── Mailbox/info  info@shop.example  Quota MiB 1024",
        "    ├── Site/www  www.shop.example  Disk MiB 5120",
        "    │   └── FTPUser/upload  shop-upload  www",
        "    └── Database/shop  shop  MariaDB",
    ]


def test_what_is_sold_beside_a_contract_is_below_it() -> None:
    _, lines = said("show", "lopes", story="mail-only")

    assert lines[1] == "└── Subscription/mail  mail-base from 2026-12-01"
    assert "    ├── Subscription/archive  Requested  mail-archive from 2026-12-01" in lines


def test_programs_get_the_tree_as_json() -> None:
    _, lines = said("show", "10042", "-o", "json")
    [tenant] = json.loads("\n".join(lines))["customers"]
    [contract] = tenant["parts"]

    assert (tenant["kind"], tenant["about"]) == ("Tenant", "10042  João Silva  londrina")
    assert [each["kind"] for each in contract["parts"]][:2] == ["Login", "Domain"]


def test_a_customer_is_found_by_anything_that_is_declared() -> None:
    def hits(characters: str) -> Any:  # noqa: ANN401 - JSON
        code, lines = said("find", characters, "-o", "json")
        return code, [each["field"] for each in json.loads("\n".join(lines))["found"]]

    assert hits("MARIA@") == (0, ["spec.address", "spec.targets[1]"])
    assert hits("no such thing") == (1, [])


def test_who_is_not_there_is_said() -> None:
    done = CliRunner().invoke(app, ["show", "zz", "--folder", str(EXAMPLES / "home-fibre")])

    assert done.exit_code == 1
    assert "no Tenant has number or name 'zz'" in done.stderr


def test_without_a_root_file_or_a_cluster_a_folder_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    for_one = CliRunner().invoke(app, ["show", "10042"])
    for_any = CliRunner().invoke(app, ["find", "joao"])

    assert [for_one.exit_code, for_any.exit_code] == [2, 2]
    assert "name a folder instead with --folder" in for_one.stderr
    assert for_one.stderr == for_any.stderr


def told(*words: str, folder: Path) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [*words, "--folder", str(folder)])
    return done.exit_code, done.stdout, done.stderr


@pytest.mark.parametrize("name", ["silva", "SILVA", "10042", "João Silva", "joao silva"])
def test_a_customer_is_called_by_any_name(name: str) -> None:
    code, lines = said("show", name)

    assert (code, lines[0]) == (0, "Tenant/silva  10042  João Silva  londrina")


@pytest.mark.parametrize(("wrong", "right"), [("silv", "silva"), ("10043", "10042")])
def test_a_name_that_is_nearly_one_is_asked_for(wrong: str, right: str) -> None:
    code, _, err = told("show", wrong, folder=EXAMPLES / "home-fibre")

    assert code == 1
    assert f"did you mean {right}? `ispalier find` looks everywhere" in err


def test_neither_accents_nor_capitals_matter_and_a_resource_is_found_by_its_name() -> None:
    name = json.loads("\n".join(said("find", "joao silva", "-o", "json")[1]))["found"]
    resource = json.loads("\n".join(said("find", "mailbox/MARIA", "-o", "json")[1]))["found"]

    assert [each["value"] for each in name] == ["João Silva"]
    assert [each["value"] for each in resource] == ["Mailbox/maria"]


def test_to_look_for_nothing_is_a_wrong_use() -> None:
    assert said("find", " ")[0] == 2


def test_what_cannot_be_read_is_said_to_be_missing(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("a: [b\n")

    assert told("show", folder=tmp_path)[2] == (
        f"1 error in the files, and what is wrong is left out: see `ispalier validate {tmp_path}`\n"
        f"no Tenant is declared in {tmp_path}: name the folder of all customers\n"
    )
