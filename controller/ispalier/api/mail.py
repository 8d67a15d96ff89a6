"""Mail: MailDomain, Mailbox, MailAlias."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ispalier.api.base import (
    LIST_SET,
    PROBED,
    Column,
    DomainName,
    LocalDate,
    MailAddress,
    ManagementPolicy,
    Model,
    Notes,
    NotYet,
    OwnAddress,
    Password,
    Ref,
    Resource,
    RetentionDays,
    Rule,
    Status,
    Text,
    immutable,
)
from ispalier.api.conditions import ANSWERS, RESTRICTED
from ispalier.api.endpoints import URL

_SIEVE = NotYet("no Sieve script is written yet")
_FILTER = NotYet("no filter is set yet")
_SENDING = NotYet("nothing is published or limited yet")


Antispam = Literal["Off", "Filter", "Challenge"]


class SendLimits(Model):
    """What a mailbox may send."""

    per_hour: Annotated[int, Field(ge=1, le=100000)] | None = Field(
        default=None, description="Mails an hour: `200`."
    )
    per_day: Annotated[int, Field(ge=1, le=1000000)] | None = Field(
        default=None, description="Mails a day: `1000`."
    )
    recipients: Annotated[int, Field(ge=1, le=10000)] | None = Field(
        default=None, description="Recipients of one mail: `100`."
    )


class MailDomainSpec(Model):
    """A domain that receives mail here."""

    subscription_ref: Ref = Field(description="The contract that it belongs to.")
    name: DomainName = Field(
        description="The mail domain, lower case: `silva.example`.", json_schema_extra=immutable()
    )
    service_host_ref: Ref | None = Field(
        default=None,
        description="The mail system; without it the only one, or that with `default: true`.",
    )
    publish: Annotated[
        tuple[Literal["MX", "SPF", "DKIM", "DMARC", "MTASTS", "Autoconfig"], ...], _SENDING
    ] = Field(
        default=(),
        max_length=6,
        description="Records that are put into its zone, or told if that is elsewhere: `[MX, SPF]`.",
        json_schema_extra=LIST_SET,
    )
    limits: Annotated[SendLimits | None, _SENDING] = Field(
        default=None, description="What each of its mailboxes may send."
    )
    antispam: Annotated[Antispam | None, _FILTER] = Field(
        default=None, description="What its mailboxes do with spam where they say nothing else."
    )
    enabled: bool = Field(default=True, description="With `false` it receives nothing, and stays.")
    notes: Notes | None = Field(default=None, description="For colleagues.")
    management_policy: ManagementPolicy = "Manage"
    retention_days: RetentionDays = None


class PanelURLs(Model):
    """Where its people work."""

    webmail: URL | None = Field(default=None, description="Where mail is read: a URL.")
    admin: URL | None = Field(default=None, description="Where its own staff works: a URL.")


class MailDomainStatus(Status):
    """What it is reached by."""

    urls: PanelURLs | None = Field(
        default=None, description="As `ServiceHost.spec.mail.urls` of its host has them."
    )


class MailDomain(Resource):
    """A mail domain."""

    plural = "maildomains"
    short_names = ("md",)
    columns = (
        Column("Domain", ".spec.name"),
        Column("Webmail", ".status.urls.webmail", priority=1),
    )
    selectable = (".spec.name", ".spec.subscriptionRef.name")
    spec: MailDomainSpec
    status: MailDomainStatus = MailDomainStatus()


class Forward(Model):
    """Copies of all mail go on to others."""

    to: tuple[MailAddress, ...] = Field(
        min_length=1,
        max_length=64,
        description="Where they go: `[joao@example.org]`.",
        json_schema_extra=LIST_SET,
    )
    keep_copy: bool = Field(default=True, description="Whether the mailbox keeps one, too.")


class AutoReply(Model):
    """An answer to whoever writes; written once, then its owner's own."""

    subject: Text | None = Field(default=None, description="Subject; default that of the mail.")
    body: Annotated[str, Field(min_length=1, max_length=4000)] = Field(
        description="Text: `Estou viajando e retorno dia 10 de junho. Obrigado`."
    )
    since: LocalDate | None = Field(default=None, description="First day of it: `2026-06-01`.")
    until: LocalDate | None = Field(default=None, description="First day without it: `2027-06-01`.")
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!has(self.since) || !has(self.until) || self.until >= self.since",
            "until must not be before since: correct one of the two",
        ),
    )


class MailboxSpec(Model):
    """A mailbox one logs in to."""

    subscription_ref: Ref = Field(description="The contract that it belongs to.")
    address: OwnAddress = Field(
        description="Its address, lower case, in a MailDomain of the same tenant: `joao@silva.example`.",
        json_schema_extra=immutable(),
    )
    password: Password = Field(description="Where its password comes from.")
    quota: int = Field(
        default=1024, ge=1, le=1048576, description="Room for mail, MiB: `2048`.", alias="quotaMiB"
    )
    primary: bool = Field(
        default=False, description="Whether it is the main mailbox of its contract; it never moves."
    )
    login_ref: Annotated[Ref | None, NotYet("it does not go with its login yet")] = Field(
        default=None, description="The Login that it goes with, password and end alike."
    )
    forward: Annotated[Forward | None, _SIEVE] = Field(
        default=None, description="Where copies of all mail go."
    )
    auto_reply: Annotated[AutoReply | None, _SIEVE] = Field(
        default=None, description="What whoever writes is answered."
    )
    antispam: Annotated[Antispam | None, _FILTER] = Field(
        default=None,
        description="Off lets all in, Filter puts spam aside, Challenge asks unknown senders who"
        " pass SPF or DKIM; default the mail domain's.",
    )
    antivirus: Annotated[bool, _FILTER] = Field(
        default=True, description="Whether viruses are kept out."
    )
    limits: Annotated[SendLimits | None, _SENDING] = Field(
        default=None, description="What it may send; default the mail domain's."
    )
    enabled: bool = Field(default=True, description="With `false` nobody logs in; mail arrives.")
    notes: Notes | None = Field(default=None, description="For colleagues.")
    management_policy: ManagementPolicy = "Manage"
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
    selectable = (".spec.address", ".spec.subscriptionRef.name")
    told = (ANSWERS, RESTRICTED)
    spec: MailboxSpec


class MailAliasSpec(Model):
    """An address that passes mail on."""

    subscription_ref: Ref = Field(description="The contract that it belongs to.")
    address: OwnAddress = Field(
        description="Its address, lower case, in a MailDomain of the same tenant: `joao@silva.example`.",
        json_schema_extra=immutable(),
    )
    targets: tuple[MailAddress, ...] = Field(
        min_length=1,
        max_length=64,
        description="Where mail goes; may name the address itself to keep a copy.",
        json_schema_extra=LIST_SET,
    )
    enabled: bool = Field(default=True, description="With `false` it passes nothing on, and stays.")
    management_policy: ManagementPolicy = "Manage"


class MailAlias(Resource):
    """An address that passes mail on."""

    plural = "mailaliases"
    short_names = ("alias",)
    columns = (Column("Address", ".spec.address"), Column("Targets", ".spec.targets"))
    selectable = (".spec.address", ".spec.subscriptionRef.name")
    spec: MailAliasSpec
