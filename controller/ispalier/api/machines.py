"""The systems that serve: ServiceHost."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ispalier.api.base import (
    LIST_ATOMIC,
    Column,
    DomainName,
    Endpoint,
    Model,
    Resource,
    Rule,
    SecretRef,
)


class SQLDatabase(Model):
    """A SQL database that a system reads its data from."""

    url_secret_ref: SecretRef = Field(
        description="SQLAlchemy URL in a Secret: `postgresql://user:password@host/radius`."
    )


class Probe(Model):
    """How the service itself is asked, beside the rows that it should serve from."""


class RadiusProbe(Probe):
    """Logins are tried as a NAS would; nothing is accounted, so no session counts."""

    address: Endpoint = Field(
        description="Where it takes Access-Requests: `radius1.example`, `192.0.2.5:1812`."
    )
    secret_ref: SecretRef = Field(
        description="Shared secret of the client that the controller is; a NAS declares one."
    )


class RadiusHost(Model):
    """FreeRADIUS with its SQL module and stock tables."""

    database: SQLDatabase = Field(description="The database of its SQL module.")
    suspended_message: Annotated[str, Field(min_length=1, max_length=253)] = Field(
        default="Your subscription is suspended.",
        description="Reply-Message of a refused, suspended login.",
    )
    probe: RadiusProbe | None = Field(default=None, description="Without it no login is tried.")


class StartOfAuthority(Model):
    """SOA values of zones made here (RFC 1035 3.3.13); seconds."""

    contact: DomainName = Field(description="RNAME: mailbox with a dot for the @.")
    refresh: int = Field(default=10800, ge=60, le=604800, description="Seconds.")
    retry: int = Field(default=3600, ge=60, le=604800, description="Seconds.")
    expire: int = Field(default=604800, ge=3600, le=2419200, description="Seconds.")
    minimum: int = Field(default=3600, ge=0, le=86400, description="Negative TTL, seconds.")


class DNSProbe(Probe):
    """Every zone is asked for its SOA and one rrset at each name server, over UDP."""

    name_servers: tuple[Endpoint, ...] = Field(
        min_length=1,
        max_length=16,
        description="Name servers to ask, secondaries too: `192.0.2.53`, `[2001:db8::53]:53`.",
        json_schema_extra=LIST_ATOMIC,
    )


class DNSHost(Model):
    """PowerDNS with its HTTP API."""

    url: Annotated[str, Field(max_length=253, pattern=r"^https?://[^\s/]+/?$")] = Field(
        description="Address of the API: `http://ns1.example:8081`."
    )
    api_key_secret_ref: SecretRef = Field(description="X-API-Key.")
    server: Annotated[str, Field(max_length=64, pattern=r"^[a-zA-Z0-9._-]+$")] = Field(
        default="localhost", description="Server id within the API."
    )
    name_servers: tuple[DomainName, ...] = Field(
        min_length=1,
        max_length=16,
        description="NS records of the apex; the first is the primary of the SOA.",
        json_schema_extra=LIST_ATOMIC,
    )
    soa: StartOfAuthority = Field(description="SOA of zones made here.")
    probe: DNSProbe | None = Field(default=None, description="Without it no zone is asked for.")


class MailProbe(Probe):
    """Mailboxes are opened read-only by IMAP through Dovecot's master user.

    Its passdb needs `result_success = continue`, or it opens suspended mailboxes, too.
    """

    imap: Annotated[
        str,
        Field(
            max_length=260,
            pattern=r"^imaps?://(\[[0-9a-fA-F:.]+\]|[a-zA-Z0-9._-]{1,253})(:[0-9]{1,5})?$",
        ),
    ] = Field(description="`imaps://mail.example`, or `imap://…` with STARTTLS.")
    master_user: Annotated[
        str, Field(min_length=1, max_length=128, pattern=r"^[a-zA-Z0-9@._+-]+$")
    ] = Field(description="A user of Dovecot's master passdb.")
    password_ref: SecretRef = Field(description="The master user's password.")


class MailHost(Model):
    """Postfix and Dovecot over one SQL database."""

    database: SQLDatabase = Field(description="The database of its tables.")
    probe: MailProbe | None = Field(default=None, description="Without it no mailbox is opened.")


class ServiceHostSpec(Model):
    """A system that serves customers, and how to reach it."""

    type: Literal["RADIUS", "DNS", "Mail"] = Field(description="What it is.")
    default: bool = Field(
        default=False, description="Used where a resource names no host and there are several."
    )
    radius: RadiusHost | None = Field(default=None, description="Set for type RADIUS.")
    dns: DNSHost | None = Field(default=None, description="Set for type DNS.")
    mail: MailHost | None = Field(default=None, description="Set for type Mail.")
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "(self.type == 'RADIUS') == has(self.radius)"
            " && (self.type == 'DNS') == has(self.dns)"
            " && (self.type == 'Mail') == has(self.mail)",
            "exactly the section of spec.type must be set (radius, dns or mail): keep that one",
        ),
    )


class ServiceHost(Resource):
    """A system that serves customers."""

    plural = "servicehosts"
    short_names = ("host",)
    namespaced = False
    columns = (Column("Type", ".spec.type"), Column("Default", ".spec.default", "boolean"))
    spec: ServiceHostSpec
