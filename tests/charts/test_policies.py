"""The policies of the chart on a real API server: who may change what, and what to do else."""

from collections.abc import Iterator, Mapping

import pytest
import yaml

from hack.stack.controlplane import ControlPlane
from ispalier.api.generate import ROOT
from tests.charts.guarded import (
    ACTS,
    AGREED,
    BOX,
    FEE,
    HIDDEN,
    IDENTITY,
    LINE,
    LIST_PRICE,
    LONG,
    ORDERED,
    OVERRIDDEN,
    PROFILE,
    REPRICED,
    SERVED,
    SILVA,
    SUSPENDED,
)
from tests.charts.people import (
    Body,
    Person,
    applied,
    at,
    bound,
    eventually,
    manifest,
    namespace,
    people,
    rendered,
)

HOME, EMPTY, FREE = "policies-silva", "policies-protected", "policies-free"
FLUX = "system:serviceaccount:flux-system:kustomize-controller"
ALMIGHTY = "system:serviceaccount:argocd:argocd-application-controller"
OTHER_ACCOUNT = "system:serviceaccount:flux-system:helm-controller"
STAFF = ("sales", "support", "tech", "billing", "auditor")
APPROVED = {"deployment": "Approved"}
ALLOWED = {"ispalier.dev/deletion": "Allowed"}
TENANTS = {"ispalier.dev/tenants": "true"}
NAMESPACES, CRDS = (
    "/api/v1/namespaces",
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
)


