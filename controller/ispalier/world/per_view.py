"""What is worked out of a view once, and looked up for each of its resources."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from ispalier.world.view import View

T = TypeVar("T")


def per_view(work: Callable[[View], T]) -> Callable[[View], T]:
    """Remember the answer for the view at hand, which does not change; forget it with the next.

    A room is asked resource by resource; without this it would go through all others each time.
    """
    last: list[tuple[View, T]] = []

    @wraps(work)
    def answer(view: View) -> T:
        if not last or last[0][0] is not view:
            last[:] = [(view, work(view))]
        return last[0][1]

    return answer
