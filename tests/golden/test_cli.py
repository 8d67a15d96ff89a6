"""The command line: what it prints, and how it ends."""

import json
import stat
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from ispalier.cli.decide.absent import Dumper
from ispalier.cli.main import app
from ispalier.world.documents import documents
from tests.provider import said

CASES = Path(__file__).parent / "validate"
RUNNER = CliRunner()
TENANT = """\
apiVersion: ispalier.dev/v1alpha1
kind: Tenant
metadata: {name: silva, namespace: silva}
spec: {number: "10042", displayName: João Silva, businessUnitRef: {name: londrina}}
"""


def ended(*words: str) -> tuple[int, str, str]:
    result = RUNNER.invoke(app, list(words))
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_right_files_end_with_0_and_one_line(folder: Path) -> None:
    (folder / "right.yaml").write_text((CASES / "right.yaml").read_text())

    assert ended("validate", ".") == (0, "", "ok: 2 resources in 1 file\n")


def test_errors_end_with_1(folder: Path) -> None:
    (folder / "a.yaml").write_text(TENANT.replace('"10042"', "10042"))

    code, out, err = ended("validate", "a.yaml")

    assert code == 1
    assert out == (
        "a.yaml:4:8: Tenant/silva: spec.number: is the number 10042, not text;"
        ' put quotes around it: "10042"\n'
    )
    assert err == "1 error, 0 warnings: 1 resource in 1 file\n"


def test_warnings_end_with_0_or_strictly_with_1(folder: Path) -> None:
    (folder / "a.yaml").write_text(TENANT)

    assert ended("validate", "a.yaml")[0] == 0
    assert ended("validate", "a.yaml", "--strict")[0] == 1


def test_what_is_not_in_the_provider_s_whole_folder_is_an_error(folder: Path) -> None:
    (folder / "a.yaml").write_text(TENANT)
    assert ended("init")[0] == 0

    code, out, _ = ended("validate", ".")

    assert code == 1
    assert out == (
        "a.yaml:4:68: Tenant/silva: spec.businessUnitRef.name: BusinessUnit/londrina does not exist;"
        " create it or correct the name\n"
    )


def test_problems_can_be_read_by_programs(folder: Path) -> None:
    (folder / "a.yaml").write_text(TENANT)

    told = json.loads(ended("validate", "a.yaml", "--format", "json")[1])

    assert told == {
        "files": 1,
        "others": 0,
        "resources": 1,
        "problems": [
            {
                "file": "a.yaml",
                "line": 4,
                "column": 68,
                "level": "warning",
                "resource": "Tenant/silva",
                "field": "spec.businessUnitRef.name",
                "what": "BusinessUnit/londrina is not in these files",
                "remedy": "correct the name, unless it is declared elsewhere",
            }
        ],
    }


def test_a_folder_without_files_is_said_to_be_one(folder: Path) -> None:
    assert ended("validate", str(folder)) == (0, "", "no file to check: 0 resources in 0 files\n")


def test_secrets_that_are_named_must_be_there(folder: Path) -> None:
    (folder / "a.yaml").write_text(TENANT)
    ended("init")

    assert ended("apply", ".", "--secrets", "nowhere")[0] == 2


def test_a_path_that_is_not_there_is_a_wrong_use() -> None:
    assert ended("validate", "nowhere")[0] == 2


def test_a_command_that_is_not_there_is_a_wrong_use() -> None:
    code, _, err = ended("valiate")

    assert code == 2
    assert "Did you mean 'validate'?" in err


