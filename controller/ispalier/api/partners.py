"""Who sells for the provider, and what for: Partner, CommissionSchedule."""

from typing import ClassVar, Literal

from pydantic import Field

from ispalier.api.base import (
    LIST_ATOMIC,
    Column,
    CustomerNumber,
    Model,
    Name,
    Notes,
    NotYet,
    Percent,
    Ref,
    Resource,
    Rule,
    Text,
    list_map,
)
from ispalier.api.catalogue import Family
from ispalier.api.parties import Contact


class Level(Model):
    """A level of partners, reached by the number of customers with a service in force."""

    name: Name = Field(description="What it is called: `gold`.")
    min_customers: int = Field(ge=0, le=1000000, description="From how many customers on: `11`.")


class Rate(Model):
    """What a partner of a level gets of what is charged for a family of plans."""

    family: Family = Field(description="Family of the plan.")
    level: Name = Field(description="Name of the level: `gold`.")
    percent: Percent = Field(description='Percent of the net amount, as text: "15".')


class CommissionScheduleSpec(Model):
    """Levels, and what partners get on each."""

    levels: tuple[Level, ...] = Field(
        min_length=1,
        max_length=16,
        description="Levels; below the lowest nothing is paid.",
        json_schema_extra=list_map("name"),
    )
    rates: tuple[Rate, ...] = Field(
        default=(),
        max_length=128,
        description="One rate for each family and level; what is not listed pays nothing.",
        json_schema_extra=list_map("family", "level"),
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!has(self.rates) || self.rates.all(r, self.levels.exists(l, l.name == r.level))",
            "every rate must be for one of spec.levels: correct its level or add it there",
        ),
    )


class CommissionSchedule(Resource):
    """What partners earn."""

    plural = "commissionschedules"
    short_names = ("commission",)
    namespaced = False
    not_yet = NotYet("no commission is computed yet")
    columns = (Column("Levels", ".spec.levels[*].name"),)
    spec: CommissionScheduleSpec


class PartnerSpec(Model):
    """A reseller: who it is, below whom it stands, and how it is paid."""

    display_name: Text = Field(description="Name as printed: `Redes do Norte`.")
    parent_ref: Ref | None = Field(
        default=None, description="The partner below whom it stands: `norte`."
    )
    model: Literal["Commission", "Wholesale"] = Field(
        default="Commission",
        description="Commission: the customers pay us, and the partner a share of it. Wholesale:"
        " the partner pays us, at its own prices.",
    )
    commission_schedule_ref: Ref | None = Field(
        default=None, description="What it earns; for model Commission."
    )
    customer_number: CustomerNumber | None = Field(
        default=None, description="Number of the Tenant that pays: `20001`; for model Wholesale."
    )
    contacts: tuple[Contact, ...] = Field(
        default=(), max_length=32, description="Whom to write to.", json_schema_extra=LIST_ATOMIC
    )
    notes: Notes | None = Field(default=None, description="For colleagues.")
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "(self.model == 'Commission') == has(self.commissionScheduleRef)",
            "model Commission needs a commissionScheduleRef, and Wholesale has none: correct one",
        ),
        Rule(
            "(self.model == 'Wholesale') == has(self.customerNumber)",
            "model Wholesale needs the customerNumber of who pays, and Commission has none:"
            " correct one",
        ),
    )


class Partner(Resource):
    """A reseller."""

    plural = "partners"
    namespaced = False
    not_yet = NotYet("no commission is computed yet")
    columns = (
        Column("Partner", ".spec.displayName"),
        Column("Model", ".spec.model"),
        Column("Parent", ".spec.parentRef.name"),
    )
    spec: PartnerSpec
