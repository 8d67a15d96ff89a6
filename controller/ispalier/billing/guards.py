"""What a billing run may do: the guards before anything is posted (R6)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from ispalier.api.units import BusinessUnit
from ispalier.billing.inputs import KINDS
from ispalier.billing.tariffs import FIRST_YEAR, LAST_YEAR, is_possible
from ispalier.world.days import local_day
from ispalier.world.errors import Invalid, Unsafe
from ispalier.world.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Request:
    """What to bill: as of which day, which unit (without a name all), and what is allowed."""

    as_of: date
    now: datetime
    unit: str = ""
    first_run: bool = False
    allow_future: bool = False

    def concerns(self, unit: str) -> bool:
        """Whether a unit is billed; what belongs to no known unit concerns every run."""
        return not self.unit or unit in ("", self.unit)


def check(world: Snapshot, request: Request, heads: Mapping[str, date]) -> None:
    """R6: what neither a run nor a dry run can do."""
    if not is_possible(request.as_of):
        years = f"{FIRST_YEAR} to {LAST_YEAR}"
        raise Invalid(f"as of {request.as_of} nothing can be billed: name a day of {years}")
    units = _units(world, request)
    if request.unit and not units:
        known = ", ".join(sorted(unit.name for unit in world.of(BusinessUnit))) or "none"
        raise Invalid(f"no BusinessUnit is called '{request.unit}': name one of: {known}")
    for unit in units:
        check_head(unit.name, request, heads)


def check_head(unit: str, request: Request, heads: Mapping[str, date]) -> None:
    """R6: a day that is over for a unit; checked again within each transaction."""
    head = heads.get(unit, request.as_of)
    if request.as_of < head:
        raise Unsafe(
            f"unit '{unit}' was posted as of {head} already, so {request.as_of} is over:"
            f" bill as of {head} or later"
        )


def objections(
    world: Snapshot, request: Request, heads: Mapping[str, date], held_back: int
) -> Iterator[str]:
    """R6: why this must not be posted without a further word.

    Of the contracts in `held_back` a brake waits for a person.
    """
    if held_back:
        who = "1 contract is" if held_back == 1 else f"{held_back} contracts are"
        yield (
            f"{who} to owe so much more or less that a brake holds"
            f" {'it' if held_back == 1 else 'them'} back: see `ispalier pending`, and approve it or"
            " take it back"
        )
    if unseen := sorted(KINDS - world.complete):
        yield (
            f"not every {', '.join(unseen)} was seen, and what is missing may be there: bill the"
            " cluster or a whole folder with its root file ispalier.yaml"
        )
    if not heads and not request.first_run:
        yield (
            "the ledger is empty: add --first-run if nothing was ever posted, else restore the"
            " journal from its backup"
        )
    for unit in _units(world, request):
        today = local_day(request.now, unit.spec.time_zone)
        if request.as_of > today and not request.allow_future:
            yield (
                f"{request.as_of} is not here yet, in unit '{unit.name}' it is {today}: add"
                " --allow-future if this is meant"
            )


def _units(world: Snapshot, request: Request) -> list[BusinessUnit]:
    units = sorted(world.of(BusinessUnit), key=lambda unit: unit.name)
    return [unit for unit in units if request.concerns(unit.name)]
