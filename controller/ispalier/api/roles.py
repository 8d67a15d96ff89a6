"""Roles for people: who may do what with which kinds by kubectl.

The chart makes them ClusterRoles, `charts/ispalier/ROLES.md` tells them. Verbs are spelt out, none
reads Secrets, and none writes a status: that is the controller's.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml

from ispalier.api.base import GROUP, Resource
from ispalier.api.kinds import ACTS, KINDS

RbacRule: TypeAlias = dict[str, Any]

VERBS: Mapping[str, tuple[str, ...]] = {
    "see": ("get", "list", "watch"),
    "make": ("create",),
    "change": ("update", "patch"),
    "delete": ("delete",),
}
"""What the page calls it, and the verbs that Kubernetes knows."""

_FAMILIES: Mapping[str, tuple[str, ...]] = {
    "catalogue": ("BusinessUnit", "Plan", "CommissionSchedule"),
    "partners": ("Partner",),
    "equipment": ("AccessProfile", "ServiceHost", "NAS", "AccessPoint", "IPPool"),
    "customers": ("Tenant",),
    "payment": ("PaymentMethod",),
    "contracts": ("Subscription",),
    "transfers": ("Transfer",),
    "services": (
        *("Login", "IPClaim", "Domain", "RecordSet", "MailDomain", "Mailbox", "MailAlias"),
        *("Site", "FTPUser", "Database", "Server"),
    ),
    "acts": ("Operation",),
}


@dataclass(frozen=True, slots=True)
class Act:
    """A verb that Kubernetes does not know, and a policy of the chart asks for."""

    verb: str
    kind: str
    what: str
    only: str = ""
    """The one name for which it is granted: of an Operation that releases, the source of the hold."""


APPROVE = Act("approve", "Subscription", "set `deployment` to Approved, or order with it")
REPRICE = Act(
    "reprice",
    "Subscription",
    "agree on money: `terms[].price` and `trialDays`, `discounts`, `setupFee`,"
    " `contract.terminationFee`, `billing.hold` and `billedThrough`, `suspensions` that only"
    " throttle or keep from sending and yet are not charged; and of a Tenant `businessUnitRef`",
)
IDENTIFY = Act("identify", "Tenant", "change who a customer is: `profile`, `profileSecretRef`")
OVERRIDE = Act(
    "override",
    "Login",
    "serve otherwise than the plan has it: `profileRef`, `reply`, `check` of a Login, and"
    " `managementPolicy` of any service",
)
RELEASE_BRAKE = Act("approve", "Operation", "let go what a brake holds back")
RELEASE = Act("release", "Operation", "end holds, whatever their source")
RELEASE_DUNNING = Act("release", "Operation", "end holds of source `dunning`", only="dunning")
PURGE = Act("purge", "Operation", "delete for ever what is switched off")
RESTORE = Act("restore", "Operation", "serve what is gone for some hours")
GUARDED = (
    *(APPROVE, REPRICE, IDENTIFY, OVERRIDE),
    *(RELEASE_BRAKE, RELEASE, RELEASE_DUNNING, PURGE, RESTORE),
)


@dataclass(frozen=True, slots=True)
class Role:
    """One ClusterRole: what it may do with each family of kinds, and which acts."""

    name: str
    who: str
    may: Mapping[str, str]
    acts: tuple[Act, ...] = ()
    aggregates_to: tuple[str, ...] = ()
    beside: tuple[RbacRule, ...] = ()
    """Rights on what is not ours."""

    def of(self, kind: str) -> str:
        """What it may do with a kind, in the words of the page: `see, change`."""
        return next(self.may.get(family, "") for family in _FAMILIES if kind in _FAMILIES[family])

    def rules(self) -> list[RbacRule]:
        """Its rules, with every verb spelt out."""
        alike: dict[str, list[str]] = {}
        for kind in _every():
            if words := self.of(kind.__name__):
                alike.setdefault(words, []).append(kind.plural)
        rules = [_rule(sorted(plurals), verbs(words)) for words, plurals in alike.items()]
        return [*rules, *(_granted(act) for act in self.acts), *self.beside]


_PROVIDER = {"catalogue": "see", "partners": "see", "equipment": "see"}
_TENANTS = dict.fromkeys(("customers", "payment", "contracts", "transfers", "services"), "see")
_ALL = {**_PROVIDER, **_TENANTS, "acts": "see"}
_SEE = VERBS["see"]


def _rule(resources: Sequence[str], verbs_: Sequence[str], group: str = GROUP) -> RbacRule:
    return {"apiGroups": [group], "resources": [*resources], "verbs": [*verbs_]}


_CLUSTER = (
    _rule(["events", "namespaces", "serviceaccounts"], _SEE, ""),
    _rule(["events"], _SEE, "events.k8s.io"),
    _rule(
        ["clusterrolebindings", "clusterroles", "rolebindings", "roles"],
        _SEE,
        "rbac.authorization.k8s.io",
    ),
    _rule(
        ["validatingadmissionpolicies", "validatingadmissionpolicybindings"],
        _SEE,
        "admissionregistration.k8s.io",
    ),
    _rule(["customresourcedefinitions"], _SEE, "apiextensions.k8s.io"),
)

ROLES: tuple[Role, ...] = (
    Role(
        "tenant-viewer",
        "A customer's own people who look, bound in their namespace.",
        _TENANTS,
        aggregates_to=("view", "edit", "admin"),
    ),
    Role(
        "tenant-editor",
        "A customer's own people who run what their contracts hold.",
        {**_TENANTS, "services": "see, make, change, delete"},
        aggregates_to=("edit", "admin"),
    ),
    Role(
        "provider-viewer",
        "Who is bound in some namespaces only and needs the provider's own kinds, too.",
        _PROVIDER,
    ),
    Role(
        "sales",
        "Who sells: customers, orders and what belongs to them.",
        {
            **_ALL,
            "partners": "see, make, change",
            "customers": "see, make, change",
            "payment": "see, make, change",
            "contracts": "see, make, change",
            "transfers": "see, make, change",
            "services": "see, make, change",
        },
    ),
    Role(
        "support",
        "Who answers customers: looks at everything, and changes customers alone.",
        {**_ALL, "customers": "see, change"},
        acts=(IDENTIFY,),
    ),
    Role(
        "tech",
        "Who builds and deploys: equipment, services, the word that lets an order be served.",
        {
            **_ALL,
            "equipment": "see, make, change, delete",
            "contracts": "see, change",
            "services": "see, make, change, delete",
            "acts": "see, make, delete",
        },
        acts=(APPROVE, OVERRIDE, RELEASE_BRAKE, RELEASE, PURGE, RESTORE),
    ),
    Role(
        "billing",
        "Who answers for the money: prices, terms of payment, what was agreed otherwise.",
        {
            **_ALL,
            "catalogue": "see, make, change",
            "customers": "see, change",
            "payment": "see, make, change, delete",
            "contracts": "see, change",
            "acts": "see, make",
        },
        acts=(REPRICE, RELEASE_DUNNING),
    ),
    Role(
        "auditor",
        "Who checks: sees everything, also who may do what, but no Secret.",
        _ALL,
        beside=_CLUSTER,
    ),
)


def verbs(words: str) -> list[str]:
    """The verbs of Kubernetes for the words of the page: `see, change`."""
    return [verb for word in words.split(", ") for verb in VERBS[word]]


def template() -> str:
    """All roles as a template of the chart, called and labelled as the release has it."""
    roles = "".join(_templated(role) for role in ROLES)
    head = "{{- /* Generated by `make generate` from ispalier/api/roles.py. */ -}}\n"
    return f"{head}{{{{- if .Values.roles.enabled }}}}\n{roles}{{{{- end }}}}\n"


def _templated(role: Role) -> str:
    aggregation = "".join(
        f'    rbac.authorization.k8s.io/aggregate-to-{each}: "true"\n'
        for each in role.aggregates_to
    )
    if aggregation:
        aggregation = (
            f"    {{{{- if .Values.roles.aggregate }}}}\n{aggregation}    {{{{- end }}}}\n"
        )
    return (
        f"---\n# {role.who}\n"
        "apiVersion: rbac.authorization.k8s.io/v1\n"
        "kind: ClusterRole\n"
        "metadata:\n"
        f'  name: {{{{ include "ispalier.name" . }}}}-{role.name}\n'
        "  labels:\n"
        '    {{- include "ispalier.labels" . | nindent 4 }}\n'
        f"{aggregation}{yaml.safe_dump({'rules': role.rules()}, sort_keys=False)}"
    )


def _every() -> Iterator[type[Resource]]:
    yield from (*KINDS, *ACTS)


def _granted(act: Act) -> RbacRule:
    plural = next(kind.plural for kind in _every() if kind.__name__ == act.kind)
    names = {"resourceNames": [act.only]} if act.only else {}
    return {**_rule([plural], [act.verb]), **names}
