"""`validate --author`: who may change what, judged in real histories of git."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ispalier.cli.main import app
from tests import repositories

TECH = "rui@provider.example"
SUPPORT = "bia@provider.example"
SALES = "ana@provider.example"
PARTNER = "carla@norte.example"
LANES = f"""\
lanes:
  - name: tech
    members: [{TECH}]
    may:
      - {{create: [all], change: [all], delete: [all], files: [all]}}
  - name: support
    members: [{SUPPORT}, bia-s]
    groups: [provider/support]
    may:
      - {{change: [Mailbox.spec.quotaMiB], most: 51200}}
      - change: [Mailbox.spec.enabled]
  - name: sales
    members: [{SALES}]
    may:
      - create: [Namespace, Tenant, Subscription]
        except: [Subscription.spec.deployment, Subscription.spec.terms.price, Subscription.spec.discounts]
      - change: [Subscription.spec.terms]
        except: [Subscription.spec.terms.price]
      - {{change: [Subscription.spec.deployment], to: [Requested]}}
      - {{change: [Subscription.spec.discounts.percent], most: 20}}
      - change: [Subscription.spec.discounts.reason, Subscription.spec.discounts.since, Subscription.spec.discounts.until]
  - name: norte
    members: [{PARTNER}]
    may:
      - {{in: [partners/norte/], create: [all], change: [all], delete: [all]}}
"""
TENANT = """\
apiVersion: ispalier.dev/v1alpha1
kind: Tenant
metadata: {name: silva, namespace: silva}
spec: {number: "1", displayName: Silva, businessUnitRef: {name: sofia}}
"""
ORDER = """\
apiVersion: ispalier.dev/v1alpha1
kind: Subscription
metadata: {name: mail, namespace: silva}
spec:
  terms:
    - {from: 2026-01-01, planRef: {name: mail}}
