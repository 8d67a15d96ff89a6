"""The domain name system: Domain, RecordSet."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ispalier.api.base import (
    LIST_SET,
    PROBED,
    Column,
    DomainName,
    Model,
    Ref,
    Resource,
    RetentionDays,
    Rule,
    immutable,
)

RecordType = Literal["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SRV", "TXT"]


class DomainSpec(Model):
    """A domain whose zone we serve."""

    subscription_ref: Ref = Field(description="The contract that it belongs to.")
    name: DomainName = Field(
        description="The domain, lower case, without final dot: `silva.example`.",
        json_schema_extra=immutable(),
    )
    service_host_ref: Ref | None = Field(
        default=None, description="The DNS that serves it; default the only or default one."
    )
    retention_days: RetentionDays = None


class Domain(Resource):
    """A domain and its zone."""

    plural = "domains"
    short_names = ("dom",)
    columns = (Column("Domain", ".spec.name"), PROBED)
    selectable = (".spec.name",)
    spec: DomainSpec


class RecordSetSpec(Model):
    """One name, one type, one TTL, its records (RFC 9499: rrset)."""

    domain_ref: Ref = Field(description="The Domain whose zone holds it.")
    name: Annotated[
        str,
        Field(
            min_length=1,
            max_length=253,
            pattern=r"^(@|(\*|[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*)$",
        ),
    ] = Field(default="@", description="Relative to the domain; `@` is the apex.")
    type: RecordType = Field(description="Record type.")
    ttl: int = Field(default=3600, ge=0, le=604800, description="Seconds.")
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
    """An rrset."""

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
