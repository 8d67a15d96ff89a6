"""In whose name: BusinessUnit."""

from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import Field, field_validator

from ispalier.api.base import (
    LIST_ATOMIC,
    LIST_SET,
    Column,
    Country,
    CustomerNumber,
    DomainName,
    Freeze,
    LocalDate,
    Model,
    Name,
    NotYet,
    Resource,
    Text,
    immutable,
    list_map,
)
from ispalier.api.currencies import Currency
from ispalier.api.endpoints import URL, Endpoint

Timing = Literal["Advance", "Arrears"]
MonthDay = Annotated[int, Field(ge=1, le=31)]

_DOCUMENTS = NotYet("no document is made yet")
_PORTAL = NotYet("there is no portal yet")


class UnitBilling(Model):
    """How this unit bills, where a tenant says nothing else."""

    timing: Timing = Field(
        default="Arrears",
        description="When a period is charged: Advance at its start, Arrears once it is over.",
    )
    closing_day: MonthDay | None = Field(
        default=None,
        description="Day of the month on which one billing period ends and the next begins: `1` makes"
        " calendar months. It is the first day of the next one: with `31`, 30 November belongs to"
        " December already, for short months close on their last day. Without it the first day of"
        " each contract says where its periods begin.",
    )
    due_day: MonthDay = Field(
        default=10,
        description="Day of the month on which charges are due. It is the first such day on or after"
        " the end of a period, or after its start if it is charged in advance.",
    )
    day_count: Literal["Actual", "Days30"] = Field(
        default="Actual",
        description="What a part of a period costs: Actual counts its real days, Days30 as if every"
        " month had 30.",
    )


class CustomField(Model):
    """A field of its own that this unit wants of its customers."""

    name: Name = Field(description="Name as in `Tenant.spec.custom[].name`: `school-year`.")
    label: Text = Field(description="What it is, as printed: `School year`.")
    required: bool = Field(default=False, description="Whether every customer must have it.")
    choices: tuple[Text, ...] = Field(
        default=(),
        max_length=64,
        description="The values to choose from; none means any text.",
        json_schema_extra=LIST_SET,
    )


class VerifyDomains(Model):
    """How it is found out that a domain is the customer's: a TXT record, or name servers of ours."""

    resolvers: tuple[Endpoint, ...] = Field(
        min_length=1,
        max_length=4,
        description="Resolvers that are asked for the record: `[192.0.2.1]`.",
        json_schema_extra=LIST_ATOMIC,
    )


class NameDelegation(Model):
    """A name that nobody has by being first, and the customer who may have it."""

    name: DomainName = Field(
        description="A reverse zone, a public suffix or a name of the provider's own, with all that"
        " is below it: `113.0.203.in-addr.arpa`."
    )
    customer_number: CustomerNumber = Field(
        description="Who may have its zone and mail: `10042`; the provider's own, too."
    )


class BusinessUnitSpec(Model):
    """A legal or regional part of the provider with a time zone, a currency and billing terms."""

    display_name: Text = Field(description="Name as printed: `Londrina`.")
    time_zone: Annotated[
        str, Field(max_length=64, pattern=r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,2}$")
    ] = Field(
        description="Time zone in which its days begin, as IANA calls it: `America/Sao_Paulo`."
    )
    currency: Currency = Field(
        description="Currency of its bills, by its code of ISO 4217: `BRL`.",
        json_schema_extra=immutable(),
    )
    country: Annotated[Country | None, _DOCUMENTS] = Field(
        default=None, description="Country where it is at home, by its code of ISO 3166-1: `BR`."
    )
    cities: tuple[Text, ...] = Field(
        default=(),
        max_length=256,
        description="Cities that it serves: a customer's address must be in one of them. None means"
        " anywhere.",
        json_schema_extra=LIST_SET,
    )
    verify_domains: VerifyDomains | None = Field(
        default=None,
        description="With it, mail comes in only for domains that a customer has proven to have."
        " Default none: whoever declares a domain first has it, and gets what other customers"
        " send there.",
    )
    delegations: tuple[NameDelegation, ...] = Field(
        default=(),
        max_length=256,
        description="Reverse zones, public suffixes (`com.br`), names of the provider's own and"
        " those of big mail providers (`gmail.com`) that a customer may have; nobody else may.",
        json_schema_extra=list_map("name"),
    )
    ledger_start: LocalDate | None = Field(
        default=None,
        description="First day that is billed here: `2026-01-01`; earlier ones were billed"
        " elsewhere.",
    )
    billing: UnitBilling = UnitBilling()
    documents: Annotated[tuple[Literal["Invoice", "ActOfWork", "Receipt"], ...], _DOCUMENTS] = (
        Field(
            default=("Invoice",),
            min_length=1,
            max_length=3,
            description="Papers that a customer gets of a period: Invoice, ActOfWork (what was"
            " done, to be signed), Receipt.",
            json_schema_extra=LIST_SET,
        )
    )
    end_reasons: tuple[Text, ...] = Field(
        default=(),
        max_length=64,
        description="Reasons to choose from when a contract ends: `Moved`; none means any text.",
        json_schema_extra=LIST_SET,
    )
    custom_fields: tuple[CustomField, ...] = Field(
        default=(),
        max_length=32,
        description="Fields of its own that this unit wants of its customers.",
        json_schema_extra=list_map("name"),
    )
    help_desk_url: Annotated[URL | None, _PORTAL] = Field(
        default=None,
        description="Where tickets are: `https://desk.provider.example`.",
        alias="helpDeskURL",
    )
    freeze: Annotated[Freeze | None, NotYet("changes are not held back by it yet")] = Field(
        default=None, description="A time in which nothing of this unit is changed."
    )

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
        Column("Time zone", ".spec.timeZone"),
        Column("Closing day", ".spec.billing.closingDay", "integer"),
        Column("Due day", ".spec.billing.dueDay", "integer"),
    )
    spec: BusinessUnitSpec
