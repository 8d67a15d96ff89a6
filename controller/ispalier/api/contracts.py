"""What was agreed: Subscription."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ispalier.api.base import (
    Amount,
    Column,
    LocalDate,
    Model,
    Ref,
    Resource,
    Rule,
    Status,
    Text,
    list_map,
)
from ispalier.api.catalogue import Cycle

Reason = Annotated[
    str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9]([A-Za-z0-9 ._-]*[A-Za-z0-9])?$")
]


class Term(Model):
    """What holds from a day on, until the next term."""

    from_: LocalDate = Field(alias="from", description="First day of this term.")
    plan_ref: Ref = Field(description="The plan held.")
    quantity: int = Field(default=1, ge=1, le=100000, description="How many of it.")
    cycle: Cycle | None = Field(
        default=None, description="Billing cycle; default the plan's first."
    )
    price: Amount | None = Field(
        default=None, description="Agreed price for one unit and cycle instead of the plan's."
    )


class Suspension(Model):
    """A stretch of days in which service is refused."""

    reason: Reason = Field(description="Why, in a few words: `Unpaid`.")
    since: LocalDate = Field(description="First day of the suspension.")
    until: LocalDate | None = Field(
        default=None, description="First day of service again; today's date ends it at once."
    )
    billing: Literal["Stop", "Continue"] = Field(
        default="Stop", description="Whether these days are charged."
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!has(self.until) || self.until >= self.since",
            "until must not be before since: correct one of the two",
        ),
    )


class BillingHold(Model):
    """A stretch of days that is not charged while service goes on."""

    reason: Reason = Field(description="Why, in a few words.")
    since: LocalDate = Field(description="First day not charged.")
    until: LocalDate | None = Field(default=None, description="First day charged again.")
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!has(self.until) || self.until >= self.since",
            "until must not be before since: correct one of the two",
        ),
    )


class SubscriptionBilling(Model):
    """Billing terms of this subscription."""

    hold: tuple[BillingHold, ...] = Field(
        default=(),
        max_length=64,
        description="Days that are not charged.",
        json_schema_extra=list_map("reason", "since"),
    )
    anchor_date: LocalDate | None = Field(
        default=None, description="A day on which a period begins; before the tenant's closing day."
    )
    billed_through: LocalDate | None = Field(
        default=None, description="First day that this ledger charges, for contracts taken over."
    )


class End(Model):
    """The way to end a contract."""

    date: LocalDate = Field(description="First day without service.")
    reason: Text = Field(description="Why.")


class SubscriptionSpec(Model):
    """A contract: which plan from which day on, and what interrupts it."""

    tenant_ref: Ref | None = Field(
        default=None, description="The customer; default the namespace's only Tenant."
    )
    terms: tuple[Term, ...] = Field(
        min_length=1,
        max_length=128,
        description="The history of the contract; a plan change is one more term.",
        json_schema_extra=list_map("from"),
    )
    access_point_ref: Ref | None = Field(default=None, description="Where the line ends.")
    suspensions: tuple[Suspension, ...] = Field(
        default=(),
        max_length=64,
        description="Days on which logins, IMAP and submission are refused.",
        json_schema_extra=list_map("reason", "since"),
    )
    billing: SubscriptionBilling = SubscriptionBilling()
    end: End | None = Field(default=None, description="End of the contract.")
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!has(self.end) || self.terms.all(t, t.from <= self.end.date)",
            "no term may begin after spec.end.date: remove the term or the end",
        ),
    )


class SubscriptionStatus(Status):
    """What is in force."""

    plan: Annotated[str, Field(max_length=63)] | None = Field(
        default=None, description="The plan in force today."
    )
    next_change: LocalDate | None = Field(
        default=None, description="The next day on which something declared changes."
    )
    suspended: Annotated[str, Field(max_length=200)] | None = Field(
        default=None, description="Why service is refused today."
    )


class Subscription(Resource):
    """A contract."""

    plural = "subscriptions"
    short_names = ("sub", "subs")
    columns = (
        Column("Plan", ".status.plan"),
        Column("Suspended", ".status.suspended"),
        Column("Next change", ".status.nextChange"),
    )
    spec: SubscriptionSpec
    status: SubscriptionStatus = SubscriptionStatus()
