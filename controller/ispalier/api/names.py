"""The domain name system: Domain, RecordSet."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ispalier.api.base import (
    LIST_ATOMIC,
    LIST_SET,
    Column,
    CustomerNumber,
    DomainName,
    IPAddressText,
    LocalDate,
    ManagementPolicy,
    Model,
    Notes,
    NotYet,
    Ref,
    Resource,
    RetentionDays,
    Rule,
    Status,
    Text,
    answer_column,
    immutable,
    list_map,
)
from ispalier.api.conditions import Told

_ZONES = NotYet("nothing is redirected yet")

RecordType = Literal["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SRV", "TXT"]


class Delegation(Model):
    """A name of a domain that another customer may have."""

    name: Annotated[
        str,
        Field(
            min_length=1,
            max_length=253,
            pattern=r"^(@|[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*)$",
        ),
    ] = Field(
        description="Relative to the domain, with all that is below it: `office`; `@` is the mail of"
        " the domain itself alone."
    )
    customer_number: CustomerNumber = Field(
        description="Who may have its zone and mail here: `10043`."
    )


class DomainSpec(Model):
    """A domain of the customer's, served from here or by others."""

    subscription_ref: Ref = Field(description="The contract that it belongs to.")
    name: DomainName = Field(
        description="The domain, lower case, without final dot: `silva.example`.",
        json_schema_extra=immutable(),
    )
    dns: Annotated[
        Literal["Hosted", "External", "Secondary"],
        NotYet("secondary zones are not made yet", ("Secondary",)),
    ] = Field(
        default="Hosted",
        description="Hosted is served from here, External elsewhere, Secondary from here as a copy.",
    )
    primaries: Annotated[tuple[IPAddressText, ...], NotYet("secondary zones are not made yet")] = (
        Field(
            default=(),
            max_length=8,
            description="Primary name servers of a Secondary zone: `[192.0.2.53]`.",
            json_schema_extra=LIST_SET,
        )
    )
    service_host_ref: Ref | None = Field(
        default=None,
        description="The DNS that serves it; without it the only one, or that with `default: true`.",
    )
    name_servers: tuple[DomainName, ...] = Field(
        default=(),
        max_length=16,
        description="NS records of the apex instead of the host's: `[ns1.silva.example]`.",
        json_schema_extra=LIST_ATOMIC,
    )
    delegations: tuple[Delegation, ...] = Field(
        default=(),
        max_length=64,
        description="Names of it that other customers may have; nobody else may.",
        json_schema_extra=list_map("name"),
    )
    contact: DomainName | None = Field(
        default=None,
        description="RNAME of its SOA instead of the host's: `hostmaster.silva.example`.",
    )
    redirect_to: Annotated[IPAddressText | None, _ZONES] = Field(
        default=None, description="IP address that all its web traffic is led to: `192.0.2.80`."
    )
    registered_on: LocalDate | None = Field(
        default=None, description="Day on which it was registered: `2019-03-01`."
    )
    confidential: bool = Field(
        default=False, description="Whether logs and previews leave its name out."
    )
    enabled: bool = Field(default=True, description="With `false` it is not served, and stays.")
    notes: Notes | None = Field(default=None, description="For colleagues.")
    management_policy: ManagementPolicy = "Manage"
    retention_days: RetentionDays = None
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "(self.dns == 'Secondary') == (has(self.primaries) && self.primaries.size() > 0)",
            "a Secondary zone needs primaries, and no other has any: correct one of the two",
        ),
    )


class Verification(Model):
    """A TXT record that proves that a domain is the customer's; it may go afterwards."""

    name: DomainName = Field(description="Its name: `_ispalier.silva.example`.")
    value: Text = Field(description="Its text: `ispalier-domain=9c1f…`.")


class DomainStatus(Status):
    """How it is proven to be the customer's."""

    verification: Verification | None = Field(
        default=None, description="What proves it, where the business unit wants that."
    )


class Domain(Resource):
    """A domain and its zone."""

    plural = "domains"
    short_names = ("dom",)
    columns = (
        Column("Domain", ".spec.name"),
        answer_column("Served", "Served"),
        answer_column("Confirmed", "DNSConfirmed"),
        answer_column("Verified", "Verified"),
    )
    selectable = (".spec.name", ".spec.subscriptionRef.name")
    told = (
        Told("Served", "Whether our name servers serve the zone as declared."),
        Told(
            "DNSConfirmed", "Whether the world asks those name servers, as probe.resolvers see it."
        ),
        Told("Verified", "Whether it is proven to be the customer's, where that is wanted."),
    )
    spec: DomainSpec
    status: DomainStatus = DomainStatus()


class RecordSetSpec(Model):
    """One name, one type, one TTL, its records (RFC 9499: rrset)."""

    domain_ref: Ref = Field(description="The Domain whose zone holds it.")
    management_policy: ManagementPolicy = "Manage"
    name: Annotated[
        str,
        Field(
            min_length=1,
            max_length=253,
            pattern=r"^(@|(\*|[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*)$",
        ),
    ] = Field(
        default="@", description="Name in front of the domain: `www`; `@` is the domain itself."
    )
    type: RecordType = Field(description="Type of the records.")
    ttl: int = Field(
        default=3600, ge=0, le=604800, description="Seconds for which others may keep them (TTL)."
    )
    values: tuple[Annotated[str, Field(min_length=1, max_length=4096)], ...] = Field(
        min_length=1,
        max_length=128,
        description="Records in zone-file notation. A host with a dot in it is absolute, with or"
        " without a final dot; one without any dot is relative to the domain (`mail`), `@` is the"
        " domain itself. TXT is quoted and split for you, or taken as it is when quoted already.",
        json_schema_extra=LIST_SET,
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "self.type != 'CNAME' || self.name != '@'",
            "a CNAME cannot stand at the apex: use A and AAAA there",
        ),
        Rule(
            "self.type != 'CNAME' || self.values.size() == 1",
            "a CNAME has exactly one value: remove the others",
        ),
        Rule(
            "self.type != 'NS' || self.name != '@'",
            "the name servers of the apex come from the ServiceHost: remove this one",
        ),
    )


class RecordSet(Resource):
    """Records of one name and one type: an rrset."""

    plural = "recordsets"
    short_names = ("rr",)
    kept_with = "Domain"
    columns = (
        Column("Domain", ".spec.domainRef.name"),
        Column("Name", ".spec.name"),
        Column("Type", ".spec.type"),
        Column("Values", ".spec.values"),
    )
    spec: RecordSetSpec
