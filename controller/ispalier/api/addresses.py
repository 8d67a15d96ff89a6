"""IP addresses: IPPool, IPClaim."""

import ipaddress
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from ispalier.api.base import (
    LIST_ATOMIC,
    LIST_SET,
    ROLLED_OUT,
    Column,
    DomainName,
    IPAddressText,
    Model,
    Notes,
    NotYet,
    Prefix,
    Ref,
    Resource,
    RetentionDays,
    Rule,
    Status,
    as_address,
    list_map,
)
from ispalier.api.conditions import ROLLED_OUT as ROLLED_OUT_TOLD

_REPLIES = NotYet("access servers are not told yet")
_MOVES = NotYet("prefixes are not routed or delegated yet")


class PoolPrefix(Model):
    """A prefix one allocates from."""

    prefix: Prefix = Field(description="Network in CIDR notation: `100.64.0.0/22`.")
    state: Literal["Active", "Draining", "Reserved"] = Field(
        default="Active",
        description="Active gives addresses out; Draining keeps those that are out and gives no"
        " more; Reserved gives none.",
    )
    gateway: Annotated[IPAddressText | None, _REPLIES] = Field(
        default=None, description="Router of this network: `100.64.0.1`; never given out."
    )
    reserved: tuple[IPAddressText, ...] = Field(
        default=(),
        max_length=256,
        description="IP addresses never given out: `[100.64.0.1]`.",
        json_schema_extra=LIST_SET,
    )

    @field_validator("prefix")
    @classmethod
    def _is_network(cls, value: str) -> str:
        ipaddress.ip_network(value)
        return value

    @field_validator("reserved")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(as_address(each) for each in value)


class PortBlocks(Model):
    """How many customers share a public address, each with ports of its own (RFC 6888)."""

    size: int = Field(ge=64, le=32768, description="Ports of one customer: `1024`.")
    first: int = Field(default=1024, ge=1, le=65535, description="First port given out.")


class IPPoolSpec(Model):
    """Prefixes from which IP addresses are allocated."""

    address_class: Literal["Public", "CGNAT", "Private"] = Field(
        default="Public",
        description="Public is reached from outside, CGNAT shares a public address, Private stays"
        " inside.",
    )
    allocator: Annotated[
        Literal["Journal", "NetBox", "NAS"],
        NotYet("only the journal allocates yet: nothing is given out", ("NetBox", "NAS")),
    ] = Field(
        default="Journal",
        description="Who chooses the next address: our own journal, NetBox, or the access server.",
    )
    prefixes: tuple[PoolPrefix, ...] = Field(
        min_length=1,
        max_length=256,
        description="Used in this order; all of one family.",
        json_schema_extra=list_map("prefix"),
    )
    resolvers: Annotated[tuple[IPAddressText, ...], _REPLIES] = Field(
        default=(),
        max_length=4,
        description="Name servers that lines are told: `[192.0.2.53]`.",
        json_schema_extra=LIST_ATOMIC,
    )
    port_blocks: Annotated[PortBlocks | None, _REPLIES] = Field(
        default=None, description="How a public address is shared; for class CGNAT."
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!has(self.portBlocks) || self.addressClass == 'CGNAT'",
            "only a pool of class CGNAT has portBlocks: remove them or correct addressClass",
        ),
        Rule(
            "!self.prefixes.all(p, isCIDR(p.prefix)) || self.prefixes.all("
            "p, cidr(p.prefix).ip().family() == cidr(self.prefixes[0].prefix).ip().family())",
            "a pool is of one family: put IPv4 and IPv6 prefixes into pools of their own",
        ),
    )

    @field_validator("prefixes")
    @classmethod
    def _one_family(cls, value: tuple[PoolPrefix, ...]) -> tuple[PoolPrefix, ...]:
        networks = [ipaddress.ip_network(each.prefix) for each in value]
        if len({each.version for each in networks}) > 1:
            msg = "a pool is of one family: put IPv4 and IPv6 prefixes into pools of their own"
            raise ValueError(msg)
        return value


