"""An event concerns those whom it can change, and no others at once."""

from ispalier.api.base import Resource
from ispalier.core.items import PROVIDER
from ispalier.kube.orphans import namespaces_with_orphans
from ispalier.kube.secret_objects import Needs
from ispalier.loop.dirty import Change, Dirty, Uses, dirty, dirty_by_secret
from ispalier.world.snapshot import Broken, Snapshot, ident
from tests.builders import (
    access_point,
    login,
    nas,
    plan,
    profile,
    resource,
    snapshot,
    subscription,
    tenant,
    unit,
)

LINE = subscription(accessPointRef={"name": "hill"})
WORLD = (unit(), plan(), nas(), access_point(), tenant(), LINE, login("joao"))
SOUZA = (tenant("souza", "10043"),)
NOBODY: dict[str, str] = {}


def touched(changed: Resource | Broken, *world: Resource, homes: dict[str, str] = NOBODY) -> Dirty:
    made, uses = snapshot(*world), Uses()
    for each in world:
        uses.note(ident(each), each)
    which = changed.ident if isinstance(changed, Broken) else ident(changed)
    return dirty(made, uses, homes, Change(which, None, changed))


def test_a_login_concerns_its_tenant() -> None:
    assert touched(login("joao"), *WORLD, *SOUZA) == Dirty(frozenset({"10042"}))


def test_all_that_a_plan_names_is_found_through_others() -> None:
    uses, on = Uses(), {"profileRef": {"name": "300m"}, "throttledProfileRef": {"name": "slow"}}
    for each in (plan(access=on), profile(), profile("slow", "1M", "1M")):
        uses.note(ident(each), each)

    found = uses.named_by([ident(plan())])

    assert {"fibra-300", "300m", "slow"} == {each.name for each in found}


def test_a_plan_concerns_the_provider_and_later_its_users() -> None:
    assert touched(plan(), *WORLD, *SOUZA) == Dirty(frozenset({PROVIDER}), frozenset({"10042"}))


def test_an_access_point_reaches_the_tenants_behind_it() -> None:
    assert touched(access_point(), *WORLD, *SOUZA).later == {"10042"}


def test_a_business_unit_reaches_its_tenants() -> None:
    assert touched(unit(), *WORLD, *SOUZA).later == {"10042", "10043"}


def test_a_nas_reaches_everybody() -> None:
    assert touched(nas(), *WORLD, *SOUZA, homes={"7": "gone"}).later == {"10042", "10043", "7"}


def test_a_domain_reaches_the_customers_whom_it_lets_have_names() -> None:
    spec = {
        "subscriptionRef": {"name": "home"},
        "name": "silva.example",
        "delegations": [{"name": "office", "customerNumber": "10043"}],
    }

    assert touched(resource("Domain", "silva", spec, "silva"), *WORLD, *SOUZA) == Dirty(
        frozenset({"10042"}), frozenset({"10043"})
    )


def test_a_tenant_that_is_gone_is_still_concerned() -> None:
    gone = tenant()
    which = ident(gone)

    found = dirty(snapshot(), Uses(), NOBODY, Change(which, gone, None))

    assert "10042" in found.fresh


def test_in_a_namespace_without_tenant_who_once_lived_there_is_concerned() -> None:
    assert touched(login("joao"), login("joao"), homes={"10042": "silva", "7": "x"}).fresh == {
        "10042",
        "/silva",
    }


def test_what_cannot_be_read_concerns_the_unit_that_tells_so() -> None:
    broken = Broken(ident(login("joao")), "bad")

    assert touched(broken, *WORLD).fresh == {"10042", "/silva"}


def test_a_secret_concerns_its_namespace() -> None:
    found = dirty_by_secret(snapshot(*WORLD, *SOUZA), NOBODY, "silva", "ispalier")

    assert found == Dirty(frozenset({"10042"}))


def test_a_secret_of_the_controller_concerns_the_provider_and_later_everybody() -> None:
    found = dirty_by_secret(snapshot(*WORLD, *SOUZA), NOBODY, "ispalier", "ispalier")

    assert found == Dirty(frozenset({PROVIDER}), frozenset({"10042", "10043"}))


def test_references_that_are_gone_are_forgotten() -> None:
    uses = Uses()
    uses.note(ident(LINE), LINE)
    uses.note(ident(LINE), None)

    assert list(uses.reaches(ident(plan()))) == []


def test_resources_name_their_secrets_in_their_own_namespace() -> None:
    needs = Needs("ispalier")

    assert needs.note(ident(login("joao")), login("joao")) == {("silva", "passwords")}
    assert needs.note(ident(nas()), nas()) == {("ispalier", "nas")}


def test_a_secret_that_nobody_names_any_more_is_not_needed() -> None:
    needs = Needs("ispalier")
    needs.note(ident(login("joao")), login("joao"))
    needs.note(ident(login("joao")), None)

    assert needs.places() == frozenset()


def test_orphans_are_found_where_no_tenant_is() -> None:
    world = snapshot(*WORLD, login("eva", "souza"))

    assert list(namespaces_with_orphans(world)) == ["souza"]


def test_unreadable_resources_of_the_cluster_are_found() -> None:
    world = Snapshot()
    world.put(Broken(ident(resource("NAS", "x", {"addresses": ["::"], "secretRef": REF})), "bad"))

    assert list(namespaces_with_orphans(world)) == [""]


REF = {"name": "nas", "key": "secret"}


def test_a_suspension_is_urgent_when_it_is_declared_and_not_with_every_edit() -> None:
    suspended = subscription(suspensions=[{"reason": "Unpaid", "since": "2026-11-20"}])
    world = snapshot(unit(), plan(), tenant(), suspended)
    which = ident(suspended)

    new = dirty(world, Uses(), NOBODY, Change(which, LINE, suspended))
    edited = dirty(world, Uses(), NOBODY, Change(which, suspended, suspended))

    assert new == Dirty(frozenset({"10042"}), urgent=frozenset({"10042"}))
    assert edited.urgent == frozenset()
