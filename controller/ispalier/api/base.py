"""What all kinds share: the envelope, references, secrets, conditions, field types."""

import ipaddress
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache, cached_property
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict

from ispalier.api.conditions import EVERYWHERE, Told

GROUP = "ispalier.dev"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"


class Rule(NamedTuple):
    """A cross-field rule in CEL: enforced by the API server and, as the same text, offline."""

    cel: str
    message: str


class NotYet(NamedTuple):
    """Marks a field that is kept and checked, and on which nothing acts yet; says why.

    With `values` it is about these alone.
    """

    why: str
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        """A sentence."""
        which = f" ({', '.join(self.values)})" if self.values else ""
        return f"No effect yet{which}: {self.why}."


class Model(BaseModel):
    """A frozen piece of a resource; spelt in camelCase outside, in snake_case inside."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, populate_by_name=True
    )
    rules: ClassVar[tuple[Rule, ...]] = ()


def models_in(annotation: object) -> Iterator[type[Model]]:
    """The models that a field's type names: `X`, `X | None`, `tuple[X, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        yield annotation
    for each in getattr(annotation, "__args__", ()):
        yield from models_in(each)


@cache
def leading_to(model: type[BaseModel], wanted: type[Model]) -> tuple[tuple[str, str], ...]:
    """The fields, name and spelling, in which one of another model may be, directly or below."""
    return tuple(
        (name, field.alias or name)
        for name, field in model.model_fields.items()
        if any(
            issubclass(each, wanted) or leading_to(each, wanted)
            for each in models_in(field.annotation)
        )
    )


def list_map(*keys: str) -> JsonDict:
    """Schema marks of a list whose entries are merged by these keys (server-side apply)."""
    return {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": list(keys)}


def ruled(cel: str, message: str) -> JsonDict:
    """Schema marks of a field with a rule of its own."""
    return {"x-kubernetes-validations": [{"rule": cel, "message": message}]}


def immutable() -> JsonDict:
    """Schema marks of a field that never changes once it is written."""
    return ruled("self == oldSelf", "is immutable: make a new resource instead")


LIST_SET: JsonDict = {"x-kubernetes-list-type": "set"}
LIST_ATOMIC: JsonDict = {"x-kubernetes-list-type": "atomic"}

Name = Annotated[
    str, Field(min_length=1, max_length=63, pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")
]
Text = Annotated[str, Field(min_length=1, max_length=200)]
_DAY: JsonDict = {
    "format": "date",
    "maxLength": 10,
    "pattern": r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$",
}
LocalDate = Annotated[date, Field(json_schema_extra=_DAY)]
Amount = Annotated[str, Field(max_length=24, pattern=r"^[0-9]{1,12}(\.[0-9]{1,8})?$")]
Country = Annotated[str, Field(max_length=2, pattern=r"^[A-Z]{2}$")]
Language = Annotated[str, Field(max_length=6, pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]
CustomerNumber = Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9._-]+$")]
Percent = Annotated[str, Field(max_length=7, pattern=r"^(100|[0-9]{1,2})(\.[0-9]{1,4})?$")]
Phone = Annotated[str, Field(max_length=16, pattern=r"^\+[1-9][0-9]{5,14}$")]
Notes = Annotated[str, Field(min_length=1, max_length=2000)]
BitRate = Annotated[str, Field(max_length=7, pattern=r"^[1-9][0-9]{0,5}[kMG]$")]
DomainName = Annotated[
    str,
    Field(
        min_length=3,
        max_length=253,
        pattern=r"^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$",
    ),
]
MailAddress = Annotated[
    str,
    Field(
        min_length=3,
        max_length=254,
        pattern=r"^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
        r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$",
    ),
]
OwnAddress = Annotated[
    str,
    Field(
        min_length=3,
        max_length=254,
        pattern=r"^[a-z0-9#$&'+=?^_`{|}~-]+(\.[a-z0-9#$&'+=?^_`{|}~-]+)*"
        r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$",
    ),
]
"""An address that is served here: mail servers read % ! * / in one as orders, not as letters."""
ImageName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=63,
        pattern=r"^[a-z0-9][a-z0-9.-]*$",
        description="Operating system: `debian-13`.",
    ),
]
IS_IP = "isIP(self)"
IPAddressText = Annotated[
    str,
    Field(
        min_length=2,
        max_length=45,
        json_schema_extra=ruled(
            IS_IP, "is not an IP address: write it like 192.0.2.1 or 2001:db8::1"
        ),
    ),
]
Prefix = Annotated[
    str,
    Field(
        min_length=4,
        max_length=49,
        json_schema_extra=ruled(
            "isCIDR(self) && cidr(self).masked() == cidr(self)",
            "is not a network: write it like 100.64.0.0/22 or 2001:db8::/48, without host bits",
        ),
    ),
]
RetentionDays = Annotated[
    Annotated[int, Field(ge=0, le=3650)] | None,
    Field(
        description="Days that what it held is kept once it is gone from here and switched off, such"
        " as 90; default what the provider has set for its kind (30; 7 for IP addresses), and never"
        " less than the minimum that the provider has set."
    ),
]
"""A field of every kind that has data of its own, `retention_days`; it counts as last declared."""
INSTALLATION = "ispalier-installation"
"""The Secret that holds the installation's identity, which no resource reads or writes."""
NOT_OURS = f"self != '{INSTALLATION}'"
SecretName = Annotated[
    str,
    Field(
        min_length=1,
        max_length=253,
        pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$",
        json_schema_extra=ruled(
            NOT_OURS,
            "is the Secret of the installation's own id and key: name another",
        ),
    ),
]
"""What Kubernetes takes, and no path: a name becomes part of a URL and of a file's name."""
SecretKey = Annotated[
    str,
    Field(min_length=1, max_length=253, pattern=r"^\.?[-_a-zA-Z0-9][-._a-zA-Z0-9]*$"),
]


