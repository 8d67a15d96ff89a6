"""Mail: MailDomain, Mailbox, MailAlias."""

from pydantic import Field

from ispalier.api.base import (
    LIST_SET,
    PROBED,
    Column,
    DomainName,
    MailAddress,
    Model,
    Password,
    Ref,
    Resource,
    RetentionDays,
    immutable,
)


class MailDomainSpec(Model):
    """A domain that receives mail here."""

    subscription_ref: Ref = Field(description="The contract that it belongs to.")
    name: DomainName = Field(
        description="The mail domain, lower case.", json_schema_extra=immutable()
    )
    service_host_ref: Ref | None = Field(
        default=None, description="The mail system; default the only or default one."
    )
    retention_days: RetentionDays = None


class MailDomain(Resource):
    """A mail domain."""

    plural = "maildomains"
    short_names = ("md",)
    columns = (Column("Domain", ".spec.name"),)
    selectable = (".spec.name",)
    spec: MailDomainSpec


class MailboxSpec(Model):
    """A mailbox one logs in to."""

    subscription_ref: Ref = Field(description="The contract that it belongs to.")
    address: MailAddress = Field(
        description="Its address, lower case, in a MailDomain of the same tenant.",
        json_schema_extra=immutable(),
    )
    password: Password = Field(description="Where its password comes from.")
    quota: int = Field(
        default=1024, ge=1, le=1048576, description="Room for mail, MiB.", alias="quotaMiB"
    )
    retention_days: RetentionDays = None


class Mailbox(Resource):
    """A mailbox."""

    plural = "mailboxes"
    short_names = ("mbx",)
    columns = (
        Column("Address", ".spec.address"),
        Column("Quota MiB", ".spec.quotaMiB", "integer"),
        PROBED,
    )
    selectable = (".spec.address",)
    spec: MailboxSpec


class MailAliasSpec(Model):
    """An address that passes mail on."""

    subscription_ref: Ref = Field(description="The contract that it belongs to.")
    address: MailAddress = Field(
        description="Its address, lower case, in a MailDomain of the same tenant.",
        json_schema_extra=immutable(),
    )
    targets: tuple[MailAddress, ...] = Field(
        min_length=1,
        max_length=64,
        description="Where mail goes; may name the address itself to keep a copy.",
        json_schema_extra=LIST_SET,
    )


class MailAlias(Resource):
    """An address that passes mail on."""

    plural = "mailaliases"
    short_names = ("alias",)
    columns = (Column("Address", ".spec.address"), Column("Targets", ".spec.targets"))
    selectable = (".spec.address",)
    spec: MailAliasSpec