"""
MAILBOX = """\
apiVersion: ispalier.dev/v1alpha1
kind: Mailbox
metadata: {name: rui, namespace: silva}
spec:
  subscriptionRef: {name: mail}
  address: rui@silva.example
  password: {generate: {secretName: rui}}
  quotaMiB: 1024
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, in which we are."""
    monkeypatch.chdir(tmp_path)
    write(".ispalier.yaml", LANES)
    write("tenants/silva/tenant.yaml", TENANT)
    write("tenants/silva/order.yaml", ORDER)
    write("tenants/silva/mailbox.yaml", MAILBOX)
    write("partners/norte/souza/tenant.yaml", of_souza(TENANT))
    git("init", "-q", "-b", "main")
    commit()
    return tmp_path


def git(*words: str, author: str = TECH) -> None:
    repositories.git(Path(), *words, email=author)


def commit(author: str = TECH) -> None:
    git("add", "--all")
    git("commit", "-q", "-m", "all", author=author)


def write(name: str, text: str) -> None:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text)


def edit(name: str, old: str, new: str) -> None:
    text = Path(name).read_text()
    assert old in text
    Path(name).write_text(text.replace(old, new))


def of_souza(text: str) -> str:
    return text.replace("silva", "souza").replace("Silva", "Souza").replace('"1"', '"2"')


def judged(author: str, *words: str, since: str = "HEAD") -> list[str]:
    """What is told, but for what is not about the author."""
    given = ["validate", ".", "--changed-since", since, "--allow-missing", *words]
    done = CliRunner().invoke(app, [*given, *(["--author", author] if author else [])])
    assert done.exit_code in (0, 1), done.stderr
    return [line for line in done.stdout.splitlines() if " may not " in line]


QUOTA = "tenants/silva/mailbox.yaml"
ORDERS = "tenants/silva/order.yaml"


@pytest.mark.usefixtures("tree")
def test_what_a_lane_allows_is_not_told() -> None:
    edit(QUOTA, "quotaMiB: 1024", "quotaMiB: 51200\n  enabled: false")

    assert judged(SUPPORT) == []
    assert judged("BIA-S") == []
    assert judged("nobody", "--groups", "other,Provider/Support") == []


@pytest.mark.usefixtures("tree")
def test_more_than_the_limit_is_told_with_whom_to_ask() -> None:
    edit(QUOTA, "quotaMiB: 1024", "quotaMiB: 51201")

    assert judged(SUPPORT) == [
        (
            "tenants/silva/mailbox.yaml:8:3: Mailbox/rui: spec.quotaMiB: bia@provider.example may not"
            " set this to more than 51200; ask someone of lane tech (rui@provider.example)"
        )
    ]


@pytest.mark.usefixtures("tree")
def test_fields_that_the_lane_does_not_name_are_told() -> None:
    edit(QUOTA, "\n  quotaMiB: 1024", "\n  quotaMiB: 1024\n  notes: x")
    edit("tenants/silva/tenant.yaml", "spec: {", "spec: {partnerRef: {name: norte}, ")

    assert [line.partition(" may not")[0] for line in judged(SUPPORT)] == [
        "tenants/silva/mailbox.yaml:9:3: Mailbox/rui: spec.notes: bia@provider.example",
        "tenants/silva/tenant.yaml:4:21: Tenant/silva: spec.partnerRef.name: bia@provider.example",
    ]


@pytest.mark.usefixtures("tree")
def test_a_discount_goes_up_to_a_percentage_and_never_by_an_amount() -> None:
    more = "  discounts:\n    - {reason: nfr, since: 2026-02-01, percent: '%s'}\n"
    write(ORDERS, ORDER + more % "20")
    allowed = judged(SALES)
    write(ORDERS, ORDER + more % "20.5")
    beyond = judged(SALES)
    write(ORDERS, ORDER + (more % "20").replace("percent: '20'", "amount: '5'"))
    otherwise = judged(SALES)

    assert allowed == []
    assert [line.partition("spec.")[2].partition(";")[0] for line in (*beyond, *otherwise)] == [
        "discounts[0].percent: ana@provider.example may not set this to more than 20",
        "discounts[0].amount: ana@provider.example may not change this",
    ]


@pytest.mark.usefixtures("tree")
def test_a_price_is_not_agreed_by_sales_but_a_plan_is() -> None:
    write(ORDERS, f"{ORDER}    - {{from: 2026-03-01, planRef: {{name: more}}}}\n")
    allowed = judged(SALES)
    write(ORDERS, f"{ORDER}    - {{from: 2026-03-01, planRef: {{name: more}}, price: '1'}}\n")

    assert allowed == []
    assert [line.split(": ")[2] for line in judged(SALES)] == ["spec.terms[1].price"]


@pytest.mark.usefixtures("tree")
def test_an_order_is_approved_by_tech_alone_also_when_nothing_is_written() -> None:
    order = ORDER.replace("name: mail,", "name: new,")
    write("tenants/silva/new.yaml", order.replace("spec:", "spec:\n  deployment: Requested"))
    allowed = judged(SALES)
    write("tenants/silva/new.yaml", order)

    assert allowed == []
    assert judged(SALES) == [
        (
            "tenants/silva/new.yaml:4:1: Subscription/new: spec.deployment: ana@provider.example may not"
            " set this to anything but Requested; ask someone of lane tech (rui@provider.example)"
        )
    ]
    assert judged(TECH) == []


@pytest.mark.usefixtures("tree")
def test_what_is_new_or_gone_is_told_once() -> None:
    write("tenants/silva/second.yaml", MAILBOX.replace("rui", "eva"))
    Path(ORDERS).unlink()

    assert [line.partition(";")[0] for line in judged(SUPPORT)] == [
        (
            "tenants/silva/order.yaml:3:12: Subscription/mail: bia@provider.example may not take this"
            " Subscription out of tenants/silva/order.yaml"
        ),
        "tenants/silva/second.yaml:3:12: Mailbox/eva: bia@provider.example may not make a new Mailbox",
    ]


@pytest.mark.usefixtures("tree")
def test_nobody_widens_his_own_lane() -> None:
    edit(".ispalier.yaml", "most: 51200", "most: 99999")
    edit(QUOTA, "quotaMiB: 1024", "quotaMiB: 60000")

    assert [line.partition(" may not ")[2].partition(";")[0] for line in judged(SUPPORT)] == [
        "edit this file",
        "set this to more than 51200",
    ]
    assert judged(TECH) == []


@pytest.mark.usefixtures("tree")
def test_what_others_did_meanwhile_is_not_held_against_the_author() -> None:
    git("switch", "-qc", "mine")
    edit(QUOTA, "quotaMiB: 1024", "quotaMiB: 2048")
    commit(SUPPORT)
    git("switch", "-q", "main")
    edit("tenants/silva/tenant.yaml", "displayName: Silva", "displayName: Silva e Filhos")
    commit()
    git("switch", "-q", "mine")

    assert judged(SUPPORT, since="main") == []
    assert judged("", "--commits-author", since="main") == []
    assert len(judged(PARTNER, "--rev", "mine", since="main")) == 1


@pytest.mark.usefixtures("tree")
def test_a_partner_does_everything_in_his_folder_and_nothing_elsewhere() -> None:
    write("partners/norte/souza/mail.yaml", of_souza(ORDER + "---\n" + MAILBOX))
    own = judged(PARTNER)
    write("partners/norte/souza/mail.yaml", ORDER.replace("name: mail,", "name: other,"))
    of_others = judged(PARTNER)
    write("partners/norte/souza/mail.yaml", TENANT.replace("name: silva,", "name: me,"))
    as_tenant = judged(PARTNER)

    assert own == []
    assert [line.partition(";")[0] for line in (*of_others, *as_tenant)] == [
        (
            "partners/norte/souza/mail.yaml:3:12: Subscription/other: carla@norte.example may not make a"
            " new Subscription"
        ),
        "partners/norte/souza/mail.yaml:3:12: Tenant/me: carla@norte.example may not make a new Tenant",
    ]


@pytest.mark.usefixtures("tree")
def test_who_may_not_take_a_customer_out_of_a_folder_may_not_move_it() -> None:
    Path("partners/norte/silva").mkdir()
    Path("tenants/silva/tenant.yaml").rename("partners/norte/silva/tenant.yaml")

    assert len(judged(PARTNER)) >= 1
    assert [line.split(": ")[0] for line in judged(SUPPORT)] == [
        "partners/norte/silva/tenant.yaml:3:12",
        "partners/norte/silva/tenant.yaml:3:12",
    ]


@pytest.mark.usefixtures("tree")
def test_what_is_no_resource_needs_a_lane_for_its_file() -> None:
    role = (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: x}\n"
    )
    write("partners/norte/rights.yaml", role)
    write("partners/norte/kustomization.yaml", "resources: [https://example.org/x]\n")
    Path("partners/norte/link.yaml").symlink_to("../../tenants/silva/tenant.yaml")

    assert [line.partition(";")[0] for line in judged(PARTNER)] == [
        f"partners/norte/{name}:1:1: carla@norte.example may not edit this file"
        for name in ("kustomization.yaml", "link.yaml", "rights.yaml")
    ]


@pytest.mark.usefixtures("tree")
def test_the_order_of_a_list_and_of_files_is_nobodys_business() -> None:
    write(ORDERS, f"{ORDER}    - {{from: 2026-03-01, planRef: {{name: more}}}}\n")
    commit()
    swapped = ORDER.partition("    - ")
    entry = "    - {from: 2026-03-01, planRef: {name: more}}\n"
    write("tenants/silva/renamed.yaml", f"# told\n{swapped[0]}{entry}{swapped[1]}{swapped[2]}")
    Path(ORDERS).unlink()

    assert judged(SUPPORT) == []


@pytest.mark.usefixtures("tree")
def test_every_format_tells_it() -> None:
    edit(QUOTA, "quotaMiB: 1024", "quotaMiB: 51201")
    words = ["validate", ".", "--changed-since", "HEAD", "--author", SUPPORT, "--allow-missing"]
    told = CliRunner().invoke(app, [*words, "--format", "json"])
    shown = CliRunner().invoke(app, [*words, "--format", "github"])

    [problem] = json.loads(told.stdout)["problems"]
    assert (told.exit_code, problem["field"], problem["line"]) == (1, "spec.quotaMiB", 8)
    assert shown.stdout.startswith("::error file=tenants/silva/mailbox.yaml,line=8,col=3,")


@pytest.mark.usefixtures("tree")
def test_where_there_were_no_lanes_it_is_said() -> None:
    Path(".ispalier.yaml").unlink()
    commit()
    edit(QUOTA, "quotaMiB: 1024", "quotaMiB: 51201")
    words = ["validate", ".", "--changed-since", "HEAD", "--author", "x", "--allow-missing"]
    done = CliRunner().invoke(app, words)

    assert done.exit_code == 0
    assert done.stderr.startswith("no .ispalier.yaml at HEAD: everybody may change everything\n")


@pytest.mark.usefixtures("tree")
def test_lanes_that_cannot_be_read_let_nobody_through() -> None:
    edit(".ispalier.yaml", "Mailbox.spec.quotaMiB", "Mailbox.spec.quota")
    wrong = CliRunner().invoke(app, ["validate", ".", "--allow-missing"])
    commit()
    words = ["validate", ".", "--changed-since", "HEAD", "--author", TECH, "--allow-missing"]
    done = CliRunner().invoke(app, words)

    told = (
        ":10:19: lanes[1].may[0].change[0]: quota is no field of Mailbox.spec; did you mean"
        " Mailbox.spec.quotaMiB?"
    )
    assert (wrong.exit_code, wrong.stdout.splitlines()[0]) == (1, f".ispalier.yaml{told}")
    assert done.exit_code == 2
    assert f"nobody can be judged: .ispalier.yaml at HEAD{told}" in done.stderr


@pytest.mark.usefixtures("tree")
def test_commits_of_several_people_have_no_author() -> None:
    for who in (SUPPORT, SALES):
        write(f"{who}.md", "x")
        commit(who)
    words = ["validate", ".", "--changed-since", "HEAD~2", "--commits-author"]
    done = CliRunner().invoke(app, words)

    assert done.exit_code == 2
    assert f"are by several people: {SALES}, {SUPPORT}: name who asks with --author" in done.stderr


@pytest.mark.usefixtures("tree")
def test_labels_and_other_metadata_are_fields_too() -> None:
    edit(QUOTA, "{name: rui,", "{name: rui, labels: {a: b}, finalizers: [x.example/y],")

    assert [line.split(": ")[2] for line in judged(SUPPORT)] == [
        "metadata.labels.a",
        "metadata.finalizers[0]",
    ]


@pytest.mark.usefixtures("tree")
def test_an_object_without_fields_is_a_change_too() -> None:
    edit(QUOTA, "\n  quotaMiB: 1024", "\n  quotaMiB: 1024\n  limits: {}")
    [told] = judged(SUPPORT)
    commit()
    edit(QUOTA, "limits: {}", "limits: {perDay: 10}")
    [filled] = judged(SUPPORT)
    commit()
    edit(QUOTA, "limits: {perDay: 10}", "limits: {}")
    [emptied] = judged(SUPPORT)

    assert ": spec.limits: bia@provider.example may not change this;" in told
    assert ": spec.limits.perDay: bia@provider.example may not change this;" in filled
    assert ": spec.limits.perDay: bia@provider.example may not take " in emptied


@pytest.mark.usefixtures("tree")
def test_what_others_did_cannot_be_taken_back_by_a_merge() -> None:
    git("checkout", "-q", "-b", "notes")
    write("NOTES.md", "x")
    commit()
    git("checkout", "-q", "-b", "quota", "main")
    edit(QUOTA, "quotaMiB: 1024", "quotaMiB: 512")
    commit()
    git("checkout", "-q", "main")
    git("merge", "-q", "--no-ff", "notes", "quota")
    git("checkout", "-q", "-b", "mine", "notes")
    git("merge", "-q", "--no-ff", "--no-commit", "quota")
    edit(QUOTA, "quotaMiB: 512", "quotaMiB: 1024")
    commit()
    given = ["validate", ".", "--allow-missing", "--changed-since", "main", "--author", "nobody"]
    done = CliRunner().invoke(app, given)
    git("merge", "-q", "-m", "main", "main")

    assert done.exit_code == 2
    assert "began at several commits" in done.stderr
    assert "merge main into it" in done.stderr
    assert [line.partition(": ")[0] for line in judged("nobody", since="main")] == [f"{QUOTA}:8:3"]
