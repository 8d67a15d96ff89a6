"""What was agreed: Subscription, Transfer."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ispalier.api.base import (
    LIST_ATOMIC,
    Amount,
    Column,
    CustomerNumber,
    LocalDate,
    Model,
    Name,
    Notes,
    NotYet,
    Percent,
    PostalAddress,
    Ref,
    Resource,
    Rule,
    Status,
    Text,
    list_map,
)
from ispalier.api.catalogue import Cycle, SetupFee, TerminationFee
from ispalier.api.conditions import BY_ROOM, RESTRICTED, TERMS_SOLD

_RATING = NotYet("charges do not know it yet")
_LETTERS = NotYet("no document is made and no payment collected yet")

Reason = Annotated[
    str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9]([A-Za-z0-9 ._-]*[A-Za-z0-9])?$")
]


class Term(Model):
    """What holds from a day on, until the next term."""

    from_: LocalDate = Field(alias="from", description="First day on which it holds: `2026-11-21`.")
    plan_ref: Ref = Field(description="The plan held.")
    quantity: int = Field(default=1, ge=1, le=100000, description="How many of it.")
    cycle: Cycle | None = Field(
        default=None,
        description="How long is paid for at a time: `P1M` a month, `P3M` three, `P6M` six, `P1Y` a"
        " year; default the plan's first.",
    )
    price: Amount | None = Field(
        default=None,
        description="Agreed price for one unit and cycle instead of the plan's, as text: `79.90`.",
    )
    trial_days: Annotated[Annotated[int, Field(ge=0, le=366)] | None, _RATING] = Field(
        default=None, description="Days free of charge at its beginning: `10`; default the plan's."
    )


class Suspension(Model):
    """A stretch of days in which service is refused."""

    reason: Reason = Field(description="Why, in a few words: `Unpaid`.")
    effect: Literal["Refuse", "WalledGarden", "Throttle", "NoSubmission"] = Field(
        default="Refuse",
        description="What is taken: Refuse lets nobody log in, WalledGarden leads the line to a"
        " page of yours, Throttle slows it, NoSubmission lets no mail be sent.",
    )
    since: LocalDate = Field(description="First day of the suspension: `2027-01-20`.")
    until: LocalDate | None = Field(
        default=None,
        description="First day of service again: `2027-01-25`; today's date ends it at once.",
    )
    billing: Literal["Stop", "Continue"] = Field(
        default="Stop", description="Stop charges nothing for these days, Continue charges them."
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!has(self.until) || self.until >= self.since",
            "until must not be before since: correct one of the two",
        ),
    )


class Discount(Model):
    """Less for a time."""

    reason: Reason = Field(description="Why, in a few words: `loyal`.")
    percent: Percent | None = Field(
        default=None, description='Percent of the price, as text: "50".'
    )
    amount: Amount | None = Field(
        default=None, description='Off the price of each cycle, as text: "25.00".'
    )
    since: LocalDate = Field(description="First day of it: `2026-12-01`.")
    until: LocalDate | None = Field(default=None, description="First day without it: `2027-06-01`.")
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "has(self.percent) != has(self.amount)",
            "exactly one of percent and amount must be set: keep one of them",
        ),
        Rule(
            "!has(self.until) || self.until >= self.since",
            "until must not be before since: correct one of the two",
        ),
    )


class BillingHold(Model):
    """A stretch of days that is not charged while service goes on."""

    reason: Reason = Field(description="Why, in a few words: `Storm damage`.")
    since: LocalDate = Field(description="First day not charged: `2027-02-01`.")
    until: LocalDate | None = Field(
        default=None, description="First day charged again: `2027-02-08`."
    )
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
        default=None,
        description="A day on which a billing period of this contract begins: `2026-11-15`; goes"
        " before the tenant's closing day.",
    )
    payment_method_ref: Annotated[Ref | None, _LETTERS] = Field(
        default=None, description="PaymentMethod instead of the tenant's."
    )
    auto_renew: Annotated[bool, _LETTERS] = Field(
        default=True,
        description="Whether it goes on at the end of a period by itself; a wallet must cover it.",
    )
    billed_through: LocalDate | None = Field(
        default=None,
        description="First day that this ledger charges: `2026-12-01`; for contracts taken over.",
    )


class End(Model):
    """The way to end a contract."""

    date: LocalDate = Field(description="First day without service: `2027-06-01`.")
    reason: Text = Field(
        description="Why it ends: `Moved`; one of the unit's endReasons, if it has any."
    )


class Paper(Model):
    """The contract on paper: what was agreed otherwise than the plan has it."""

    number: (
        Annotated[str, Field(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9._/-]+$")] | None
    ) = Field(default=None, description="Number of its own: `2019/1187`; for contracts taken over.")
    sold_on: LocalDate | None = Field(default=None, description="Day of the sale: `2026-11-12`.")
    sold_by: Text | None = Field(default=None, description="Who sold it: `Carla`.")
    activate_on: LocalDate | None = Field(
        default=None, description="Day of the installation: `2026-11-21`."
    )
    months: Annotated[int, Field(ge=0, le=120)] | None = Field(
        default=None, description="Minimum term, months: `12`; default the plan's."
    )
    termination_fee: TerminationFee | None = Field(
        default=None, description="What ending earlier costs; default the plan's."
    )
    template: Annotated[str, Field(max_length=253, pattern=r"^[A-Za-z0-9._/-]+$")] | None = Field(
        default=None,
        description="Template that it is printed from: `contracts/fibre.j2`; default the plan's.",
    )


class Device(Model):
    """A thing of ours at the customer's."""

    serial: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9-]+$")] = Field(
        description="Serial number: `HWTC1A2B3C4D`."
    )
    type: Text = Field(description="What it is: `ONT HG8145`.")
    is_sold: bool = Field(
        default=False, description="Whether it is the customer's own now.", alias="sold"
    )