class IPPool(Resource):
    """Prefixes from which lines get their IP addresses."""

    plural = "ippools"
    short_names = ("pool",)
    namespaced = False
    columns = (
        Column("Class", ".spec.addressClass"),
        Column("Prefixes", ".spec.prefixes[*].prefix"),
        ROLLED_OUT,
    )
    told = (ROLLED_OUT_TOLD,)
    spec: IPPoolSpec


class Pointer(Model):
    """The name of an IP address in the reverse zone."""

    address: IPAddressText | None = Field(
        default=None, description="Which one of a prefix: `192.0.2.8`; default the one allocated."
    )
    name: DomainName = Field(description="The host that it is: `mail.silva.example`.")


class AddressOptions(Model):
    """What one line is told otherwise than its pool says."""

    prefix_length: Annotated[int, Field(ge=1, le=128)] | None = Field(
        default=None, description="Netmask as a length: `24`."
    )
    gateway: IPAddressText | None = Field(default=None, description="Router: `192.0.2.1`.")
    resolvers: tuple[IPAddressText, ...] = Field(
        default=(),
        max_length=4,
        description="Name servers: `[192.0.2.53]`.",
        json_schema_extra=LIST_ATOMIC,
    )


class IPClaimSpec(Model):
    """A wish for an IP address."""

    login_ref: Ref = Field(description="The login that it is for.")
    pool_ref: Ref = Field(description="The pool that it comes from.")
    use: Annotated[
        Literal["WAN", "Routed", "Delegated"], NotYet(_MOVES.why, ("Routed", "Delegated"))
    ] = Field(
        default="WAN",
        description="WAN is the line's own address; Routed and Delegated are prefixes behind it.",
    )
    prefix_length: Annotated[Annotated[int, Field(ge=8, le=128)] | None, _MOVES] = Field(
        default=None, description="Size of a Routed or Delegated prefix: `56`."
    )
    address: IPAddressText | None = Field(
        default=None, description="This very one: `203.0.113.7`; without it the next free one."
    )
    pointers: Annotated[tuple[Pointer, ...], NotYet("no PTR record is made yet")] = Field(
        default=(),
        max_length=256,
        description="Names in the reverse zone.",
        json_schema_extra=LIST_ATOMIC,
    )
    options: Annotated[AddressOptions | None, _REPLIES] = Field(
        default=None, description="What this line is told otherwise than its pool says."
    )
    allow_lan: Annotated[bool, _REPLIES] = Field(
        default=True, description="Whether a network may stand behind it.", alias="allowLAN"
    )
    proxy: Annotated[bool, _REPLIES] = Field(
        default=False, description="Whether its web traffic goes through the proxy."
    )
    firewall_rule: Annotated[
        Annotated[str, Field(max_length=63, pattern=r"^[A-Za-z0-9._-]+$")] | None, _REPLIES
    ] = Field(default=None, description="Name or number of its rule on the router: `120`.")
    notes: Notes | None = Field(default=None, description="For colleagues.")
    retention_days: RetentionDays = None
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "(self.use == 'WAN') != has(self.prefixLength)",
            "Routed and Delegated need a prefixLength, and WAN has none: correct one of the two",
        ),
    )

    @field_validator("address")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        return None if value is None else as_address(value)


class IPClaimStatus(Status):
    """What was allocated."""

    address: Annotated[str, Field(max_length=45)] | None = Field(
        default=None, description="The IP address allocated."
    )


class IPClaim(Resource):
    """A wish for an IP address, and its allocation."""

    plural = "ipclaims"
    short_names = ("ipc",)
    columns = (
        Column("IP address", ".status.address"),
        Column("Login", ".spec.loginRef.name"),
        Column("Pool", ".spec.poolRef.name"),
    )
    spec: IPClaimSpec
    status: IPClaimStatus = IPClaimStatus()
