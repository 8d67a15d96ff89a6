"""Who buys: Tenant."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ispalier.api.base import (
    LIST_ATOMIC,
    LIST_SET,
    Column,
    MailAddress,
    Model,
    Ref,
    Resource,
    Rule,
    Text,
    immutable,
)
from ispalier.api.catalogue import MonthDay, Timing

Topic = Literal["Billing", "Technical", "Legal"]


class Contact(Model):
    """Whom to write to, and about what."""

    name: Text | None = Field(default=None, description="Name of the person.")
    email: MailAddress = Field(description="Mail address.")
    topics: tuple[Topic, ...] = Field(
        default=("Billing", "Technical", "Legal"),
        min_length=1,
        max_length=3,
        description="What this contact is told about.",
        json_schema_extra=LIST_SET,
    )


class TenantBilling(Model):
    """Billing terms of this tenant, before those of the business unit."""

    timing: Timing | None = Field(default=None, description="Advance or Arrears.")
    closing_day: MonthDay | None = Field(default=None, description="Day periods close.")
    due_day: MonthDay | None = Field(default=None, description="Day charges are due.")


class TenantSpec(Model):
    """A customer who holds contracts."""

    number: Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9._-]+$")] = (
        Field(
            description="Customer number: unique and for ever, whatever the object is called.",
            json_schema_extra=immutable(),
        )
    )
    display_name: Text = Field(description="Name as printed.")
    business_unit_ref: Ref = Field(description="The unit that this customer belongs to.")
    contacts: tuple[Contact, ...] = Field(
        default=(), max_length=32, description="Whom to write to.", json_schema_extra=LIST_ATOMIC
    )
    billing: TenantBilling = TenantBilling()
    rules: ClassVar[tuple[Rule, ...]] = ()


class Tenant(Resource):
    """A customer."""

    plural = "tenants"
    columns = (
        Column("Number", ".spec.number"),
        Column("Customer", ".spec.displayName"),
        Column("Unit", ".spec.businessUnitRef.name"),
    )
    selectable = (".spec.number",)
    spec: TenantSpec