class SubscriptionSpec(Model):
    """A contract: which plan from which day on, and what interrupts it."""

    tenant_ref: Ref | None = Field(
        default=None, description="The customer; default the namespace's only Tenant."
    )
    parent_ref: Ref | None = Field(
        default=None,
        description="The contract on top of which this one is sold; for plans with `addOn`.",
    )
    domain_ref: Ref | None = Field(
        default=None, description="The Domain that it is for, where plans are sold by domain."
    )
    payer_ref: Annotated[Ref | None, _LETTERS] = Field(
        default=None, description="Tenant of this namespace that pays; default the tenant's."
    )
    deployment: Literal["Approved", "Requested"] = Field(
        default="Approved",
        description="Requested is an order: nothing of it is served before it is Approved.",
    )
    terms: tuple[Term, ...] = Field(
        min_length=1,
        max_length=128,
        description="Which plan from which day on, the whole history of the contract; another plan"
        " is one more entry.",
        json_schema_extra=list_map("from"),
    )
    access_point_ref: Ref | None = Field(default=None, description="Where the line ends.")
    address: PostalAddress | None = Field(
        default=None, description="Where it is served; default the customer's own."
    )
    devices: tuple[Device, ...] = Field(
        default=(),
        max_length=64,
        description="Things of ours at the customer's.",
        json_schema_extra=list_map("serial"),
    )
    discounts: Annotated[tuple[Discount, ...], _RATING] = Field(
        default=(),
        max_length=64,
        description="Less for a time.",
        json_schema_extra=list_map("reason", "since"),
    )
    setup_fee: Annotated[SetupFee | None, _RATING] = Field(
        default=None, description="What is charged once, instead of the plan's."
    )
    contract: Annotated[Paper | None, _LETTERS] = Field(
        default=None, description="The contract on paper."
    )
    suspensions: tuple[Suspension, ...] = Field(
        default=(),
        max_length=64,
        description="Days on which service is taken away, and why.",
        json_schema_extra=list_map("reason", "since"),
    )
    billing: SubscriptionBilling = SubscriptionBilling()
    end: End | None = Field(
        default=None, description="End of the contract; it never comes back once that day is past."
    )
    message: Annotated[Text | None, NotYet("there is no portal yet")] = Field(
        default=None, description="What the customer is told in the portal."
    )
    notes: Notes | None = Field(default=None, description="For colleagues.")
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!has(self.end) || self.terms.all(t, t.from <= self.end.date)",
            "no term may begin after spec.end.date: remove the term or the end",
        ),
    )


