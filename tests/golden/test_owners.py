"""Who is asked about the examples (CODEOWNERS), and who may change what there (lanes)."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from codeowners import CodeOwners
from typer.testing import CliRunner

from ispalier.api.base import Resource
from ispalier.api.kinds import BY_NAME
from ispalier.api.parties import Tenant
from ispalier.cli.main import app
from ispalier.world.load import load
from ispalier.world.snapshot import ident
from tests import repositories

EXAMPLES = Path(__file__).parents[2] / "examples"
STORIES = sorted(each.name for each in EXAMPLES.iterdir())
ANA, BIA, EVA, RUI = (f"{name}@provider.example" for name in ("ana", "bia", "eva", "rui"))
CARLA = "carla@norte.example"

Repository = Callable[[str], None]


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Makes an example a repository with one commit, and goes there."""

    def made(story: str) -> None:
        shutil.copytree(EXAMPLES / story, tmp_path / story)
        monkeypatch.chdir(tmp_path / story)
        git("init", "-q")
        commit()

    return made


def git(*words: str) -> None:
    repositories.git(Path(), *words, name="Rui", email=RUI)


def commit() -> None:
    git("add", "--all")
    git("commit", "-q", "-m", "all")


def edit(name: str, old: str, new: str) -> None:
    text = Path(name).read_text()
    assert old in text
    Path(name).write_text(text.replace(old, new))


def refused(author: str) -> list[str]:
    """Fields that the author may not change; a resource or file where it is about a whole one."""
    words = ("validate", ".", "--changed-since", "HEAD", "--author", author)
    done = CliRunner().invoke(app, words)
    lines = [line.split(": ") for line in done.stdout.splitlines() if " may not " in line]
    assert done.exit_code in (0, 1), done.stderr
    told = [next(each for each in reversed(parts) if " may not " not in each) for parts in lines]
    return [each.partition(":")[0] for each in told]


@pytest.mark.parametrize("story", STORIES)
def test_every_file_has_an_owner_and_every_pattern_a_file(story: str) -> None:
    folder = EXAMPLES / story
    owners = CodeOwners((folder / "CODEOWNERS").read_text())
    files = [each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()]

    new = [f"tenants/x/{kind.lower()}-x.yaml" for kind in BY_NAME]

    assert [each for each in files if not owners.of(each)] == []
    assert [
        pattern
        for fits, pattern, *_ in owners.paths
        if not any(fits.match(each) for each in (*files, *new))
    ] == []


@pytest.mark.parametrize("story", STORIES)
def test_what_new_writes_is_owned_by_who_owns_the_like(
    story: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shutil.copytree(EXAMPLES / story, tmp_path / story))
    owners = CodeOwners(Path("CODEOWNERS").read_text())
    loaded = load([Path()])
    like = [each for each in loaded.world.everything() if isinstance(each, Resource)]
    theirs = [each for each in like if each.namespace]

    assert theirs != []
    assert [
        str(ident(each))
        for each in theirs
        if owners.of(new_like(each).as_posix())
        != owners.of(loaded.origins[ident(each)].file.as_posix())
    ] == []


def new_like(resource: Resource) -> Path:
    """Where `new` writes another one of a customer's kind, with what the first has."""
    whole = resource.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in whole["spec"].items()}
    name = f"{resource.name}-2"
    of = () if isinstance(resource, Tenant) else ("-n", resource.namespace)
    fields = [word for key, each in texts.items() for word in ("--set", f"{key}={each}")]
    done = CliRunner().invoke(app, ["new", resource.kind, name, *of, *fields, "--force"])
    assert done.exit_code == 0, done.output
    file = Path(done.stdout.strip())
    file.unlink()
    return file


@pytest.mark.parametrize("story", STORIES)
def test_lanes_and_owners_know_the_same_groups(story: str) -> None:
    owners = (EXAMPLES / story / "CODEOWNERS").read_text()
    lanes = (EXAMPLES / story / ".ispalier.yaml").read_text()
    named = {word[1:] for word in owners.split() if word.startswith("@")}

    assert [each for each in sorted(named) if f"[{each}]" not in lanes] == []


@pytest.mark.parametrize("story", STORIES)
def test_whoever_runs_the_systems_may_do_everything(story: str, repository: Repository) -> None:
    repository(story)
    edit(".ispalier.yaml", "most: 20,", "most: 25,")
    edit("provider/catalogue.yaml", "displayName: ", "displayName: New ")
    edit("clusters/flux.yaml", "interval: 1m", "interval: 2m")

    assert refused(RUI) == []
    assert refused(BIA)[:2] == [".ispalier.yaml", "clusters/flux.yaml"]