def as_address(value: str) -> str:
    """The same text; raises ValueError if it is no IP address."""
    ipaddress.ip_address(value)
    return value


class Ref(Model):
    """Names another resource: of the same namespace, or of the cluster."""

    name: Name = Field(
        description="Name of the one that is meant, as its `metadata` has it: `home`."
    )


class SecretRef(Model):
    """One key of a Secret, where what nobody may read is kept.

    Kinds of the provider read Secrets of the controller's own namespace only.
    """

    name: SecretName = Field(description="Name of the Secret: `mail-1`.")
    key: SecretKey = Field(description="Key within the Secret: `password`.")


class Generate(Model):
    """A password that the controller makes once and writes to a Secret."""

    secret_name: SecretName = Field(
        description="Secret to write the password to: `joao-mail`; a file of that name without a cluster."
    )
    key: SecretKey = Field(default="password", description="Key within that Secret: `password`.")
    length: int = Field(default=20, ge=12, le=64, description="How many characters.")


class Password(Model):
    """Where a password comes from: exactly one of its fields."""

    secret_ref: SecretRef | None = Field(default=None, description="As it is, from a Secret.")
    hash_ref: SecretRef | None = Field(
        default=None, description="A hash in a Secret, `{SCHEME}…` or crypt(3); stored as it is."
    )
    generate: Generate | None = Field(
        default=None, description="Made once by the controller, then never changed by it."
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "[has(self.secretRef), has(self.hashRef), has(self.generate)].filter(x, x).size() == 1",
            "exactly one of secretRef, hashRef and generate must be set: keep one of them",
        ),
    )


class PostalAddress(Model):
    """Where letters and technicians go."""

    street: Text = Field(description="Street, number, floor: `Rua Sergipe 640, ap. 12`.")
    postal_code: Annotated[str, Field(min_length=1, max_length=16)] | None = Field(
        default=None, description="Postal code: `86010-380`."
    )
    city: Text = Field(description="City: `Londrina`.")
    region: Text | None = Field(default=None, description="State or province: `PR`.")
    country: Country = Field(description="ISO 3166-1 code of the country: `BR`.")


ManagementPolicy = Annotated[
    Literal["Manage", "Observe"],
    Field(
        description="Manage makes systems equal to this; Observe writes nothing and leaves what is"
        " there alone, such as while one moves in."
    ),
]


