"""Work on all cores: processes that are forked when there is much to do.

Each keeps what it has read, so that the second step of a piece of work is given to whoever did the
first. This process is one of them.
"""

import gc
import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, Pipe
from types import TracebackType
from typing import Generic, Self, TypeVar

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


def cores() -> int:
    """How many processes can work at once."""
    if not hasattr(os, "fork"):
        return 1
    has_affinity = hasattr(os, "sched_getaffinity")
    return len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1


@dataclass(slots=True)
class Crew(Generic[Asked, Answered]):
    """Some processes that all do the same work, this one first."""

    work: Callable[[Asked], Answered]
    size: int
    _others: list[tuple[int, Connection]] = field(default_factory=list)

    def __enter__(self) -> Self:
        gc.disable()  # what is read is kept, and searching it makes copies of what is shared
        # Only this process hears of an interruption: the others have to be told to ignore it first.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            for _ in range(self.size - 1):
                self._fork()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for _, line in self._others:
            line.close()
        for process, _ in self._others:
            if kind is not None:
                os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        self._others.clear()
        gc.enable()

    def all(self, asked: Sequence[Asked]) -> list[Answered]:
        """What each makes of its piece, in their order; raises what went wrong with any."""
        for (_, line), each in zip(self._others, asked[1:], strict=True):
            line.send(each)
        found = [self.work(asked[0])]
        for _, line in self._others:
            answer = line.recv()
            if isinstance(answer, BaseException):
                raise answer
            found.append(answer)
        return found

    def _fork(self) -> None:
        ours, theirs = Pipe()
        process = os.fork()
        if process:
            theirs.close()
            self._others.append((process, ours))
            return
        for _, line in self._others:
            line.close()
        ours.close()
        try:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends us
            self._serve(theirs)
        finally:
            os._exit(0)  # nothing of the first process is to be tidied up here

    def _serve(self, line: Connection) -> None:
        """Work until nobody asks any more."""
        while True:
            try:
                asked = line.recv()
            except EOFError:
                return
            try:
                line.send(self.work(asked))
            except BrokenPipeError:
                return
            except Exception as error:  # noqa: BLE001 - raised where it was asked
                line.send(error)
