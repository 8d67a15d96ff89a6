"""What a provider sells: Plan."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ispalier.api.base import (
    LIST_ATOMIC,
    LIST_SET,
    ROLLED_OUT,
    Amount,
    Column,
    ImageName,
    LocalDate,
    Model,
    Name,
    NotYet,
    Percent,
    Ref,
    Resource,
    Rule,
    Text,
    list_map,
)
from ispalier.api.conditions import ROLLED_OUT as ROLLED_OUT_TOLD
from ispalier.api.currencies import Currency

Cycle = Literal["P1M", "P3M", "P6M", "P1Y"]
Family = Literal[
    "Access", "Mail", "Hosting", "Domain", "Certificate", "CloudServer", "Server", "Other"
]

_DOCUMENTS = NotYet("no document is made yet")
_RATING = NotYet("charges do not know it yet")
_LIMITS = NotYet("traffic is not counted yet")


class Price(Model):
    """A price from a day on; prices are added, never edited."""

    currency: Currency = Field(description="Currency, by its code of ISO 4217: `BRL`.")
    amount: Amount = Field(description='Price of one unit for one cycle, as text: "99.90".')
    cycle: Cycle = Field(
        default="P1M",
        description="How long this price pays for: `P1M` a month, `P3M` three, `P6M` six, `P1Y` a"
        " year.",
    )
    valid_from: LocalDate = Field(
        description="First day on which new contracts get this price: `2026-01-01`."
    )
    valid_from_existing: LocalDate | None = Field(
        default=None,
        description="Contracts that exist already get it with their first period that begins on or"
        " after this day, such as `2027-01-01`; without it they keep their price.",
    )
    mid_period: bool = Field(
        default=False, description="Whether existing contracts get it on that very day instead."
    )
    unit: Annotated[Annotated[str, Field(max_length=63)], _RATING] = Field(
        default="", description="Business unit whose customers get it; empty means all of them."
    )
    partner: Annotated[Annotated[str, Field(max_length=63)], _RATING] = Field(
        default="", description="Partner whose customers get it; empty means everybody."
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!self.midPeriod || has(self.validFromExisting)",
            "midPeriod is about contracts that exist already: set validFromExisting, too",
        ),
    )


class SetupFee(Model):
    """What is charged once, at the beginning."""

    amount: Amount = Field(description='In the currency of the contract, as text: "120.00".')
    instalments: int = Field(
        default=1, ge=1, le=36, description="Periods over which it is spread; the first pay more."
    )


class TerminationFee(Model):
    """What ending before the minimum term costs: an amount, or a share of what is left."""

    amount: Amount | None = Field(default=None, description='As text: "300.00".')
    percent_of_rest: Percent | None = Field(
        default=None, description='Percent of the price of the months that are left, as text: "50".'
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "has(self.amount) != has(self.percentOfRest)",
            "exactly one of amount and percentOfRest must be set: keep one of them",
        ),
    )


class PlanContract(Model):
    """What a contract over this plan binds to."""

    months: int = Field(default=0, ge=0, le=120, description="Minimum term, months: `12`.")
    termination_fee: TerminationFee | None = Field(
        default=None, description="What ending earlier costs."
    )
    template: Annotated[str, Field(max_length=253, pattern=r"^[A-Za-z0-9._/-]+$")] | None = Field(
        default=None, description="Template that a contract is printed from: `contracts/fibre.j2`."
    )


class Trial(Model):
    """The days at the beginning that are not charged."""

    mode: Literal["Days", "RemainderOfPeriod"] = Field(
        default="Days", description="So many days, or all until the first period closes."
    )
    days: int = Field(default=0, ge=0, le=366, description="Days free of charge: `10`.")
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "(self.mode == 'Days') == (self.days > 0)",
            "mode Days needs days, and RemainderOfPeriod has none: correct one of the two",
        ),
    )


class PlanAccess(Model):
    """How a line of this plan is served, and how it is cut back."""

    profile_ref: Ref = Field(description="AccessProfile of the line.")
    throttled_profile_ref: Ref | None = Field(
        default=None,
        description="AccessProfile of the line while it is slowed (effect Throttle).",
    )
    walled_garden_profile_ref: Ref | None = Field(
        default=None,
        description="AccessProfile of the line while it is led to a page of yours (WalledGarden).",
    )
    over_cap_profile_ref: Annotated[Ref | None, NotYet("traffic is not counted yet")] = Field(
        default=None, description="AccessProfile once the month's traffic is used up."
    )
    password_storage: Literal["ClearText", "NTHash", "Crypt"] = Field(
        default="ClearText",
        description="How RADIUS keeps passwords: CHAP needs ClearText, MS-CHAP at least NTHash, "
        "Crypt serves PAP only.",
    )


_Count = Annotated[int, Field(ge=0, le=100000)]


class Includes(Model):
    """What a contract of this plan may hold; what has no number here is not limited.

    Contracts sold on top of it add theirs. The newest beyond are not served.
    """

    mailboxes: _Count | None = Field(default=None, description="Mailboxes: `5`.")
    mailbox_mib: Annotated[int, Field(ge=1, le=1048576)] | None = Field(
        default=None,
        description="Room of all mailboxes together, MiB: `51200`.",
        alias="mailboxMiB",
    )
    logins: _Count | None = Field(default=None, description="Logins: `1`.")
    ip_claims: _Count | None = Field(default=None, description="IPClaims: `1`.", alias="ipClaims")
    domains: _Count | None = Field(default=None, description="Domains: `1`.")
    sites: _Count | None = Field(default=None, description="Sites: `1`.")
    ftp_users: _Count | None = Field(
        default=None, description="FTPUsers beside the main one of each site: `2`."
    )
    databases: _Count | None = Field(default=None, description="Databases: `1`.")
    traffic_gib: Annotated[Annotated[int, Field(ge=1, le=1048576)] | None, _LIMITS] = Field(
        default=None, description="Traffic of a month, GiB: `500`.", alias="trafficGiB"
    )


class Extra(Model):
    """What one more than is included costs for each cycle."""

    of: Literal["Mailboxes", "Logins", "IPClaims", "Domains", "Sites", "FTPUsers", "Databases"] = (
        Field(description="What there is one more of.")
    )
    currency: Currency = Field(description="Currency, by its code of ISO 4217: `BRL`.")
    amount: Amount = Field(description='Price of one more for one cycle, as text: "5.00".')


class Meter(Model):
    """Something that is counted and charged after the fact."""

    name: Literal["ActiveMailUsers", "TrafficGiB", "DiskGiB"] = Field(
        description="What is counted. ActiveMailUsers: who sent mail in the last 30 days, or got"
        " more than 5 that were no spam."
    )
    currency: Currency = Field(description="Currency, by its code of ISO 4217: `EUR`.")
    amount: Amount = Field(description='Price of one, as text: "1.20".')
    included: int = Field(default=0, ge=0, le=1000000, description="How many are free: `10`.")


class PlanSpec(Model):
    """A tariff: what is served and what it costs."""

    family: Family = Field(description="What kind of service it is; commissions go by it, too.")
    display_name: Text | None = Field(default=None, description="Name as printed: `Fibra 300`.")
    available_in: tuple[Name, ...] = Field(
        min_length=1,
        max_length=64,
        description="Business units that sell it: `[londrina]`.",
        json_schema_extra=LIST_SET,
    )
    cycles: tuple[Cycle, ...] = Field(
        default=("P1M",),
        min_length=1,
        max_length=4,
        description="How long a contract may be paid for at a time: `P1M` a month, `P3M` three,"
        " `P6M` six, `P1Y` a year; the first is what a contract has that names none.",
        json_schema_extra=LIST_ATOMIC,
    )
    prices: tuple[Price, ...] = Field(
        default=(),
        max_length=64,
        description="The price list: a new price is one more entry, and none is edited or removed.",
        json_schema_extra=list_map("currency", "cycle", "validFrom", "unit", "partner"),
    )
    setup_fee: Annotated[SetupFee | None, _RATING] = Field(
        default=None, description="What is charged once, unless a contract says otherwise."
    )
    trial: Annotated[Trial | None, _RATING] = Field(
        default=None, description="Days free of charge, unless a contract says otherwise."
    )
    contract: Annotated[PlanContract | None, _DOCUMENTS] = Field(
        default=None, description="Minimum term, fee and template."
    )
    is_add_on: bool = Field(
        default=False,
        description="Whether it is only sold on top of another contract, which its own contract"
        " names (`parentRef`).",
        alias="addOn",
    )
    requires: tuple[Name, ...] = Field(
        default=(),
        max_length=16,
        description="Plans that a customer must hold, too, in whichever contract: `[mail-base]`."
        " Without `addOn` this plan still is a contract by itself.",
        json_schema_extra=LIST_SET,
    )
    conflicts: tuple[Name, ...] = Field(
        default=(),
        max_length=16,
        description="Plans that a customer must not hold beside it: `[mail-old]`.",
        json_schema_extra=LIST_SET,
    )
    mandatory_for: tuple[Family, ...] = Field(
        default=(),
        max_length=8,
        description="Families of plans; who holds one of these must hold this plan, too.",
        json_schema_extra=LIST_SET,
    )
    requires_access_point: bool = Field(
        default=False, description="Whether a contract must say where its line ends."
    )
    access: PlanAccess | None = Field(default=None, description="Set for family Access.")
    includes: Includes = Includes()
    extras: Annotated[tuple[Extra, ...], _RATING] = Field(
        default=(),
        max_length=16,
        description="What more than is included costs.",
        json_schema_extra=list_map("of", "currency"),
    )
    meters: Annotated[tuple[Meter, ...], _RATING] = Field(
        default=(),
        max_length=8,
        description="What is counted and charged after the fact.",
        json_schema_extra=list_map("name", "currency"),
    )
    images: Annotated[
        tuple[ImageName, ...],
        NotYet("no server is installed yet"),
    ] = Field(
        default=(),
        max_length=128,
        description="Operating systems that its servers can be installed with: `[debian-13]`.",
        json_schema_extra=LIST_SET,
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "self.family != 'Access' || has(self.access)",
            "a plan of family Access needs spec.access: add it with a profileRef",
        ),
        Rule(
            "!has(self.prices) || self.prices.all(p, p.cycle in self.cycles)",
            "every price must be for one of spec.cycles: correct its cycle or add it there",
        ),
        Rule(
            "!has(oldSelf.prices) || oldSelf.prices.all(o, has(self.prices) && self.prices.exists("
            "p, p.currency == o.currency && p.cycle == o.cycle && p.validFrom == o.validFrom"
            " && p.unit == o.unit && p.partner == o.partner && p.amount == o.amount))",
            "prices are added, never edited or removed: put it back, and add one with a later"
            " validFrom",
        ),
    )


class Plan(Resource):
    """A tariff: what is sold, and for how much."""

    plural = "plans"
    namespaced = False
    columns = (
        Column("Family", ".spec.family"),
        Column("Profile", ".spec.access.profileRef.name"),
        Column("Price", ".spec.prices[-1:].amount"),
        Column("Currency", ".spec.prices[-1:].currency"),
        ROLLED_OUT,
        Column("Units", ".spec.availableIn", priority=1),
    )
    told = (ROLLED_OUT_TOLD,)
    spec: PlanSpec
