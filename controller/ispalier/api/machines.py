"""Machines: ServiceHost, which serves customers, and Server, which one rents."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ispalier.api.base import (
    LIST_ATOMIC,
    LIST_SET,
    Column,
    DomainName,
    Freeze,
    ImageName,
    ManagementPolicy,
    Model,
    Notes,
    NotYet,
    Ref,
    Resource,
    RetentionDays,
    Rule,
    SecretRef,
    list_map,
)
from ispalier.api.endpoints import HOST, URL, Endpoint

_HOSTING = NotYet("no site or database is made yet")


class SQLDatabase(Model):
    """A SQL database that a system reads its data from."""

    url_secret_ref: SecretRef = Field(
        description="Secret with its address: `postgresql://user:password@server/database`."
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
    probe: RadiusProbe | None = Field(
        default=None, description="How it is asked whether it serves; without it no login is tried."
    )


class StartOfAuthority(Model):
    """SOA values of zones made here (RFC 1035 3.3.13); seconds."""

    contact: DomainName = Field(
        description="RNAME, a mailbox with a dot for the @: `hostmaster.provider.example`."
    )
    refresh: int = Field(
        default=10800,
        ge=60,
        le=604800,
        description="Seconds after which a secondary asks for news.",
    )
    retry: int = Field(
        default=3600, ge=60, le=604800, description="Seconds until it asks again if that failed."
    )
    expire: int = Field(
        default=604800,
        ge=3600,
        le=2419200,
        description="Seconds after which it serves no more without an answer.",
    )
    minimum: int = Field(
        default=3600,
        ge=0,
        le=86400,
        description="Seconds that others remember that a name is not there (negative TTL).",
    )


class DNSProbe(Probe):
    """Every zone is asked for its SOA and one rrset at each name server, over UDP."""

    name_servers: tuple[Endpoint, ...] = Field(
        min_length=1,
        max_length=16,
        description="Name servers to ask, secondaries too: `192.0.2.53`, `[2001:db8::53]:53`.",
        json_schema_extra=LIST_ATOMIC,
    )
    resolvers: tuple[Endpoint, ...] = Field(
        default=(),
        max_length=4,
        description="Resolvers that tell which name servers the world asks for a domain:"
        " `[192.0.2.1]`; without any that is not looked at.",
        json_schema_extra=LIST_ATOMIC,
    )


class DNSHost(Model):
    """PowerDNS with its HTTP API."""

    url: Annotated[str, Field(max_length=253, pattern=rf"^https?://([^\s/@]+@)?{HOST}/?$")] = Field(
        description="Address of the API: `http://ns1.example:8081`."
    )
    api_key_secret_ref: SecretRef = Field(
        description="Secret with the API key of PowerDNS (its setting api-key)."
    )
    server: Annotated[str, Field(max_length=64, pattern=r"^[a-zA-Z0-9._-]+$")] = Field(
        default="localhost", description="Server id within the API: `localhost`."
    )
    name_servers: tuple[DomainName, ...] = Field(
        min_length=1,
        max_length=16,
        description="NS records of the apex; the first is the primary of the SOA.",
        json_schema_extra=LIST_ATOMIC,
    )
    soa: StartOfAuthority = Field(description="SOA of zones made here.")
    probe: DNSProbe | None = Field(
        default=None,
        description="How it is asked whether it serves; without it no zone is asked for.",
    )


class MailProbe(Probe):
    """Mailboxes are opened read-only by IMAP through Dovecot's master user.

    Its passdb needs `result_success = continue`, or it opens suspended mailboxes, too.
    """

    imap: Annotated[str, Field(max_length=260, pattern=rf"^imaps?://{HOST}$")] = Field(
        description="Where it is: `imaps://mail.example`, or `imap://…` with STARTTLS."
    )
    master_user: Annotated[
        str, Field(min_length=1, max_length=128, pattern=r"^[a-zA-Z0-9@._+-]+$")
    ] = Field(description="A user of Dovecot's master passdb: `probe`.")
    password_ref: SecretRef = Field(description="The master user's password.")


class MailURLs(Model):
    """Where people work with their mail."""

    webmail: URL | None = Field(
        default=None, description="Where mail is read: `https://webmail.provider.example`."
    )
    admin: URL | None = Field(
        default=None,
        description="Where a customer's own staff works: `https://mail.example/admin`.",
    )


class MailHost(Model):
    """Postfix and Dovecot over one SQL database."""

    database: SQLDatabase = Field(description="The database of its tables.")
    urls: MailURLs | None = Field(default=None, description="Where people work with their mail.")
    probe: MailProbe | None = Field(
        default=None,
        description="How it is asked whether it serves; without it no mailbox is opened.",
    )


class WebHost(Model):
    """A web server with FTP."""

    hostname: DomainName = Field(description="Name of the machine: `web1.provider.example`.")
    root: Annotated[str, Field(max_length=253, pattern=r"^(/[A-Za-z0-9._-]+)+$")] = Field(
        default="/srv/www", description="Folder in which sites are: `/srv/www`."
    )


class SQLHost(Model):
    """A database server for customers."""

    engine: Literal["MariaDB", "PostgreSQL"] = Field(description="What it runs.")
    url_secret_ref: SecretRef = Field(
        description="Secret with its address, as its administrator:"
        " `postgresql://user:password@server/postgres`."
    )


class ServiceHostSpec(Model):
    """A system that serves customers, and how to reach it."""

    type: Literal["RADIUS", "DNS", "Mail", "Web", "Database"] = Field(description="What it is.")
    default: bool = Field(
        default=False, description="Used where a resource names no host and there are several."
    )
    radius: RadiusHost | None = Field(default=None, description="Set for type RADIUS.")
    dns: DNSHost | None = Field(default=None, description="Set for type DNS.")
    mail: MailHost | None = Field(default=None, description="Set for type Mail.")
    web: Annotated[WebHost | None, _HOSTING] = Field(default=None, description="Set for type Web.")
    sql: Annotated[SQLHost | None, _HOSTING] = Field(
        default=None, description="Set for type Database."
    )
    freeze: Annotated[Freeze | None, NotYet("changes are not held back by it yet")] = Field(
        default=None, description="A time in which nothing on it is changed."
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "(self.type == 'RADIUS') == has(self.radius)"
            " && (self.type == 'DNS') == has(self.dns)"
            " && (self.type == 'Mail') == has(self.mail)"
            " && (self.type == 'Web') == has(self.web)"
            " && (self.type == 'Database') == has(self.sql)",
            "exactly the section of spec.type must be set (radius, dns, mail, web or sql): keep that"
            " one",
        ),
    )


class ServiceHost(Resource):
    """A system that serves customers."""

    plural = "servicehosts"
    short_names = ("host",)
    namespaced = False
    columns = (Column("Type", ".spec.type"), Column("Default", ".spec.default", "boolean"))
    spec: ServiceHostSpec


class Image(Model):
    """What a server runs."""

    name: ImageName = Field(description="One of `Plan.spec.images`: `debian-13`.")
    install_generation: int = Field(
        default=1,
        ge=1,
        le=1000000,
        description="One more installs it anew, which deletes what is on its disks: `2`.",
    )
    ssh_keys: tuple[
        Annotated[
            str,
            Field(
                max_length=1024,
                pattern=r"^(ssh|ecdsa|sk)-[a-z0-9@.-]+ [A-Za-z0-9+/=]+",
                description="A public key as OpenSSH writes it: `ssh-ed25519 AAAA…`.",
            ),
        ],
        ...,
    ] = Field(
        default=(),
        max_length=32,
        description="Public keys that may log in first: `[ssh-ed25519 AAAA…]`.",
        json_schema_extra=LIST_SET,
    )


class Hardware(Model):
    """What the machine must have at least; without a `machine` one is chosen by it."""

    cores: Annotated[int, Field(ge=1, le=1024)] | None = Field(
        default=None, description="Processor cores: `16`."
    )
    memory_gib: Annotated[int, Field(ge=1, le=65536)] | None = Field(
        default=None, description="Memory, GiB: `64`.", alias="memoryGiB"
    )
    disk_gib: Annotated[int, Field(ge=1, le=1048576)] | None = Field(
        default=None, description="Disks together, GiB: `2000`.", alias="diskGiB"
    )


class ServerSpec(Model):
    """A machine that a customer rents."""

    subscription_ref: Ref = Field(description="The contract that it belongs to.")
    hostname: DomainName = Field(description="Its name: `srv1.silva.example`.")
    machine: Annotated[str, Field(max_length=63, pattern=r"^[A-Za-z0-9._-]+$")] | None = Field(
        default=None, description="This very machine: `rack3-u12`; default a free one that fits."
    )
    hardware: Hardware = Hardware()
    power: Literal["On", "Off"] = Field(default="On", description="Whether it runs.")
    network_blocked: bool = Field(
        default=False, description="Whether its network is cut, while it runs on."
    )
    image: Image | None = Field(default=None, description="What it runs.")
    primary_ip_claim_ref: Ref | None = Field(
        default=None, description="IPClaim of its main address.", alias="primaryIPClaimRef"
    )
    ip_claim_refs: tuple[Ref, ...] = Field(
        default=(),
        max_length=64,
        description="IPClaims of its other addresses.",
        json_schema_extra=list_map("name"),
        alias="ipClaimRefs",
    )
    notes: Notes | None = Field(default=None, description="For colleagues.")
    management_policy: ManagementPolicy = "Manage"
    retention_days: RetentionDays = None


class Server(Resource):
    """A machine that a customer rents."""

    plural = "servers"
    short_names = ("srv",)
    not_yet = NotYet("no machine is driven yet")
    columns = (
        Column("Hostname", ".spec.hostname"),
        Column("Power", ".spec.power"),
        Column("Image", ".spec.image.name"),
    )
    selectable = (".spec.hostname", ".spec.subscriptionRef.name")
    spec: ServerSpec
