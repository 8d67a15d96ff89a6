"""An event loop whose time jumps to the next timer, and whose threads are its own."""

import asyncio
import selectors
from collections.abc import Callable
from typing import Any


class Deadlock(RuntimeError):
    """Everybody waits, and nothing is ever going to happen."""


class _Jump(selectors.DefaultSelector):
    """Never waits: the time that it should is added to the clock."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 0.0

    def select(self, timeout: float | None = None) -> Any:  # noqa: ANN401 - the parent's
        if timeout is None:
            raise Deadlock
        self.time += max(timeout, 0)
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    """Simulated time. What is given to a thread is done at once, within `guard`: always the same."""

    guard: Callable[[Callable[[], Any]], Any] = staticmethod(lambda work: work())

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.time

    def run_in_executor(
        self,
        executor: object,  # noqa: ARG002 - the parent's
        func: Callable[..., Any],
        *args: object,
    ) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = self.create_future()
        try:
            result = self.guard(lambda: func(*args))
        except BaseException as error:  # noqa: BLE001 - a thread's errors are its caller's
            self.call_soon(_end, future, None, error)
        else:
            self.call_soon(_end, future, result, None)
        return future


def _end(future: asyncio.Future[Any], result: object, error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(result)
    else:
        future.set_exception(error)
