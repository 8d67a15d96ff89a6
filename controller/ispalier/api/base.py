"""What all kinds share: the envelope, references, secrets, conditions, field types."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Annotated, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict

GROUP = "ispalier.dev"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"


class Rule(NamedTuple):
    """A cross-field rule in CEL: enforced by the API server and, as the same text, offline."""

    cel: str
    message: str


class Model(BaseModel):
    """A frozen piece of a resource; spelt in camelCase outside, in snake_case inside."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, populate_by_name=True
    )
    rules: ClassVar[tuple[Rule, ...]] = ()


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
Currency = Annotated[str, Field(max_length=3, pattern=r"^[A-Z]{3}$")]
BitRate = Annotated[str, Field(max_length=7, pattern=r"^[1-9][0-9]{0,5}[kMG]$")]
DomainName = Annotated[
    str,
    Field(
        min_length=3,
        max_length=253,
        pattern=r"^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
    ),
]
MailAddress = Annotated[
    str,
    Field(
        min_length=3,
        max_length=254,
        pattern=r"^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
        r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
    ),
]
Endpoint = Annotated[
    str,
    Field(max_length=260, pattern=r"^(\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9._-]{1,253})(:[0-9]{1,5})?$"),
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
SecretKey = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[-._a-zA-Z0-9]+$")]


class Ref(Model):
    """Names another resource: of the same namespace, or of the cluster."""

    name: Name = Field(description="Name of the resource that is meant.")


class SecretRef(Model):
    """One key of a Secret; provider kinds read Secrets of the controller's own namespace only."""

    name: Annotated[str, Field(min_length=1, max_length=253)] = Field(
        description="Name of the Secret."
    )
    key: SecretKey = Field(description="Key within the Secret.")


class Generate(Model):
    """A password that the controller makes once and writes to a Secret."""

    secret_name: Annotated[str, Field(min_length=1, max_length=253)] = Field(
        description="Secret to write the password to; without a cluster a file of that name."
    )
    key: SecretKey = Field(default="password", description="Key within that Secret.")
    length: int = Field(default=20, ge=12, le=64, description="Characters.")


class Password(Model):
    """Where a password comes from: exactly one of its fields."""

    secret_ref: SecretRef | None = Field(default=None, description="Clear text in a Secret.")
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


class Condition(Model):
    """metav1.Condition: one question about a resource and its answer."""

    model_config = ConfigDict(extra="ignore")

    type: Annotated[str, Field(max_length=64)]
    status: Annotated[str, Field(max_length=7, pattern="^(True|False|Unknown)$")]
    observed_generation: int = Field(default=0, ge=0)
    last_transition_time: Annotated[str, Field(max_length=32)] = ""
    reason: Annotated[str, Field(max_length=64, pattern=r"^[A-Z][A-Za-z]*$")]
    message: Annotated[str, Field(max_length=1024)] = ""


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


PROBED = Column("Probed", '.status.conditions[?(@.type=="Probed")].reason', priority=1)
"""Whether the service itself answers as declared."""


class Resource(Model):
    """A custom resource: the envelope around a spec and a status."""

    plural: ClassVar[str]
    short_names: ClassVar[tuple[str, ...]] = ()
    namespaced: ClassVar[bool] = True
    columns: ClassVar[tuple[Column, ...]] = ()
    selectable: ClassVar[tuple[str, ...]] = ()
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