class Freeze(Model):
    """A time in which nothing here is changed; what is declared waits until it is over."""

    reason: Text = Field(description="Why: `Fair of the city`.")
    until: LocalDate = Field(description="First day on which changes are made again: `2026-12-27`.")


class Condition(Model):
    """metav1.Condition: one question about a resource and its answer."""

    model_config = ConfigDict(extra="ignore")

    type: Annotated[str, Field(max_length=64)] = Field(description="The question: `Ready`.")
    status: Annotated[str, Field(max_length=7, pattern="^(True|False|Unknown)$")] = Field(
        description="The answer: `True`, `False` or `Unknown`."
    )
    observed_generation: int = Field(
        default=0, ge=0, description="Generation of the spec that it is about: `3`."
    )
    last_transition_time: Annotated[str, Field(max_length=32)] = Field(
        default="", description="Since when status is this: `2026-11-21T12:00:00Z`."
    )
    reason: Annotated[str, Field(max_length=64, pattern=r"^[A-Z][A-Za-z]*$")] = Field(
        description="Why, in a word that programs know: `Waiting`."
    )
    message: Annotated[str, Field(max_length=1024)] = Field(
        default="", description="What is wrong and what to do, for people."
    )


class Status(Model):
    """What the controller last saw: a projection, losing it loses nothing."""

    model_config = ConfigDict(extra="ignore")

    conditions: tuple[Condition, ...] = Field(
        default=(),
        max_length=16,
        description="Ready sums up; Reconciling and Stalled are there only when true.",
        json_schema_extra=list_map("type"),
    )
    observed_generation: int = Field(
        default=-1, ge=-1, description="Generation of the spec that this status tells of."
    )


class Meta(Model):
    """The part of metadata that the engine looks at."""

    model_config = ConfigDict(extra="ignore")

    name: str
    namespace: str = ""
    uid: str = ""
    generation: int = 0
    resource_version: str = ""
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    labels: Mapping[str, str] = Field(default_factory=dict)
    editor: str = ""
    """The field manager who last touched the spec, and when: read off `managedFields`."""
    edited: str = ""


class Column(NamedTuple):
    """A column of `kubectl get`."""

    name: str
    path: str
    type: str = "string"
    priority: int = 0


def answer_column(name: str, condition: str) -> Column:
    """A column of what a condition tells of the service."""
    return Column(name, f'.status.conditions[?(@.type=="{condition}")].reason', priority=1)


PROBED = answer_column("Probed", "Probed")
ROLLED_OUT = Column("Rolled out", '.status.conditions[?(@.type=="RolledOut")].status')
"""Whether the service itself answers as declared."""


class Resource(Model):
    """A custom resource: the envelope around a spec and a status."""

    plural: ClassVar[str]
    short_names: ClassVar[tuple[str, ...]] = ()
    namespaced: ClassVar[bool] = True
    columns: ClassVar[tuple[Column, ...]] = ()
    selectable: ClassVar[tuple[str, ...]] = ()
    common: ClassVar[tuple[Told, ...]] = EVERYWHERE
    told: ClassVar[tuple[Told, ...]] = ()
    """Conditions of its status beside those that kinds have in common."""
    not_yet: ClassVar[NotYet | None] = None
    """Why nothing acts on this kind yet, if nothing does."""
    kept_with: ClassVar[str] = ""
    """The kind that it refers to and is a part of: it is kept as long as that."""

    api_version: str = API_VERSION
    metadata: Meta
    status: Status = Status()

    @cached_property
    def memo(self) -> dict[str, object]:
        """What others worked out from the spec alone, kept as long as this resource."""
        return {}

    @property
    def kind(self) -> str:
        """The kind's name, as in YAML."""
        return type(self).__name__

    @property
    def name(self) -> str:
        """`metadata.name`."""
        return self.metadata.name

    @property
    def namespace(self) -> str:
        """`metadata.namespace`; empty for kinds of the cluster."""
        return self.metadata.namespace

    @property
    def is_going(self) -> bool:
        """Whether it is being deleted, which counts as gone."""
        return self.metadata.deletion_timestamp is not None