@pytest.fixture(scope="module")
def admin(kinds: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    objects: list[Body] = [
        namespace(HOME),
        namespace(EMPTY, TENANTS),
        namespace(FREE),
        *(bound(name, f"ispalier-{name}") for name in STAFF),
        *(bound(name, "ispalier-sales") for name in (FLUX, OTHER_ACCOUNT)),
        bound(ALMIGHTY, "cluster-admin"),
        *(bound(name, "ispalier-sales") for name in ("here", "elsewhere")),
        bound("customer", "ispalier-tenant-editor", HOME),
        bound("here", "ispalier-support", HOME),
        bound("elsewhere", "ispalier-support", EMPTY),
        manifest("Tenant", HOME, "silva", SILVA),
        manifest("Tenant", HOME, "hidden", HIDDEN),
        manifest("Subscription", HOME, "ordered", ORDERED),
        manifest("Subscription", HOME, "served", SERVED),
        manifest("Subscription", HOME, "long", LONG),
        manifest("Login", HOME, "line", LINE),
        manifest("Mailbox", HOME, "box", BOX),
    ]
    text = rendered(f"policies.exempt={{{FLUX},{ALMIGHTY}}}")
    folder = tmp_path_factory.mktemp("policies")
    with people(kinds) as admin, applied(kinds, folder, text, objects):
        sales, tech = Person(admin.http, "sales"), Person(admin.http, "tech")
        eventually(lambda: sales.make("Subscription", HOME, {**ORDERED, "setupFee": FEE}), 403)
        eventually(lambda: sales.change("Subscription", HOME, "ordered", APPROVED), 403)
        eventually(lambda: sales.change("Tenant", HOME, "silva", {"profile": None}), 403)
        eventually(lambda: tech.make("Operation", HOME, asked("sales", "restore")), 403)
        faster, unseen = {"profileRef": {"name": "900m"}}, {"managementPolicy": "Observe"}
        eventually(lambda: sales.change("Login", HOME, "line", faster), 403)
        eventually(lambda: sales.change("Mailbox", HOME, "box", unseen), 403)
        moved = {"businessUnitRef": {"name": "free"}}
        eventually(lambda: sales.change("Tenant", HOME, "silva", moved), 403)
        billing = Person(admin.http, "billing")
        eventually(lambda: billing.make("Operation", HOME, asked("billing", "purge")), 403)
        eventually(lambda: admin.ask("DELETE", f"{NAMESPACES}/{EMPTY}"), 403)
        eventually(lambda: admin.ask("DELETE", f"{CRDS}/tenants.ispalier.dev"), 403)
        yield admin
    with people(kinds) as admin:  # others delete definitions, too
        eventually(lambda: admin.ask("DELETE", f"{CRDS}/tenants.ispalier.dev"), 200)


def asked(by: str, act: str, **more: str) -> Body:
    return {"requestedBy": by, "why": "he left", act: {**ACTS[act], **more}}


def test_sales_order_and_do_not_deploy(admin: Person) -> None:
    sales = Person(admin.http, "sales")

    assert sales.make("Subscription", HOME, ORDERED).status == 201
    answer = sales.make("Subscription", HOME, {"terms": [LIST_PRICE]})
    assert answer.status == 403
    assert answer.message.endswith(
        "spec.deployment: only technicians deploy: write Requested, and ask somebody with"
        " role ispalier-tech to set it to Approved"
    )


@pytest.mark.parametrize(
    ("who", "status"), [("sales", 403), ("billing", 403), ("tech", 200), (OTHER_ACCOUNT, 403)]
)
def test_only_technicians_approve_an_order(who: str, status: int, admin: Person) -> None:
    answer = Person(admin.http, who).change("Subscription", HOME, "ordered", APPROVED)

    assert status == answer.status
    assert ("only technicians deploy" in answer.message) == (status == 403)


@pytest.mark.parametrize("who", ["sales", "billing", "tech"])
@pytest.mark.parametrize("name", ["ordered", "served", "long"])
def test_who_touches_no_guarded_field_of_a_contract_needs_no_word(
    who: str, name: str, admin: Person
) -> None:
    person = Person(admin.http, who)
    whole = admin.ask("GET", at("Subscription", HOME, name)).body
    whole["spec"]["notes"] = "called"

    assert person.change("Subscription", HOME, name, {"notes": "called"}).status == 200
    assert person.ask("PUT", at("Subscription", HOME, name), whole).status == 200


def test_another_plan_at_its_own_price_needs_no_word(admin: Person) -> None:
    more = {"from": "2027-06-01", "planRef": {"name": "fibra-900"}}
    terms = [{**LIST_PRICE, "quantity": 2}, AGREED, more]

    sales = Person(admin.http, "sales")
    assert sales.change("Subscription", HOME, "served", {"terms": terms}).status == 200


@pytest.mark.parametrize(
    "how", [{}, {"effect": "WalledGarden"}, {"effect": "Throttle", "billing": "Continue"}]
)
def test_who_suspends_needs_no_word(how: Mapping[str, str], admin: Person) -> None:
    sales = Person(admin.http, "sales")

    answer = sales.change("Subscription", HOME, "served", {"suspensions": [{**SUSPENDED, **how}]})

    assert answer.status == 200, answer.message


@pytest.mark.parametrize("who", ["sales", "tech"])
@pytest.mark.parametrize(("spec", "told"), REPRICED)
def test_what_is_agreed_on_money_is_agreed_by_billing(
    spec: Body, told: str, who: str, admin: Person
) -> None:
    answer = Person(admin.http, who).change("Subscription", HOME, "served", spec)

    assert answer.status == 403
    assert told in answer.message
    assert "leave that to somebody with role ispalier-billing" in answer.message
    assert Person(admin.http, "billing").change("Subscription", HOME, "served", spec).status == 200


def test_a_new_contract_has_the_prices_of_its_plan(admin: Person) -> None:
    priced = {**ORDERED, "terms": [AGREED]}
    answer = Person(admin.http, "sales").make("Subscription", HOME, priced)

    assert answer.status == 403
    assert "spec.terms: a price or a trial of its own" in answer.message


@pytest.mark.parametrize("who", ["sales", "billing"])
@pytest.mark.parametrize("spec", IDENTITY)
def test_who_a_customer_is_changes_through_support_only(
    spec: Body, who: str, admin: Person
) -> None:
    answer = Person(admin.http, who).change("Tenant", HOME, "silva", spec)

    assert answer.status == 403
    assert "spec.profile: who a customer is" in answer.message
    assert answer.message.endswith("leave that to somebody with role ispalier-support")
    assert Person(admin.http, "support").change("Tenant", HOME, "silva", spec).status == 200


def test_a_word_that_is_granted_in_a_namespace_holds_there_alone(admin: Person) -> None:
    spec = {"profile": {"type": "Company"}}

    assert Person(admin.http, "here").change("Tenant", HOME, "silva", spec).status == 200
    assert Person(admin.http, "elsewhere").change("Tenant", HOME, "silva", spec).status == 403


@pytest.mark.parametrize(
    ("name", "spec"),
    [
        ("silva", {"profile": None, "profileSecretRef": {"name": "other", "key": "profile"}}),
        ("hidden", {"profileSecretRef": {"name": "other"}}),
    ],
)
def test_another_secret_with_the_profile_is_another_identity(
    name: str, spec: Body, admin: Person
) -> None:
    assert Person(admin.http, "sales").change("Tenant", HOME, name, spec).status == 403
    assert Person(admin.http, "support").change("Tenant", HOME, name, spec).status == 200


def test_a_customer_is_moved_to_another_unit_by_billing_alone(admin: Person) -> None:
    spec = {"businessUnitRef": {"name": "free"}}
    answers = [
        Person(admin.http, who).change("Tenant", HOME, "silva", spec)
        for who in ("sales", "support", "billing")
    ]

    assert [each.status for each in answers] == [403, 403, 200]
    assert "spec.businessUnitRef: what a customer is charged" in answers[0].message


@pytest.mark.parametrize("who", ["sales", "support", "billing"])
def test_what_else_is_known_of_a_customer_needs_no_word(who: str, admin: Person) -> None:
    person = Person(admin.http, who)
    spec = {"language": "pt-BR", "billing": {"dueDay": 10}, "profile": PROFILE}

    assert person.change("Tenant", HOME, "silva", spec).status == 200


def test_sales_say_who_a_new_customer_is(admin: Person) -> None:
    spec = {**SILVA, "number": "10077"}

    assert Person(admin.http, "sales").make("Tenant", HOME, spec).status == 201
    assert Person(admin.http, "support").make("Tenant", HOME, spec).status == 403


@pytest.mark.parametrize("who", ["customer", "sales"])
@pytest.mark.parametrize(("kind", "spec", "told"), OVERRIDDEN)
def test_a_service_is_otherwise_than_its_plan_has_it_by_a_technician_alone(
    kind: str, spec: Body, told: str, who: str, admin: Person
) -> None:
    name, whole = ("line", LINE) if kind == "Login" else ("box", BOX)
    person = Person(admin.http, who)
    changed, made = person.change(kind, HOME, name, spec), person.make(kind, HOME, whole | spec)

    assert (changed.status, made.status) == (403, 403)
    assert told in changed.message
    assert made.message.endswith("leave that to somebody with role ispalier-tech")
    assert Person(admin.http, "tech").change(kind, HOME, name, spec).status == 200


def test_customers_run_what_their_contracts_hold(admin: Person) -> None:
    customer = Person(admin.http, "customer")
    spec = {"macAddresses": ["AA:BB:CC:00:11:22"], "managementPolicy": "Manage"}

    assert customer.change("Login", HOME, "line", spec).status == 200
    assert customer.make("Mailbox", HOME, BOX).status == 201


@pytest.mark.parametrize(
    ("kind", "name", "spec"),
    [
        ("Login", "line", {"managementPolicy": "Observe"}),
        ("Subscription", "ordered", APPROVED),
        ("Subscription", "served", {"discounts": None}),
        ("Tenant", "silva", {"profile": None}),
    ],
)
def test_what_comes_from_git_was_judged_there(
    kind: str, name: str, spec: Body, admin: Person
) -> None:
    assert Person(admin.http, FLUX).change(kind, HOME, name, spec).status == 200
    assert Person(admin.http, OTHER_ACCOUNT).change(kind, HOME, name, spec).status == 403


@pytest.mark.parametrize("act", ACTS)
def test_technicians_ask_for_every_act_in_their_own_name(act: str, admin: Person) -> None:
    tech = Person(admin.http, "tech")

    assert tech.make("Operation", HOME, asked("tech", act)).status == 201
    answer = tech.make("Operation", HOME, asked("billing", act))
    assert answer.status == 403
    assert answer.message.endswith("spec.requestedBy must be you: write tech")


def test_billing_ends_the_holds_of_dunning_and_does_nothing_else(admin: Person) -> None:
    billing = Person(admin.http, "billing")
    answers = {act: billing.make("Operation", HOME, asked("billing", act)) for act in ACTS}
    dunning = billing.make("Operation", HOME, asked("billing", "release", source="dunning"))

    assert dict.fromkeys(ACTS, 403) == {act: each.status for act, each in answers.items()}
    assert answers["release"].message.endswith(
        "spec.release: you may not ask for this act with holds of source manual: ask somebody with"
        " role ispalier-tech"
    )
    assert answers["purge"].message.endswith(
        "spec.purge: you may not ask for this act: ask somebody with role ispalier-tech"
    )
    assert dunning.status == 201


def test_who_asks_for_nothing_is_told_by_the_definition(admin: Person) -> None:
    answer = Person(admin.http, "tech").make("Operation", HOME, {"requestedBy": "tech", "why": "x"})

    assert answer.status == 422
    assert "exactly one of approve, release, purge and restore must be set" in answer.message


@pytest.mark.parametrize("who", ["sales", "support", "auditor"])
def test_others_ask_for_no_act(who: str, admin: Person) -> None:
    answer = Person(admin.http, who).make("Operation", HOME, asked(who, "restore"))

    assert answer.status == 403
    assert "cannot create resource" in answer.message


def test_a_namespace_with_customers_is_deleted_when_it_says_so_itself(admin: Person) -> None:
    path = f"{NAMESPACES}/{EMPTY}"
    answer = admin.ask("DELETE", path)
    admin.ask("PATCH", path, {"metadata": {"annotations": ALLOWED}}, dry=False)

    assert answer.status == 403
    assert answer.message.endswith(
        "customers live in this namespace (label ispalier.dev/tenants): to delete it all the same,"
        f" first run: kubectl annotate namespace {EMPTY} ispalier.dev/deletion=Allowed"
    )
    assert admin.ask("DELETE", path).status == 200


def test_a_namespace_whose_label_was_taken_away_is_deleted_with_what_it_holds(
    admin: Person,
) -> None:
    path = f"{NAMESPACES}/{FREE}"
    admin.ask("POST", at("Tenant", FREE), manifest("Tenant", FREE, "silva", SILVA), dry=False)
    admin.ask("PATCH", path, {"metadata": {"labels": TENANTS}}, dry=False)
    kept = admin.ask("DELETE", path, dry=False)
    taken = {"metadata": {"labels": dict.fromkeys(TENANTS)}}
    admin.ask("PATCH", path, taken, dry=False)

    assert kept.status == 403
    assert admin.ask("DELETE", path, dry=False).status == 200
    eventually(lambda: admin.ask("GET", path), 404)  # the namespace controller ends it


def test_a_definition_of_ours_is_deleted_when_it_says_so_itself(admin: Person) -> None:
    path = f"{CRDS}/tenants.ispalier.dev"
    answer = admin.ask("DELETE", path)
    admin.ask("PATCH", path, {"metadata": {"annotations": ALLOWED}}, dry=False)
    allowed = admin.ask("DELETE", path)
    admin.ask("PATCH", path, {"metadata": {"annotations": dict.fromkeys(ALLOWED)}}, dry=False)

    assert answer.status == 403
    assert answer.message.endswith(
        "with it every Tenant of the cluster would be deleted: to do so all the same, first run:"
        " kubectl annotate crd tenants.ispalier.dev ispalier.dev/deletion=Allowed"
    )
    assert allowed.status == 200


def test_not_even_git_deletes_customers_by_mistake(admin: Person) -> None:
    answer = Person(admin.http, ALMIGHTY).ask("DELETE", f"{CRDS}/tenants.ispalier.dev")

    assert answer.status == 403
    assert "with it every Tenant of the cluster would be deleted" in answer.message


@pytest.mark.parametrize(
    ("setting", "left"),
    [
        (
            "policies.deletion=false",
            {
                *("acts", "approval", "identity", "lines", "observed", "operations", "prices"),
                "units",
            },
        ),
        ("policies.enabled=false", {"operations"}),
    ],
)
def test_what_is_switched_off_is_not_asked(setting: str, left: set[str]) -> None:
    made = [each for each in yaml.safe_load_all(rendered(setting)) if each]

    assert {f"ispalier-{each}" for each in left} == {
        each["metadata"]["name"] for each in made if each["kind"] == "ValidatingAdmissionPolicy"
    }


def test_the_policy_that_is_there_without_a_chart_is_the_same() -> None:
    def specs(text: str) -> list[Body]:
        made = [each for each in yaml.safe_load_all(text) if each]
        ours = [each for each in made if each["kind"] == "ValidatingAdmissionPolicy"]
        return [each["spec"] for each in ours if "operations" in each["metadata"]["name"]]

    assert specs((ROOT / "admission.yaml").read_text()) == specs(rendered())
