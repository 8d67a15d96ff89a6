"""The roles of the chart on a real API server: each may do exactly what its page says."""

import re
from collections.abc import Iterator

import pytest
import yaml

from hack.stack.controlplane import ControlPlane
from ispalier.api.kinds import KINDS
from ispalier.api.roles import ROLES, VERBS
from tests.charts.people import (
    API,
    CHART,
    PLURALS,
    RBAC,
    RELEASE,
    Body,
    Person,
    applied,
    at,
    bound,
    eventually,
    namespace,
    people,
    rendered,
)

HOME, SECRET = "roles-silva", "roles-confidential"
NAMES = [role.name for role in ROLES]
SEE = frozenset(VERBS["see"])
Right = tuple[str, str, str, str]
"""Group, resource, verb, and the only name it is for."""

OTHERS = {
    ("", "events"),
    ("", "namespaces"),
    ("", "serviceaccounts"),
    ("events.k8s.io", "events"),
    (RBAC, "clusterrolebindings"),
    (RBAC, "clusterroles"),
    (RBAC, "rolebindings"),
    (RBAC, "roles"),
    ("admissionregistration.k8s.io", "validatingadmissionpolicies"),
    ("admissionregistration.k8s.io", "validatingadmissionpolicybindings"),
    ("apiextensions.k8s.io", "customresourcedefinitions"),
}
"""What else the auditor sees."""


@pytest.fixture(scope="module")
def admin(kinds: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    objects: list[Body] = [
        namespace(HOME),
        namespace(SECRET),
        *(bound(name, f"ispalier-{name}") for name in NAMES),
        bound("hotline", "ispalier-support", HOME),
        bound("hotline", "ispalier-provider-viewer"),
        *(bound(f"built-in-{name}", name, HOME) for name in ("view", "edit", "admin")),
    ]
    folder = tmp_path_factory.mktemp("roles")
    with people(kinds) as admin, applied(kinds, folder, rendered(), objects):
        eventually(lambda: Person(admin.http, "auditor").ask("GET", f"{API}/plans"), 200)
        yield admin


def table(head: str) -> list[list[str]]:
    """Rows of the page's table that begins so, cells stripped of their marks."""
    lines = (CHART / "ROLES.md").read_text().split(f"| {head} |", 1)[1].splitlines()
    rows = (
        [head, *lines[0].strip(" |").split(" | ")],
        *(
            [
                cell.strip(" `")
                for cell in line.strip().removeprefix("|").removesuffix("|").split("|")
            ]
            for line in lines[2 : lines.index("")]
        ),
    )
    return [*rows]


def told(role: str) -> set[Right]:
    """What the page says that a role may do."""
    (_, *columns), *kinds = table("kind")
    may = {
        ("ispalier.dev", PLURALS[kind], verb, "")
        for kind, *cells in kinds
        for word in filter(None, cells[columns.index(role)].split(", "))
        for verb in VERBS[word]
    }
    for verb, kind, what, granted in table("verb")[1:]:
        if role in granted.split(", "):
            only = re.search(r"of source `(\w+)$", what)
            may.add(("ispalier.dev", PLURALS[kind], verb, only[1] if only else ""))
    return may | {(*each, verb, "") for each in OTHERS for verb in SEE if role == "auditor"}


def rights(person: Person) -> set[Right]:
    """What the API server says that somebody may do, everything spelt out."""
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": HOME},
    }
    path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
    status = person.ask("POST", path, review, dry=False).body["status"]
    assert not status["incomplete"]
    return {
        (group, resource, verb, name)
        for rule in status["resourceRules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
        for name in rule.get("resourceNames", [""])
    }


@pytest.mark.parametrize("role", NAMES)
def test_a_role_may_do_exactly_what_its_page_says(role: str, admin: Person) -> None:
    everybody = rights(Person(admin.http, "nobody"))

    assert told(role) == rights(Person(admin.http, role)) - everybody


@pytest.mark.parametrize("role", NAMES)
def test_no_role_has_a_star_a_secret_or_a_status(role: str, admin: Person) -> None:
    found = {part for right in rights(Person(admin.http, role)) for part in right[:3]}

    assert set() == {each for each in found if each in {"*", "secrets"} or "/status" in each}


def test_every_role_stands_on_the_page(admin: Person) -> None:
    made = admin.ask("GET", f"/apis/{RBAC}/v1/clusterroles").body["items"]

    assert set(NAMES) == {row[0] for row in table("role")[1:]}
    assert {f"ispalier-{name}" for name in NAMES} == {
        each["metadata"]["name"]
        for each in made
        if each["metadata"].get("labels", {}).get("app.kubernetes.io/instance") == RELEASE
    }


def test_every_kind_stands_on_the_page() -> None:
    assert list(PLURALS) == [row[0] for row in table("kind")[1:]]


@pytest.mark.parametrize(
    ("role", "words"), [("view", "see"), ("edit", "see, make, change"), ("admin", "delete")]
)
def test_what_customers_may_adds_up_in_the_roles_of_kubernetes(
    role: str, words: str, admin: Person
) -> None:
    person = Person(admin.http, f"built-in-{role}")
    wanted = {verb for word in words.split(", ") for verb in VERBS[word]}

    eventually(lambda: person.ask("GET", at("Mailbox", HOME)), 200)
    may = rights(person)
    assert wanted <= {verb for _, resource, verb, _ in may if resource == "mailboxes"}
    assert {*SEE} == {verb for _, resource, verb, _ in may if resource == "subscriptions"}
    assert set() == {right for right in may if right[1] == "plans"}


def test_customers_add_to_no_role_of_kubernetes_where_that_is_not_wanted() -> None:
    roles = [each for each in yaml.safe_load_all(rendered("roles.aggregate=false")) if each]

    labels = {label for each in roles for label in each["metadata"]["labels"]}
    assert not any("aggregate-to" in each for each in labels)


def test_two_releases_share_no_name() -> None:
    def names(release: str) -> set[str]:
        made = [each for each in yaml.safe_load_all(rendered(release=release)) if each]
        return {each["metadata"]["name"] for each in made}

    assert {"ispalier-sales", "ispalier-approval"} <= names("ispalier")
    assert {"norte-ispalier-sales", "norte-ispalier-approval"} <= names("norte")
    assert set() == names("ispalier") & names("norte")


def test_no_role_is_made_where_none_is_wanted() -> None:
    made = [each["kind"] for each in yaml.safe_load_all(rendered("roles.enabled=false")) if each]

    assert {"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"} == set(made)


def test_support_does_not_see_domains_where_it_is_not_bound(admin: Person) -> None:
    hotline = Person(admin.http, "hotline")

    assert hotline.ask("GET", at("Domain", HOME)).status == 200
    assert hotline.ask("GET", at("Domain", SECRET)).status == 403
    assert hotline.ask("GET", f"{API}/domains").status == 403
    assert hotline.ask("GET", f"{API}/plans").status == 200


def test_the_auditor_reads_everything_but_secrets(admin: Person) -> None:
    auditor = Person(admin.http, "auditor")

    listed = {auditor.ask("GET", f"{API}/{kind.plural}").status for kind in KINDS}
    assert {200} == listed
    assert auditor.ask("GET", f"/api/v1/namespaces/{HOME}/secrets").status == 403


def test_nobody_but_the_controller_writes_a_status(admin: Person) -> None:
    body = {"status": {"observedGeneration": 1}}
    path = f"{at('Mailbox', HOME, 'maria')}/status"

    asked = {name: Person(admin.http, name).ask("PATCH", path, body).status for name in NAMES}
    assert dict.fromkeys(NAMES, 403) == asked
