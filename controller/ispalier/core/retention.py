"""Retention: how long what is gone is waited for, and how long what was switched off is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

AT_ONCE = timedelta()


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what is gone is waited for, and how long what was retired is kept."""

    retire_after: timedelta = timedelta(minutes=10)
    retire_tenant_after: timedelta = timedelta(hours=24)
    keep: timedelta = timedelta(days=30)
    keep_kind: Mapping[str, timedelta] = field(default_factory=dict)
    history: timedelta = timedelta(days=400)
    """How long the history is kept."""
    minimum: Mapping[str, timedelta] = field(default_factory=dict)
    """By kind, how long it must be kept, whatever a resource or a person says."""

    def hold(self, *, tenant_is_gone: bool) -> timedelta:
        """How long a unit's absent owners are waited for: with a whole tenant longer."""
        return self.retire_tenant_after if tenant_is_gone else self.retire_after

    def of(self, kind: str, own_days: int | None = None, *, purge: str = "") -> timedelta:
        """How long what a resource of this kind held is kept after it was retired.

        It may have declared its `own_days`; who wants to `purge` it waits for the minimum alone.
        """
        minimum = self.minimum.get(kind, AT_ONCE)
        if purge:
            return minimum
        own = self.keep_kind.get(kind, self.keep) if own_days is None else timedelta(days=own_days)
        return max(own, minimum)
