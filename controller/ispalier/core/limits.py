"""Limits: how much may be done within a window before a person is asked, and by which causes."""

from dataclasses import dataclass
from datetime import timedelta

CONTRACT = "Subscription"
"""The kind whose number is that of all services."""
INTERRUPTIONS = "interruptions"
REVENUE = "recurring revenue"
REMOVALS_OF = "removals of "
"""Causes; the last with the kind."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be done within a window; each is a share of all, but always so many."""

    percent: float = 10
    always: int = 10
    """Removals of a kind. So many contracts may also owe another sum per month."""
    interrupted_percent: float = 1
    interrupted_always: int = 50
    """Services that are interrupted or worse."""
    revenue_percent: float = 1
    """What all contracts together owe per month."""
    window: timedelta = timedelta(hours=1)

    def removed(self, count: int, of: int) -> bool:
        """Whether these are too many removals of a kind."""
        return count > self.always and count * 100 > self.percent * of

    def interrupted(self, count: int, of: int) -> bool:
        """Whether these are too many interrupted services."""
        return count > self.interrupted_always and count * 100 > self.interrupted_percent * of

    def shifted(self, amount: int, of: int, contracts: int) -> bool:
        """Whether this is too much revenue, of more than some contracts."""
        return contracts > self.always and amount * 100 > self.revenue_percent * of

    def told(self, cause: str) -> str:
        """What a cause means, for the resource that it holds back."""
        minutes = f"{self.window.total_seconds() / 60:g} min"
        match cause:
            case "interruptions":
                what = (
                    f"would interrupt more than {self.interrupted_always} services and"
                    f" {self.interrupted_percent:g} % of all"
                )
            case "recurring revenue":
                what = (
                    f"would change what more than {self.always} contracts owe, by more than"
                    f" {self.revenue_percent:g} % of all recurring revenue"
                )
            case _:
                kind = cause.removeprefix(REMOVALS_OF)
                what = f"would remove more than {self.always} and {self.percent:g} % of all {kind}"
        return (
            f"a brake holds it back: with what else is done within {minutes} it {what}:"
            " see `ispalier pending`, and `ispalier approve` if it is meant"
        )
