"""What is asked for once: Operation. It lives in a cluster, never in files."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from ispalier.api.base import Column, CustomerNumber, Model, Resource, Rule, Status, Text
from ispalier.api.conditions import OF_ACTS

KindName = Annotated[str, Field(min_length=1, max_length=63, pattern=r"^[A-Za-z]+$")]
ObjectName = Annotated[str, Field(min_length=1, max_length=253, pattern=r"^[a-z0-9.-]+$")]


class Approve(Model):
    """Let exactly what a brake holds back under this digest be done."""

    digest: Annotated[str, Field(max_length=64, pattern=r"^[0-9a-f]{8,64}$")] = Field(
        description="As `ispalier pending` says it, such as `0f3a9c51d2e4`."
    )


class Purge(Model):
    """Delete for ever what a resource held that is switched off, once its legal minimum is over."""

    customer: CustomerNumber = Field(description="Customer number: `10042`.")
    kind: KindName = Field(description="Kind of the resource: `Mailbox`.")
    name: ObjectName = Field(description="Name of the resource: `joao`.")


class Release(Model):
    """End what one source holds of a subject."""

    customer: CustomerNumber = Field(description="Customer number: `10042`.")
    kind: Literal["Tenant", "Subscription", "Login", "Mailbox"] = Field(
        description="Kind of the subject."
    )
    name: ObjectName = Field(description="Name of the subject: `joao`.")
    source: Annotated[str, Field(min_length=1, max_length=40)] = Field(
        default="manual", description="Whose holds: each source ends only its own."
    )


class Restore(Model):
    """Serve what is gone as it was last declared, until it is declared again or the time is over."""

    customer: CustomerNumber = Field(description="Customer number: `10042`.")
    kind: KindName | None = Field(
        default=None,
        description="Kind of the resource: `Mailbox`; without one everything of the customer.",
    )
    name: ObjectName | None = Field(default=None, description="Name of the resource: `joao`.")
    hours: int = Field(default=24, ge=1, le=720, description="Hours for which it is served.")
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "has(self.kind) == has(self.name)",
            "kind and name go together: set both for one resource, none for all of the customer",
        ),
    )


class OperationSpec(Model):
    """One act, who asks for it, and why."""

    requested_by: Text = Field(
        description="User name of who asks, and makes this object: `ana@example.org`."
    )
    why: Text = Field(description="Why: `moved away`; kept in the journal for ever.")
    approve: Approve | None = Field(default=None, description="Let what a brake holds back go.")
    release: Release | None = Field(default=None, description="End holds of one subject.")
    purge: Purge | None = Field(default=None, description="End the retention of one resource now.")
    restore: Restore | None = Field(default=None, description="Serve what is gone, for some hours.")
    rules: ClassVar[tuple[Rule, ...]] = (
        Rule(
            "[has(self.approve), has(self.release), has(self.purge), has(self.restore)]"
            ".filter(x, x).size() == 1",
            "exactly one of approve, release, purge and restore must be set: keep one of them",
        ),
        Rule("self == oldSelf", "is immutable: make a new Operation instead"),
    )

    @property
    def act(self) -> Approve | Release | Purge | Restore:
        """The one act that is set."""
        found = self.approve or self.release or self.purge or self.restore
        assert found is not None  # noqa: S101 - the rule above
        return found


class OperationStatus(Status):
    """What came of it."""

    result: Annotated[str, Field(max_length=1024)] | None = Field(
        default=None, description="What was done, in one line."
    )
    done_at: Annotated[str, Field(max_length=32)] | None = Field(
        default=None, description="When, as RFC 3339 has it."
    )


class Operation(Resource):
    """An act: carried out once, whatever becomes of this object."""

    plural = "operations"
    short_names = ("op",)
    common = OF_ACTS
    columns = (
        Column("Requested by", ".spec.requestedBy"),
        Column("Result", ".status.result"),
    )
    spec: OperationSpec
    status: OperationStatus = OperationStatus()