def test_an_installation_is_made_once(folder: Path) -> None:
    code, out, _ = ended("init", "tree")
    made = {path: path.read_text() for path in folder.rglob("*") if path.is_file()}

    again = ended("init", "tree")

    assert code == 0
    assert out.startswith(
        "made tree/ispalier.key, readable by you alone\nmade tree/ispalier.yaml\n"
    )
    assert again[0] == 0
    assert made == {path: path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert stat.S_IMODE((folder / "tree" / "ispalier.key").stat().st_mode) == 0o600
    assert (folder / "tree" / ".gitignore").read_text() == "ispalier.key\nsecrets/\nispalier.db*\n"


@pytest.mark.parametrize("where", ["/proc/here", "/dev/null/here"])
def test_a_folder_that_cannot_be_made_is_told(where: str) -> None:
    code, _, told = ended("init", where)

    assert code == 1
    assert told.startswith(f"ispalier: {where} cannot be made: ")


def test_a_part_of_the_tree_belongs_to_the_installation_above_it(folder: Path) -> None:
    ended("init", "tree")
    (folder / "tree" / "silva").mkdir()
    (folder / "tree" / "silva" / "a.yaml").write_text(TENANT)

    assert ended("apply", "tree/silva")[2].startswith("nothing to change; 1 resource not served")
    assert (folder / "tree" / "ispalier.db").is_file()


def test_what_the_environment_names_is_where_it_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ISPALIER_KEY_FILE", "elsewhere.key")
    monkeypatch.setenv("ISPALIER_JOURNAL_URL", "sqlite:///elsewhere.db")
    ended("init", "tree")
    (folder / "tree" / "a.yaml").write_text(TENANT)

    ended("apply", "tree")

    assert (folder / "elsewhere.key").is_file()
    assert (folder / "elsewhere.db").is_file()
    assert not (folder / "tree" / "ispalier.db").exists()


def test_a_lost_key_is_not_made_anew(folder: Path) -> None:
    ended("init")
    (folder / "ispalier.key").unlink()

    code, _, err = ended("init")

    assert code == 1
    assert err == (
        "ispalier: ispalier.yaml is there but its key ispalier.key is not:"
        " restore the key, or set ISPALIER_KEY_FILE to where it is\n"
    )


def test_nothing_is_applied_without_an_installation(folder: Path) -> None:
    (folder / "a.yaml").write_text(TENANT)

    assert ended("apply", "a.yaml") == (
        1,
        "",
        "ispalier: no ispalier.yaml in a.yaml or above it: make it with `ispalier init`\n",
    )


def test_nothing_is_applied_without_the_key(folder: Path) -> None:
    (folder / "a.yaml").write_text(TENANT)
    ended("init")
    (folder / "ispalier.key").unlink()

    code, _, err = ended("apply", "a.yaml")

    assert code == 1
    assert err.startswith(
        "ispalier: the key ispalier.key cannot be read (No such file or directory)"
    )


def test_nothing_is_applied_if_a_file_is_wrong(folder: Path) -> None:
    (folder / "a.yaml").write_text(TENANT)
    (folder / "b.yaml").write_text("a: [b\n")
    ended("init")

    code, out, err = ended("apply", ".")

    assert (code, out) == (1, "")
    assert err == (
        "b.yaml:1:4: is not YAML: did not find expected ',' or ']'; close the bracket\n"
        "ispalier: 1 error in the files: nothing was changed\n"
    )


def test_a_tenant_without_a_business_unit_waits(folder: Path) -> None:
    (folder / "a.yaml").write_text(TENANT)
    ended("init")

    code, out, err = ended("apply", "a.yaml")

    assert code == 1
    assert out.splitlines()[0] == "João Silva (Tenant/silva, number 10042)"
    assert "Waiting: " in out
    assert err.startswith("nothing to change; 1 resource not served as declared (1 unit, ")


def test_files_without_a_tenant_are_nothing_to_act_on(folder: Path) -> None:
    (folder / "sub").mkdir()
    ended("init")

    code, out, err = ended("apply", "sub")

    assert (code, out) == (0, "")
    assert err.startswith(
        "nothing to act on: these files hold neither a Tenant nor ispalier.yaml;"
        " name the customer's whole folder (0 units, "
    )


HOSTS = """\
apiVersion: ispalier.dev/v1alpha1
kind: ServiceHost
metadata: {name: mail-1}
spec: {type: Mail, mail: {database: {urlSecretRef: {name: mail-1, key: url}}}}
---
apiVersion: ispalier.dev/v1alpha1
kind: ServiceHost
metadata: {name: dns-1}
spec:
  type: DNS
  dns:
    url: http://127.0.0.1:8081
    apiKeySecretRef: {name: dns-1, key: api-key}
    nameServers: [ns1.provider.example]
    soa: {contact: hostmaster.provider.example}
"""


def test_the_sql_of_a_host_is_printed(folder: Path) -> None:
    (folder / "hosts.yaml").write_text(HOSTS)

    code, out, _ = ended("backend", "schema", "mail-1")

    assert code == 0
    assert out.startswith("CREATE TABLE IF NOT EXISTS mail_domain (")


def test_a_host_that_needs_no_sql_says_so(folder: Path) -> None:
    (folder / "hosts.yaml").write_text(HOSTS)

    assert ended("backend", "schema", "dns-1") == (
        0,
        "",
        "ServiceHost/dns-1 is of type DNS and needs no SQL\n",
    )


def test_a_host_that_is_not_declared_is_told_with_those_that_are(folder: Path) -> None:
    (folder / "hosts.yaml").write_text(HOSTS)

    code, _, err = ended("backend", "schema", "mail")

    assert code == 1
    assert err == (
        "ispalier: no ServiceHost is called 'mail' in .: declare it, or name one of: dns-1, mail-1\n"
    )


def test_a_database_without_its_secret_is_told(folder: Path) -> None:
    (folder / "hosts.yaml").write_text(HOSTS)

    code, _, err = ended("backend", "schema", "mail-1", "--apply")

    assert code == 1
    assert err == (
        "ispalier: there is no secret secrets/ispalier/mail-1/url (yet):"
        " put it there, readable by you alone\n"
    )


@pytest.mark.parametrize("text", ["1e3", "0o17", "yes", "010", "~", "2026-01-01", "a: b", "plain"])
def test_what_is_restored_reads_as_it_was(text: str) -> None:
    told = yaml.dump({"username": text}, Dumper=Dumper)

    (document,) = documents(told.encode())

    assert document.value == {"username": text}


def test_the_version_is_shown() -> None:
    assert ended("version") == ended("--version")


def test_a_setting_that_cannot_be_read_is_told_by_its_name(folder: Path) -> None:
    told = said(folder, ("pending",), {"ISPALIER_BRAKE_PERCENT": "much", "ISPALIER_WORKERS": "0"})
    workers, percent = told.err.splitlines()

    assert told.code == 2
    assert workers.startswith("ispalier: ISPALIER_WORKERS is not understood: ")
    assert percent.startswith("ispalier: ISPALIER_BRAKE_PERCENT is not understood: ")


def test_objects_of_others_are_left_alone_and_counted(tmp_path: Path) -> None:
    other = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\n"
    (tmp_path / "flux.yaml").write_text(f"{other}---\n{other}")
    done = CliRunner().invoke(app, ["validate", str(tmp_path)])

    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "ok: 0 resources in 1 file, 2 objects of others left alone\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("why", "Login/x", "--limit", "9" * 20), "less than or equal to 100000"),
        (("why", "Login"), "write it as in Mailbox/maria"),
        (("audit", "--since", "0001-01-01T00:00+14:00"), "is no instant: write YYYY-MM-DD"),
        (("entries", "--since", "2026-12-01", "--until", "2026-11-01"), "must be after --since"),
        (("approve", "abcd", "--why", " "), "say why: it is kept in the journal"),
        (("adopt", "dns-1", "--why", ""), "say why: it is kept in the journal"),
        (("status", ".", "--folder", "."), "name the folder once, as PATH or here"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_read(
    words: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")

    code, out, err = ended(*words)

    assert (code, out) == (2, "")
    assert told in err


def test_a_host_that_has_no_tables_needs_no_sql(folder: Path) -> None:
    spec = "{type: Web, web: {hostname: web1.example}}"
    text = f"{{apiVersion: ispalier.dev/v1alpha1, kind: ServiceHost, metadata: {{name: web-1}}, spec: {spec}}}"
    (folder / "web.yaml").write_text(text)

    assert ended("backend", "schema", "web-1") == (
        0,
        "",
        "ServiceHost/web-1 is of type Web and needs no SQL\n",
    )


def test_a_repository_that_is_none_is_told_in_the_first_words_of_git() -> None:
    code, out, err = ended("run", "--source", "git:/nowhere/isp.git")

    assert (code, out) == (1, "")
    assert "/nowhere/isp.git cannot be read: '/nowhere/isp.git' does not appear to be a git" in err
