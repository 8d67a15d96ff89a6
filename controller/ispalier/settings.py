"""Settings: the only reader of the environment; every one is `ISPALIER_` and its name."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, field_validator
from pydantic_core import from_json

from ispalier.api.base import Resource
from ispalier.core.limits import Limits
from ispalier.core.retention import Retention
from ispalier.environment import CACHE_FOLDER, SECRETS_FOLDER, named, variables


class Settings(BaseModel):
    """How this controller runs, as the environment says if nobody else does. Frozen once read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def __init__(self, **given: object) -> None:
        ours = {name.lower(): value for name, value in named().items()}
        super().__init__(**{**variables(), **ours, **given})  # others have names of their own

    journal_url: str = Field(
        default="sqlite:///ispalier.db",
        description="SQLAlchemy URL of the journal: sqlite:///FILE or postgresql://…",
    )
    key_file: Path = Field(
        default=Path("ispalier.key"), description="The installation's key, a file of mode 0600."
    )
    secrets_folder: Path = Field(
        default=SECRETS_FOLDER, description="Without a cluster: NAMESPACE/NAME/KEY, mode 0600."
    )
    namespace: str = Field(
        default="ispalier", description="The controller's namespace: secrets of provider kinds."
    )
    secret_namespaces: tuple[str, ...] = Field(
        default=(),
        description="Namespaces whose Secrets may be read and written, beside the controller's,"
        " with commas between; none means all.",
    )
    listen: str = Field(
        default="127.0.0.1:8080", description="Address of /healthz, /readyz and /metrics."
    )
    workers: int = Field(default=8, ge=1, le=256, description="Units reconciled side by side.")
    sweep_interval: float = Field(
        default=300, gt=0, description="Seconds between full comparisons with the back ends."
    )
    list_interval: float = Field(
        default=300, gt=0, description="Seconds between full listings of every kind."
    )
    source_interval: float = Field(
        default=30, gt=0, description="Seconds between looks for a new revision of files."
    )
    cache_folder: Path = Field(
        default=CACHE_FOLDER, description="Where copies of git repositories are kept."
    )
    backend_timeout: float = Field(
        default=10, gt=0, description="Seconds that one call of a back end may take."
    )
    probe_interval: float = Field(
        default=60, gt=0, description="Seconds until a customer's services are asked again."
    )
    probe_rate: float = Field(
        default=5, gt=0, description="Questions a second to the service of one host."
    )
    probe_failures: int = Field(
        default=3, ge=1, description="Failures in a row after which a service is said to fail."
    )
    lease: float = Field(
        default=15, ge=1, description="Seconds after which another replica replaces a killed one."
    )
    retire_after: float = Field(
        default=600, ge=0, description="Seconds that something gone is waited for."
    )
    retire_tenant_after: float = Field(
        default=86400, ge=0, description="The same if the whole Tenant is gone."
    )
    keep_days: float = Field(
        default=30, ge=0, description="Days that what was retired is kept before it is purged."
    )
    keep_address_days: float = Field(
        default=7, ge=0, description="Days of quarantine of an IP address."
    )
    keep_minimum_days: Mapping[str, Annotated[float, Field(ge=0)]] = Field(
        default_factory=dict,
        description="Days that what was retired is kept at least, by kind, whatever a resource or"
        ' `ispalier purge` says: JSON, such as {"Mailbox": 10, "IPClaim": 180}.',
    )
    keep_history_days: float = Field(
        default=400, gt=0, description="Days that the history of changes is kept."
    )
    brake_percent: float = Field(
        default=10, ge=0, le=100, description="Share of a kind that may be removed in a window."
    )
    brake_minimum: int = Field(
        default=10, ge=0, description="Removals of a kind that may always be made in a window."
    )
    brake_interrupt_percent: float = Field(
        default=1, ge=0, le=100, description="Share of all services that may be interrupted."
    )
    brake_interrupt_minimum: int = Field(
        default=50, ge=0, description="Services that may always be interrupted in a window."
    )
    brake_revenue_percent: float = Field(
        default=1, ge=0, le=100, description="Share of all recurring revenue that may change."
    )
    brake_window: float = Field(
        default=3600, gt=0, description="Seconds over which brakes add up what was done."
    )

    traces_endpoint: str = Field(
        default="",
        validation_alias=AliasChoices(
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"
        ),
        description="Who collects traces (OTLP/HTTP); needs ispalier[traces].",
    )

    @field_validator("secret_namespaces", mode="before")
    @classmethod
    def _are_names(cls, value: object) -> object:
        return (
            tuple(filter(None, value.replace(" ", "").split(",")))
            if isinstance(value, str)
            else value
        )

    @field_validator("keep_minimum_days", mode="before")
    @classmethod
    def _is_json(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return from_json(value)
        except ValueError as error:
            raise ValueError('it is no JSON: write it like {"Mailbox": 10}') from error

    @field_validator("keep_minimum_days")
    @classmethod
    def _are_kinds(cls, value: Mapping[str, float]) -> Mapping[str, float]:
        unknown = value.keys() - {each.__name__ for each in _kinds()} if value else set()
        if unknown:
            message = f"no kind is called {', '.join(sorted(unknown))}: write it like Mailbox"
            raise ValueError(message)
        return value

    @property
    def retention(self) -> Retention:
        """Hold times and retention."""
        return Retention(
            retire_after=timedelta(seconds=self.retire_after),
            retire_tenant_after=timedelta(seconds=self.retire_tenant_after),
            keep=timedelta(days=self.keep_days),
            keep_kind={"IPClaim": timedelta(days=self.keep_address_days)},
            history=timedelta(days=self.keep_history_days),
            minimum={kind: timedelta(days=each) for kind, each in self._minimum.items()},
        )

    @property
    def quarantine(self) -> Mapping[str, timedelta]:
        """How long a value that an edit gave up is held back, by the kind of its claim."""
        return {"IP address": self.retention.of("IPClaim")}

    @property
    def _minimum(self) -> Mapping[str, float]:
        """By kind; what is a part of something is kept as long as that must be."""
        days = self.keep_minimum_days
        if not days:
            return {}
        return {
            each.__name__: max(days.get(each.__name__, 0), days.get(each.kept_with, 0))
            for each in _kinds()
        }

    @property
    def limits(self) -> Limits:
        """What may be done within a window before a person is asked."""
        return Limits(
            percent=self.brake_percent,
            always=self.brake_minimum,
            interrupted_percent=self.brake_interrupt_percent,
            interrupted_always=self.brake_interrupt_minimum,
            revenue_percent=self.brake_revenue_percent,
            window=timedelta(seconds=self.brake_window),
        )


def _kinds() -> Sequence[type[Resource]]:
    from ispalier.api.kinds import KINDS  # noqa: PLC0415 - few set a minimum, and all kinds take a while

    return KINDS