def test_support_gives_room_up_to_a_limit_and_alone_changes_who_somebody_is(
    repository: Repository,
) -> None:
    repository("mail-only")
    edit("tenants/lopes/mail.yaml", "quotaMiB: 10240", "quotaMiB: 51200")
    within = refused(BIA)
    edit("tenants/lopes/mail.yaml", "quotaMiB: 51200", "quotaMiB: 51201")
    edit("tenants/lopes/tenant.yaml", "street: Seestrasse 12", "street: Seestrasse 13")
    edit("tenants/lopes/tenant.yaml", "country: CH", "country: AT")
    edit("tenants/lopes/tenant.yaml", "email: ana@", "email: bob@")
    edit("tenants/lopes/tenant.yaml", "type: Company", "type: Person")

    assert within == []
    assert refused(BIA) == ["spec.quotaMiB"]
    assert refused(ANA) == refused(EVA)
    assert refused(EVA) == [
        "spec.quotaMiB",
        "spec.profile.type",
        "spec.profile.address.street",
        "spec.profile.address.country",
        "spec.contacts[0].email",
    ]


def test_an_order_of_sales_is_deployed_by_tech_alone(repository: Repository) -> None:
    repository("dedicated-server")
    edit("tenants/acme/tenant.yaml", "deployment: Requested", "deployment: Approved")

    assert refused(ANA) == ["spec.deployment"]
    assert refused(BIA) == ["spec.deployment"]
    assert refused(RUI) == []


def test_support_switches_a_machine_off_but_never_installs_it(repository: Repository) -> None:
    repository("dedicated-server")
    edit("tenants/acme/server.yaml", 'power: "On"', 'power: "Off"')
    off = refused(BIA)
    edit("tenants/acme/server.yaml", "debian-13}", "debian-13, installGeneration: 2}")

    assert off == []
    assert refused(BIA) == ["spec.image.installGeneration"]


def test_sales_agrees_on_a_plan_and_a_small_discount_never_on_a_price(
    repository: Repository,
) -> None:
    repository("home-fibre")
    name, term = (
        "tenants/silva/tenant.yaml",
        '    - {from: "2026-11-21", planRef: {name: fibra-300}}\n',
    )
    more = "    - {from: 2026-12-01, planRef: {name: fibra-600}%s}\n"
    discount = "  discounts: [{reason: loyal, since: 2026-12-01, percent: '%s'}]\n"
    edit(name, term, term + more % "" + discount % "20")
    agreed = refused(ANA)
    edit(name, "percent: '20'", "percent: '21'")
    edit(name, "{name: fibra-600}}", "{name: fibra-600}, price: '9.90'}")

    assert agreed == []
    assert refused(ANA) == ["spec.terms[1].price", "spec.discounts[0].percent"]


def test_support_writes_records_and_room_for_sites(repository: Repository) -> None:
    repository("web-hosting")
    edit(
        "tenants/silva/domain.yaml",
        "values: [web1.hosting.example.]",
        "values: [web2.hosting.example.]",
    )
    edit("tenants/silva/site.yaml", "diskMiB: 5120", "diskMiB: 20480")
    within = refused(BIA)
    edit("tenants/silva/site.yaml", "diskMiB: 20480", "diskMiB: 20481")

    assert within == []
    assert refused(BIA) == ["spec.diskMiB"]


def test_a_partner_sells_in_its_own_folder_for_itself(repository: Repository) -> None:
    repository("reseller")
    shutil.copytree("partners/norte/souza", "partners/norte/lima")
    file = Path("partners/norte/lima/tenant.yaml")
    text = file.read_text().replace("souza", "lima").replace("50001", "50002")
    asked = text.replace("  terms:", "  deployment: Requested\n  terms:")
    file.write_text(asked)
    sold = refused(CARLA)
    file.write_text(asked.replace("partnerRef: {name: norte}", "partnerRef: {name: sul}"))
    for_another = refused(CARLA)
    file.write_text(text)

    assert sold == []
    assert for_another == ["spec.partnerRef.name"]
    assert refused(CARLA) == ["spec.deployment"]


def test_a_partner_reaches_no_customer_of_others(repository: Repository) -> None:
    repository("reseller")
    Path("partners/sul/lima").mkdir(parents=True)
    text = Path("partners/norte/souza/tenant.yaml").read_text()
    Path("partners/sul/lima/tenant.yaml").write_text(
        text.replace("souza", "lima").replace("50001", "50002")
    )
    commit()
    mailbox = text.rpartition("---\n")[2].replace("souza", "lima").replace("rui", "eve")
    Path("partners/norte/souza/more.yaml").write_text(mailbox)

    assert refused(CARLA) == ["Mailbox/eve"]