State = Literal["Ordered", "Confirmed", "Provisioning", "Active", "Suspended", "Ending", "Ended"]


class CurrentPrice(Model):
    """What a contract costs for each cycle today."""

    amount: Amount = Field(
        description='All its units for one cycle, before discounts and taxes, as text: "99.90".'
    )
    currency: Annotated[str, Field(max_length=3, pattern=r"^[A-Z]{3}$")] = Field(
        description="ISO 4217 code: `BRL`."
    )
    cycle: Cycle = Field(description="The billing cycle: `P1M`.")


class SubscriptionStatus(Status):
    """What is in force."""

    state: State | None = Field(
        default=None,
        description="Ordered until it is approved, Confirmed until it begins, Provisioning until"
        " all of it was served, then Active; Suspended, Ending and Ended as declared.",
    )
    plan: Annotated[str, Field(max_length=63)] | None = Field(
        default=None, description="The plan in force today."
    )
    price: CurrentPrice | None = Field(
        default=None, description="What it costs for each cycle today."
    )
    addresses: tuple[Annotated[str, Field(max_length=45)], ...] | None = Field(
        default=None,
        max_length=16,
        description="The IP addresses that it has, the first 16.",
        json_schema_extra=LIST_ATOMIC,
    )
    next_change: LocalDate | None = Field(
        default=None, description="The next day on which something declared changes."
    )
    suspended: Annotated[str, Field(max_length=200)] | None = Field(
        default=None, description="Why service is refused today."
    )


class Subscription(Resource):
    """A contract: which plan a customer holds from which day on."""

    plural = "subscriptions"
    short_names = ("sub", "subs")
    columns = (
        Column("State", ".status.state"),
        Column("Plan", ".status.plan"),
        Column("IP address", ".status.addresses[0]"),
        Column("Price", ".status.price.amount"),
        Column("Ends", ".spec.end.date"),
        Column("Suspended", ".status.suspended"),
        Column("Next change", ".status.nextChange"),
        Column("Began", ".spec.terms[0].from", priority=1),
        Column("Currency", ".status.price.currency", priority=1),
        Column("Cycle", ".status.price.cycle", priority=1),
        Column("Pays by", ".spec.billing.paymentMethodRef.name", priority=1),
        Column("Sold by", ".spec.contract.soldBy", priority=1),
        Column("Notes", ".spec.notes", priority=1),
    )
    told = (RESTRICTED, TERMS_SOLD, *BY_ROOM)
    spec: SubscriptionSpec
    status: SubscriptionStatus = SubscriptionStatus()
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "!has(oldSelf.status) || !has(oldSelf.status.state) || oldSelf.status.state != 'Ended'"
            " || !has(oldSelf.spec.end) || (has(self.spec.end)"
            " && self.spec.end.date == oldSelf.spec.end.date)",
            "a contract that has ended never comes back: put spec.end back, and make a new"
            " Subscription",
        ),
    )


class Subject(Model):
    """What goes over to another customer."""

    kind: Literal["Subscription", "Mailbox", "Domain"] = Field(description="What it is.")
    name: Name = Field(description="Name of the resource in this namespace: `home`.")


class TransferSpec(Model):
    """Something of this customer goes over to another one on a day, with all its data."""

    subjects: tuple[Subject, ...] = Field(
        min_length=1,
        max_length=64,
        description="What goes over; a contract takes its services along.",
        json_schema_extra=list_map("kind", "name"),
    )
    to_number: CustomerNumber = Field(description="Customer number of who gets it: `10043`.")
    date: LocalDate = Field(description="First day on which it is the other one's: `2027-02-01`.")
    reason: Text = Field(description="Why: `Company sold`.")
    accepted_by: Text | None = Field(
        default=None, description="Who agreed for the other side: `Tiago Monteiro, 2027-01-15`."
    )
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "self == oldSelf || !has(oldSelf.acceptedBy)",
            "is immutable once it is accepted: make a new Transfer instead",
        ),
    )


class Transfer(Resource):
    """Something goes over to another customer."""

    plural = "transfers"
    not_yet = NotYet("nothing goes over by itself yet")
    columns = (
        Column("To", ".spec.toNumber"),
        Column("On", ".spec.date"),
        Column("What", ".spec.subjects[*].name"),
    )
    spec: TransferSpec
