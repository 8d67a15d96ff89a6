"""A process that loads the models while this one looks around: to load them takes longest.

It is forked before anything else, and asked for whatever needs them. Where there is no second core,
or no process to be had, this one loads them when it comes to that.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

from ispalier.cli.start import settle
from ispalier.cli.validate.crew import Crew, cores

if TYPE_CHECKING:
    from ispalier.cli.validate.judges import Judges

Question: TypeAlias = "Callable[[Judges], object]"
Ahead: TypeAlias = Crew[Question, Any]


def ahead(processes: int = 0) -> Ahead:
    """This process and, where that is of use, another one that loads the models at once."""
    import_module("pydantic.type_adapter")  # models are made by it, and typer's options are
    return Crew(_answer, processes or min(2, cores()), _load)


def _load() -> None:
    import_module("ispalier.cli.validate.judges")
    settle()


def _answer(question: Question) -> object:
    return question(_judges())


@cache
def _judges() -> "Judges":
    from ispalier.cli.validate.judges import Judges  # noqa: PLC0415 - as late as can be

    return Judges()
