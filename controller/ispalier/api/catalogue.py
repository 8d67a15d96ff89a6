"""What a provider sells, and in whose name: BusinessUnit, Plan."""

from typing import Annotated, ClassVar, Literal
from zoneinfo import available_timezones

from pydantic import Field, field_validator

from ispalier.api.base import (
    LIST_ATOMIC,
    LIST_SET,
    Amount,
    BitRate,
    Column,
    Currency,
    LocalDate,
    Model,
    Name,
    Resource,
    Rule,
    Text,
    immutable,
    list_map,
)

Timing = Literal["Advance", "Arrears"]
Cycle = Literal["P1M", "P3M", "P6M", "P1Y"]
MonthDay = Annotated[int, Field(ge=1, le=31)]


class UnitBilling(Model):
    """How this unit bills, where a tenant says nothing else."""

    timing: Timing = Field(
        default="Arrears", description="Advance bills a period at its start, Arrears at its end."
    )
    closing_day: MonthDay | None = Field(
        default=None,
        description="Day of month on which billing periods close; 31 means the last day of short "
        "months. Without it a subscription's own start sets the grid.",
    )
    due_day: MonthDay = Field(default=10, description="Day of month on which charges are due.")
    day_count: Literal["Actual", "Days30"] = Field(
        default="Actual", description="Actual prorates by calendar days, Days30 by 30-day months."
    )


class BusinessUnitSpec(Model):
    """A legal or regional part of the provider with a time zone, a currency and billing terms."""

    display_name: Text = Field(description="Name as printed, e.g. `Londrina`.")
    time_zone: Annotated[
        str, Field(max_length=64, pattern=r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$")
    ] = Field(description="IANA time zone in which its days begin, e.g. `America/Sao_Paulo`.")
    currency: Currency = Field(
        description="ISO 4217 code, e.g. `BRL`.", json_schema_extra=immutable()
    )
    ledger_start: LocalDate | None = Field(
        default=None,
        description="First day that this ledger bills; earlier days were billed elsewhere.",
    )
    billing: UnitBilling = UnitBilling()

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in available_timezones():
            msg = f"no time zone is called {value!r}: use an IANA name such as Europe/Warsaw"
            raise ValueError(msg)
        return value


class BusinessUnit(Resource):
    """A legal or regional part of the provider."""

    plural = "businessunits"
    short_names = ("bu",)
    namespaced = False
    columns = (
        Column("Currency", ".spec.currency"),
        Column("Zone", ".spec.timeZone"),
        Column("Closes", ".spec.billing.closingDay", "integer"),
        Column("Due", ".spec.billing.dueDay", "integer"),
    )
    spec: BusinessUnitSpec


class Price(Model):
    """A price from a day on; prices are added, never edited."""

    currency: Currency = Field(description="ISO 4217 code.")
    amount: Amount = Field(description='Price of one unit for one cycle, as text: "99.90".')
    cycle: Cycle = Field(default="P1M", description="The billing cycle that this price is for.")
    valid_from: LocalDate = Field(description="First day on which new contracts get this price.")
    valid_from_existing: LocalDate | None = Field(
        default=None,
        description="From the first period boundary on or after this day it applies to contracts "
        "that exist already; without it they keep their price.",
    )
    mid_period: bool = Field(
        default=False, description="Apply to existing contracts on that very day instead."
    )


class Throttled(Model):
    """What a line gets while a hold throttles it."""

    download: BitRate = Field(description="Towards the subscriber, bit/s: `1M`.")
    upload: BitRate = Field(description="From the subscriber, bit/s: `512k`.")


class WalledGarden(Model):
    """Where a line is led while a hold keeps it in the walled garden; your router does the rest."""

    address_list: (
        Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[A-Za-z0-9._-]+$")] | None
    ) = Field(default=None, description="Mikrotik-Address-List, for a NAS of vendor MikroTik.")
    redirect_url: (
        Annotated[str, Field(max_length=253, pattern=r"^https?://[A-Za-z0-9._~:/?#&=%+-]+$")] | None
    ) = Field(default=None, description="WISPr-Redirection-URL, for a NAS of vendor WISPr.")
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "has(self.addressList) || has(self.redirectUrl)",
            "a walled garden needs addressList or redirectUrl: set one for each vendor in use",
        ),
    )


class Access(Model):
    """What a line gets."""

    download: BitRate = Field(description="Towards the subscriber, bit/s: `300M`.")
    upload: BitRate = Field(description="From the subscriber, bit/s: `150M`.")
    sessions: int = Field(default=1, ge=1, le=64, description="Sessions at the same time.")
    password_storage: Literal["ClearText", "NTHash", "Crypt"] = Field(
        default="ClearText",
        description="How RADIUS keeps passwords: CHAP needs ClearText, MS-CHAP at least NTHash, "
        "Crypt serves PAP only.",
    )
    throttled: Throttled | None = Field(
        default=None, description="Speed under `ispalier hold --effect Throttle`."
    )
    walled_garden: WalledGarden | None = Field(
        default=None, description="What `ispalier hold --effect WalledGarden` means here."
    )


class Includes(Model):
    """What a subscription of this plan may hold without paying extra."""

    mailboxes: int | None = Field(
        default=None, ge=0, le=100000, description="Mailboxes; the newest beyond are not served."
    )


class PlanSpec(Model):
    """A tariff: what is served and what it costs."""

    family: Literal["Access", "Mail", "Hosting"] = Field(description="What kind of service it is.")
    display_name: Text | None = Field(default=None, description="Name as printed.")
    available_in: tuple[Name, ...] = Field(
        min_length=1,
        max_length=64,
        description="Business units that sell it.",
        json_schema_extra=LIST_SET,
    )
    cycles: tuple[Cycle, ...] = Field(
        default=("P1M",),
        min_length=1,
        max_length=4,
        description="Billing cycles to choose from; the first is the default.",
        json_schema_extra=LIST_ATOMIC,
    )
    prices: tuple[Price, ...] = Field(
        default=(),
        max_length=64,
        description="Price list, append-only.",
        json_schema_extra=list_map("currency", "cycle", "validFrom"),
    )
    access: Access | None = Field(default=None, description="Set for family Access.")
    includes: Includes = Includes()
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "self.family != 'Access' || has(self.access)",
            "a plan of family Access needs spec.access: add it with download and upload",
        ),
        Rule(
            "!has(self.prices) || self.prices.all(p, p.cycle in self.cycles)",
            "every price must be for one of spec.cycles: correct its cycle or add it there",
        ),
    )


class Plan(Resource):
    """A tariff."""

    plural = "plans"
    namespaced = False
    columns = (
        Column("Family", ".spec.family"),
        Column("Download", ".spec.access.download"),
        Column("Upload", ".spec.access.upload"),
        Column("Price", ".spec.prices[-1:].amount"),
        Column("Currency", ".spec.prices[-1:].currency", priority=1),
    )
    spec: PlanSpec
