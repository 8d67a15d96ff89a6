"""Who buys: Tenant, PaymentMethod."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ispalier.api.base import (
    LIST_ATOMIC,
    LIST_SET,
    Column,
    CustomerNumber,
    Freeze,
    Language,
    LocalDate,
    MailAddress,
    Model,
    Name,
    Notes,
    NotYet,
    Phone,
    PostalAddress,
    Prefix,
    Ref,
    Resource,
    Rule,
    SecretRef,
    Text,
    immutable,
    list_map,
)
from ispalier.api.conditions import BY_ROOM, RESTRICTED
from ispalier.api.currencies import Currency
from ispalier.api.units import MonthDay, Timing

Topic = Literal["Billing", "Orders", "Technical", "Workflow", "Marketing", "Legal"]

_LETTERS = NotYet("no notice or document is sent yet")
_PORTAL = NotYet("there is no portal yet")


class Contact(Model):
    """Whom to write to, and about what."""

    name: Text | None = Field(default=None, description="Name of the person: `Maria Silva`.")
    email: MailAddress = Field(description="Mail address: `maria@example.org`.")
    phone: Phone | None = Field(default=None, description="Phone number: `+5543991234567`.")
    topics: tuple[Topic, ...] = Field(
        default=("Billing", "Technical", "Legal"),
        min_length=1,
        max_length=6,
        description="What this contact is written to about: Billing (bills and reminders), Orders,"
        " Technical (faults and works), Workflow (what an order waits for), Marketing, Legal"
        " (changes of contracts).",
        json_schema_extra=LIST_SET,
    )


class Profile(Model):
    """Who the customer is before the law: what only support may change."""

    type: Literal["Person", "Company", "PublicBody"] = Field(
        default="Person", description="What kind of customer it is."
    )
    legal_name: Text | None = Field(
        default=None, description="Name on documents: `Silva Informática Ltda`."
    )
    tax_number: (
        Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Z0-9./ -]+$")] | None
    ) = Field(default=None, description="Tax number: `529.982.247-25`, `PL1234563218`.")
    email: MailAddress | None = Field(
        default=None, description="Main mail address: `joao@example.org`."
    )
    phone: Phone | None = Field(default=None, description="Main number: `+5543991234567`.")
    address: PostalAddress | None = Field(default=None, description="Where invoices go.")


class Security(Model):
    """How the customer is recognised."""

    code_word_ref: SecretRef | None = Field(
        default=None, description="Secret with the word that is asked for on the phone."
    )
    allowed_prefixes: tuple[Prefix, ...] = Field(
        default=(),
        max_length=64,
        description="Networks from which the portal may be entered: `[192.0.2.0/24]`.",
        json_schema_extra=LIST_SET,
    )


class CustomValue(Model):
    """A field that the business unit has added."""

    name: Name = Field(description="Name as in `BusinessUnit.spec.customFields[].name`.")
    value: Text = Field(description="Its value, as text.")


class TenantBilling(Model):
    """Billing terms of this tenant, before those of the business unit."""

    timing: Timing | None = Field(
        default=None,
        description="When a period is charged: Advance at its start, Arrears once it is over; default"
        " the unit's.",
    )
    closing_day: MonthDay | None = Field(
        default=None,
        description="Day of the month on which one billing period ends and the next begins: `1` makes"
        " calendar months; default the unit's. It is the first day of the next one.",
    )
    due_day: MonthDay | None = Field(
        default=None,
        description="Day of the month on which charges are due: `10`; default the unit's.",
    )
    payment_method_ref: Annotated[Ref | None, _LETTERS] = Field(
        default=None, description="PaymentMethod of its contracts."
    )


class TenantSpec(Model):
    """A customer who holds contracts."""

    number: CustomerNumber = Field(
        description="Customer number: `10042`; unique and for ever, whatever the object is called.",
        json_schema_extra=immutable(),
    )
    display_name: Text = Field(description="Name as printed: `João Silva`.")
    business_unit_ref: Ref = Field(description="The unit that this customer belongs to.")
    partner_ref: Annotated[Ref | None, NotYet("no commission is computed yet")] = Field(
        default=None, description="The Partner who looks after it: `norte`."
    )
    payer_ref: Annotated[Ref | None, _LETTERS] = Field(
        default=None, description="Tenant of this namespace that pays; default itself."
    )
    profile: Profile | None = Field(
        default=None,
        description="Who it is before the law, written here for all who read this file.",
    )
    profile_secret_ref: SecretRef | None = Field(
        default=None,
        description="The same fields as `profile`, and `contacts`, as YAML in a Secret, which can be"
        " encrypted for each customer, and forgotten.",
    )
    contacts: Annotated[tuple[Contact, ...], _LETTERS] = Field(
        default=(), max_length=32, description="Whom to write to.", json_schema_extra=LIST_ATOMIC
    )
    language: Annotated[Language | None, _LETTERS] = Field(
        default=None, description="Language of what is written to it: `pt-BR`."
    )
    currency: Annotated[Currency | None, NotYet("charges do not know it yet")] = Field(
        default=None, description="Currency instead of the unit's, by its code of ISO 4217: `USD`."
    )
    security: Annotated[Security | None, _PORTAL] = Field(
        default=None, description="How the customer is recognised."
    )
    custom: tuple[CustomValue, ...] = Field(
        default=(),
        max_length=32,
        description="Fields that its business unit has added.",
        json_schema_extra=list_map("name"),
    )
    billing: TenantBilling = TenantBilling()
    freeze: Annotated[Freeze | None, NotYet("changes are not held back by it yet")] = Field(
        default=None, description="A time in which nothing of it is changed."
    )
    notes: Notes | None = Field(default=None, description="For colleagues.")
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!has(self.profile) || !has(self.profileSecretRef)",
            "profile and profileSecretRef say the same: keep one of them",
        ),
    )


class Tenant(Resource):
    """A customer."""

    plural = "tenants"
    columns = (
        Column("Number", ".spec.number"),
        Column("Customer", ".spec.displayName"),
        Column("Unit", ".spec.businessUnitRef.name"),
        Column("Partner", ".spec.partnerRef.name", priority=1),
    )
    selectable = (".spec.number", ".spec.partnerRef.name")
    told = (RESTRICTED, *BY_ROOM)
    spec: TenantSpec


class Mandate(Model):
    """What lets us collect the money."""

    number: Annotated[
        str, Field(min_length=1, max_length=35, pattern=r"^[A-Za-z0-9+?/:().,' -]+$")
    ] = Field(description="Reference of the mandate: `SILVA-2026-1`.")
    signed_on: LocalDate = Field(description="Day on which it was signed: `2026-11-20`.")


class PaymentMethodSpec(Model):
    """How a customer pays."""

    tenant_ref: Ref | None = Field(
        default=None, description="The customer; default the namespace's only Tenant."
    )
    type: Literal["Transfer", "DirectDebit", "Card", "PaymentSlip", "Cash", "Wallet"] = Field(
        description="How the money comes."
    )
    display_name: Text | None = Field(
        default=None, description="Name as printed: `Banco do Brasil, conta 1234`."
    )
    account_secret_ref: SecretRef | None = Field(
        default=None, description="Secret with the account number or the token of the card."
    )
    mandate: Mandate | None = Field(default=None, description="For type DirectDebit.")
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "(self.type == 'DirectDebit') == has(self.mandate)",
            "type DirectDebit needs a mandate, and no other has one: correct one of the two",
        ),
    )


class PaymentMethod(Resource):
    """How a customer pays."""

    plural = "paymentmethods"
    short_names = ("pay",)
    not_yet = NotYet("no payment is collected yet")
    columns = (Column("Type", ".spec.type"), Column("What", ".spec.displayName"))
    spec: PaymentMethodSpec
