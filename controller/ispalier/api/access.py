"""Lines: AccessProfile, NAS, AccessPoint, Login. IP addresses are in `addresses.py`."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from ispalier.api.base import (
    LIST_SET,
    PROBED,
    ROLLED_OUT,
    BitRate,
    Column,
    Freeze,
    IPAddressText,
    ManagementPolicy,
    Model,
    Notes,
    NotYet,
    Password,
    PostalAddress,
    Ref,
    Resource,
    RetentionDays,
    Rule,
    SecretRef,
    Status,
    Text,
    as_address,
    list_map,
)
from ispalier.api.conditions import ANSWERS, RESTRICTED
from ispalier.api.conditions import ROLLED_OUT as ROLLED_OUT_TOLD
from ispalier.api.endpoints import URL

Vendor = Literal["MikroTik", "WISPr", "Generic"]
MAC = Annotated[str, Field(max_length=17, pattern=r"^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$")]
AttributeName = Annotated[
    str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z][A-Za-z0-9.-]*$")
]
AttributeValue = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[^\x00-\x1f]+$")]
Clock = Annotated[str, Field(max_length=5, pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

_SPACES = "\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
"""The spaces of Unicode: the API server takes `\\s` for those of ASCII alone."""


class Burst(Model):
    """More for a moment: a rate that lines may reach while their average is low."""

    download: BitRate = Field(description="Towards the subscriber, bit/s: `400M`.")
    upload: BitRate = Field(description="From the subscriber, bit/s: `200M`.")
    threshold_download: BitRate = Field(
        description="Average up to which one bursts, bit/s: `200M`."
    )
    threshold_upload: BitRate = Field(description="Average up to which one bursts, bit/s: `100M`.")
    seconds: int = Field(default=8, ge=1, le=600, description="Over which one averages, seconds.")


class Window(Model):
    """Another speed at some hours of some days, local time of the business unit."""

    name: Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[a-z0-9-]+$")] = Field(
        description="What it is called: `business-hours`."
    )
    days: tuple[Weekday, ...] = Field(
        min_length=1,
        max_length=7,
        description="Days of the week: `[Monday, Tuesday]`.",
        json_schema_extra=LIST_SET,
    )
    from_: Clock = Field(alias="from", description="First minute of it: `08:00`.")
    to: Clock = Field(description="First minute after it: `18:00`; earlier than `from`: next day.")
    download: BitRate = Field(description="Towards the subscriber, bit/s: `512M`.")
    upload: BitRate = Field(description="From the subscriber, bit/s: `256M`.")


class WalledGarden(Model):
    """Where a line is led; your router does the rest."""

    address_list: (
        Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[A-Za-z0-9._-]+$")] | None
    ) = Field(
        default=None, description="Mikrotik-Address-List, for a NAS of vendor MikroTik: `unpaid`."
    )
    redirect_url: URL | None = Field(
        default=None,
        description="WISPr-Redirection-URL, for a NAS of vendor WISPr: `https://pay.example/`.",
        alias="redirectURL",
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "has(self.addressList) || has(self.redirectURL)",
            "a walled garden needs addressList or redirectURL: set one for each vendor in use",
        ),
    )


class VendorAttribute(Model):
    """A RADIUS attribute for the access servers of one vendor."""

    vendor: Vendor = Field(default="Generic", description="For whose NASes; Generic means all.")
    name: AttributeName = Field(description="Attribute, as FreeRADIUS spells it: `Idle-Timeout`.")
    value: AttributeValue = Field(description="Its value, as text: `600`.")
    restore: Annotated[AttributeValue | None, NotYet("open sessions are not changed yet")] = Field(
        default=None,
        description="What an open session is sent when it leaves this profile, as text: `0`.",
    )


class AccessProfileSpec(Model):
    """How a line is served: RADIUS has a group for it, and says it in the words of each vendor."""

    display_name: Text | None = Field(default=None, description="Name as printed: `Fibra 300`.")
    download: BitRate | None = Field(
        default=None, description="Towards the subscriber, bit/s: `300M`; none means unlimited."
    )
    upload: BitRate | None = Field(
        default=None, description="From the subscriber, bit/s: `150M`; none means unlimited."
    )
    burst: Burst | None = Field(
        default=None, description="More for a moment, for NASes of vendor MikroTik."
    )
    windows: Annotated[tuple[Window, ...], NotYet("speeds do not go by the clock yet")] = Field(
        default=(),
        max_length=16,
        description="Other speeds at some hours; the first that is on counts.",
        json_schema_extra=list_map("name"),
    )
    sessions: int = Field(default=1, ge=1, le=64, description="Sessions at the same time.")
    walled_garden: WalledGarden | None = Field(
        default=None, description="Where lines of this profile are led."
    )
    reply: tuple[VendorAttribute, ...] = Field(
        default=(),
        max_length=32,
        description="What else access servers are told.",
        json_schema_extra=list_map("vendor", "name"),
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "has(self.download) == has(self.upload)",
            "download and upload go together: set both, or none for no limit",
        ),
        Rule(
            "!has(self.burst) || has(self.download)",
            "a burst goes above a speed: set download and upload, too",
        ),
    )


class AccessProfile(Resource):
    """How a line is served: its speeds, and what else its access server is told."""

    plural = "accessprofiles"
    short_names = ("profile",)
    namespaced = False
    columns = (
        Column("Download", ".spec.download"),
        Column("Upload", ".spec.upload"),
        Column("Sessions", ".spec.sessions", "integer"),
        ROLLED_OUT,
    )
    told = (ROLLED_OUT_TOLD,)
    spec: AccessProfileSpec


class NASSpec(Model):
    """An access server that asks RADIUS."""

    addresses: tuple[IPAddressText, ...] = Field(
        min_length=1,
        max_length=8,
        description="IP addresses its packets come from: `[192.0.2.10]`.",
        json_schema_extra=LIST_SET,
    )
    vendor: Vendor = Field(default="Generic", description="Whose speed attributes it understands.")
    secret_ref: SecretRef = Field(
        description="Secret that it shares with RADIUS, in the controller's namespace."
    )
    service_host_ref: Ref | None = Field(
        default=None,
        description="The RADIUS that it asks; without it the only one, or that with `default: true`.",
    )
    coa_port: Annotated[
        Annotated[int, Field(ge=1, le=65535)], NotYet("open sessions are not changed yet")
    ] = Field(default=3799, description="UDP port where it takes CoA and Disconnect (RFC 5176).")
    state: Annotated[
        Literal["Active", "Draining"], NotYet("nothing is moved away yet", ("Draining",))
    ] = Field(default="Active", description="Draining: what is there stays, nobody new comes.")

    @field_validator("addresses")
    @classmethod
    def _are_addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(as_address(each) for each in value)


class NAS(Resource):
    """An access server."""

    plural = "nases"
    namespaced = False
    columns = (
        Column("IP addresses", ".spec.addresses"),
        Column("Vendor", ".spec.vendor"),
        Column("State", ".spec.state"),
    )
    spec: NASSpec


class AccessPointSpec(Model):
    """Where lines end: a tower, an OLT, a switch, a building."""

    display_name: Text | None = Field(default=None, description="Name as printed: `Tower Centro`.")
    type: Literal["Tower", "OLT", "DSLAM", "Switch", "Building", "Pole", "Server", "Radio"] = Field(
        default="Tower", description="What it is."
    )
    parent_ref: Ref | None = Field(default=None, description="The AccessPoint that it hangs on.")
    nas_refs: tuple[Ref, ...] = Field(
        default=(),
        max_length=32,
        description="Access servers behind which its lines come up.",
        json_schema_extra=list_map("name"),
    )
    address: PostalAddress | None = Field(default=None, description="Where it stands.")
    freeze: Annotated[Freeze | None, NotYet("changes are not held back by it yet")] = Field(
        default=None, description="A time in which nothing of its lines is changed."
    )


class AccessPoint(Resource):
    """Where lines end."""

    plural = "accesspoints"
    short_names = ("ap",)
    namespaced = False
    columns = (
        Column("Type", ".spec.type"),
        Column("Parent", ".spec.parentRef.name"),
        Column("NAS", ".spec.nasRefs[*].name"),
    )
    spec: AccessPointSpec


class Circuit(Model):
    """A line known by where it is plugged in (DHCP option 82, PPPoE TR-101)."""

    circuit_id: Annotated[str, Field(min_length=1, max_length=253)] = Field(
        description="Agent circuit id: `olt-3 eth 0/1/7:100`."
    )
    remote_id: Annotated[str, Field(min_length=1, max_length=253)] | None = Field(
        default=None, description="Agent remote id: `00:11:22:33:44:55`."
    )


class LineAttribute(Model):
    """A RADIUS attribute of one line."""

    name: AttributeName = Field(description="Attribute, as FreeRADIUS spells it: `NAS-Port-Type`.")
    value: AttributeValue = Field(description="Its value, as text: `Ethernet`.")


_WHO = NotYet("RADIUS knows lines by user name alone yet")


class LoginSpec(Model):
    """A subscriber as RADIUS knows it."""

    subscription_ref: Ref = Field(description="The contract that it belongs to.")
    username: (
        Annotated[
            str, Field(min_length=1, max_length=64, pattern=rf"^[^\s\x00-\x1f\x7f-\x9f{_SPACES}]+$")
        ]
        | None
    ) = Field(
        default=None,
        description="User-Name, case matters: `joao`; no spaces or control characters.",
    )
    mac: Annotated[MAC | None, _WHO] = Field(
        default=None, description="Known by this MAC address instead: `AA:BB:CC:00:11:22`."
    )
    circuit: Annotated[Circuit | None, _WHO] = Field(
        default=None, description="Known by where it is plugged in instead."
    )
    serial: Annotated[
        Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9-]+$")] | None, _WHO
    ] = Field(default=None, description="Known by the serial of its ONT instead: `HWTC1A2B3C4D`.")
    password: Password | None = Field(
        default=None, description="Where its password comes from; a username needs one."
    )
    profile_ref: Ref | None = Field(
        default=None, description="AccessProfile of this line instead of the plan's."
    )
    mac_policy: Annotated[
        Literal["Off", "Listed", "LearnFirst"], NotYet("no MAC is learnt yet", ("LearnFirst",))
    ] = Field(
        default="Listed",
        description="Listed lets it come from macAddresses alone, LearnFirst from where it first"
        " came from, Off from anywhere.",
    )
    mac_addresses: tuple[MAC, ...] = Field(
        default=(),
        max_length=5,
        description="Calling-Station-Ids it may come from; none means any.",
        json_schema_extra=LIST_SET,
    )
    installation: Annotated[Literal["None", "Required"], NotYet("no installation is noted yet")] = (
        Field(
            default="None",
            description="Required: it waits for its installer, and is healthy meanwhile.",
        )
    )
    check: Annotated[tuple[LineAttribute, ...], NotYet("only replies are written yet")] = Field(
        default=(),
        max_length=16,
        description="What a request must say, too.",
        json_schema_extra=list_map("name"),
    )
    reply: tuple[LineAttribute, ...] = Field(
        default=(),
        max_length=16,
        description="What the access server is told, beside what follows from plan and claims.",
        json_schema_extra=list_map("name"),
    )
    primary: bool = Field(
        default=False, description="Whether it is the main login of its contract."
    )
    portal_access: Annotated[bool, NotYet("there is no portal yet")] = Field(
        default=False, description="Whether it may enter the customers' portal."
    )
    enabled: bool = Field(default=True, description="With `false` it is refused, and stays.")
    message: Annotated[Text | None, NotYet("there is no portal yet")] = Field(
        default=None, description="What its owner is told in the portal."
    )
    notes: Notes | None = Field(default=None, description="For colleagues.")
    management_policy: ManagementPolicy = "Manage"
    retention_days: RetentionDays = None
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "[has(self.username), has(self.mac), has(self.circuit), has(self.serial)]"
            ".filter(x, x).size() == 1",
            "exactly one of username, mac, circuit and serial must be set: keep one of them",
        ),
        Rule(
            "has(self.username) == has(self.password)",
            "username and password go together: a line known otherwise has neither",
        ),
    )


class LoginStatus(Status):
    """What RADIUS answers."""

    address: Annotated[str, Field(max_length=64)] | None = Field(
        default=None, description="Framed IP address."
    )
    speed: Annotated[str, Field(max_length=32)] | None = Field(
        default=None, description="Download/upload in force."
    )


class Login(Resource):
    """A subscriber: the name by which a line logs in."""

    plural = "logins"
    columns = (
        Column("Username", ".spec.username"),
        Column("IP address", ".status.address"),
        Column("Down/up", ".status.speed"),
        PROBED,
    )
    selectable = (".spec.username", ".spec.subscriptionRef.name")
    told = (ANSWERS, RESTRICTED)
    spec: LoginSpec
    status: LoginStatus = LoginStatus()
