"""Lines and addresses: NAS, AccessPoint, IPPool, Login, IPClaim."""

import ipaddress
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from ispalier.api.base import (
    LIST_SET,
    PROBED,
    Column,
    Model,
    Password,
    Ref,
    Resource,
    RetentionDays,
    Rule,
    SecretRef,
    Status,
    Text,
    list_map,
    ruled,
)

IPAddressText = Annotated[
    str,
    Field(
        min_length=2,
        max_length=45,
        json_schema_extra=ruled(
            "isIP(self)", "is not an IP address: write it like 192.0.2.1 or 2001:db8::1"
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
MAC = Annotated[str, Field(max_length=17, pattern=r"^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$")]


_SPACES = "\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""The spaces of Unicode: the API server takes `\\s` for those of ASCII alone."""


def _as_address(value: str) -> str:
    ipaddress.ip_address(value)
    return value


class NASSpec(Model):
    """An access server that asks RADIUS."""

    address: IPAddressText = Field(description="IP address its packets come from.")
    vendor: Literal["MikroTik", "WISPr", "Generic"] = Field(
        default="Generic", description="Whose speed attributes it understands."
    )
    secret_ref: SecretRef = Field(
        description="RADIUS shared secret, in the controller's namespace."
    )
    service_host_ref: Ref | None = Field(
        default=None, description="The RADIUS that it asks; default the only or default one."
    )

    _address = field_validator("address")(_as_address)


class NAS(Resource):
    """An access server."""

    plural = "nases"
    namespaced = False
    columns = (Column("Address", ".spec.address"), Column("Vendor", ".spec.vendor"))
    spec: NASSpec


class AccessPointSpec(Model):
    """Where lines end: a tower, an OLT, a switch, a building."""

    display_name: Text | None = Field(default=None, description="Name as printed.")
    type: Literal["Tower", "OLT", "DSLAM", "Switch", "Building"] = Field(
        default="Tower", description="What it is."
    )
    nas_refs: tuple[Ref, ...] = Field(
        default=(),
        max_length=32,
        description="Access servers behind which its lines come up.",
        json_schema_extra=list_map("name"),
    )


class AccessPoint(Resource):
    """Where lines end."""

    plural = "accesspoints"
    short_names = ("ap",)
    namespaced = False
    columns = (Column("Type", ".spec.type"), Column("NAS", ".spec.nasRefs[*].name"))
    spec: AccessPointSpec


class PoolPrefix(Model):
    """A prefix one allocates from."""

    prefix: Prefix = Field(description="Network in CIDR notation: `100.64.0.0/22`.")
    reserved: tuple[IPAddressText, ...] = Field(
        default=(),
        max_length=256,
        description="IP addresses never given out, such as the gateway.",
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
        return tuple(_as_address(each) for each in value)


class IPPoolSpec(Model):
    """Prefixes from which IP addresses are allocated."""

    prefixes: tuple[PoolPrefix, ...] = Field(
        min_length=1,
        max_length=256,
        description="Used in this order; all of one family.",
        json_schema_extra=list_map("prefix"),
    )
    rules: ClassVar[tuple[Rule, ...]] = (
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
    """Prefixes one allocates from."""

    plural = "ippools"
    short_names = ("pool",)
    namespaced = False
    columns = (Column("Prefixes", ".spec.prefixes[*].prefix"),)
    spec: IPPoolSpec


class LoginSpec(Model):
    """A subscriber as RADIUS knows it."""

    subscription_ref: Ref = Field(description="The contract that it belongs to.")
    username: Annotated[
        str, Field(min_length=1, max_length=64, pattern=rf"^[^\s\x00-\x1f\x7f-\x9f{_SPACES}]+$")
    ] = Field(description="User-Name: UTF-8, no spaces or control characters, case matters.")
    password: Password = Field(description="Where its password comes from.")
    mac_addresses: tuple[MAC, ...] = Field(
        default=(),
        max_length=5,
        description="Calling-Station-Ids it may come from; none means any.",
        json_schema_extra=LIST_SET,
    )
    retention_days: RetentionDays = None


class LoginStatus(Status):
    """What RADIUS answers."""

    address: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="Framed IP address."
    )
    speed: Annotated[str, Field(max_length=32)] | None = Field(
        default=None, description="Download/upload in force."
    )


class Login(Resource):
    """A subscriber."""

    plural = "logins"
    columns = (
        Column("Username", ".spec.username"),
        Column("Address", ".status.address"),
        Column("Down/up", ".status.speed"),
        PROBED,
    )
    selectable = (".spec.username",)
    spec: LoginSpec
    status: LoginStatus = LoginStatus()


class IPClaimSpec(Model):
    """A wish for an IP address."""

    login_ref: Ref = Field(description="The login that it is for.")
    pool_ref: Ref = Field(description="The pool that it comes from.")
    address: IPAddressText | None = Field(
        default=None, description="This very one; without it the next free one."
    )
    retention_days: RetentionDays = None
    rules: ClassVar[tuple[Rule, ...]] = ()

    @field_validator("address")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        return None if value is None else _as_address(value)


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
        Column("Address", ".status.address"),
        Column("Login", ".spec.loginRef.name"),
        Column("Pool", ".spec.poolRef.name"),
    )
    spec: IPClaimSpec
    status: IPClaimStatus = IPClaimStatus()
