"""Work on all cores: processes that are forked when there is much to do, or much to load.

Each keeps what it has read, so that the second step of a piece of work is given to whoever did the
first. This process is one of them. Where no process is to be had, it is the only one.
"""

import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from types import FrameType, TracebackType
from typing import BinaryIO, Generic, NamedTuple, NoReturn, Self, TypeVar, cast

from ispalier.world.errors import Unavailable

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")
_ENDED = "a process that shared the work was killed: give it more memory, or name fewer files"


def cores() -> int:
    """How many processes can work at once."""
    if not hasattr(os, "fork"):
        return 1
    has_affinity = hasattr(os, "sched_getaffinity")
    return len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1


class Line(NamedTuple):
    """One end of a line between two processes of one program."""

    ear: BinaryIO
    mouth: BinaryIO

    @classmethod
    def pair(cls) -> "tuple[Line, Line]":
        """Both ends."""
        ear, theirs = os.pipe()
        try:
            their_ear, mouth = os.pipe()
        except OSError:
            os.close(ear)
            os.close(theirs)
            raise
        near = cls(os.fdopen(ear, "rb"), os.fdopen(mouth, "wb"))
        return near, cls(os.fdopen(their_ear, "rb"), os.fdopen(theirs, "wb"))

    def send(self, what: object) -> None:
        """Say something; raises BrokenPipeError if nobody is there any more."""
        pickle.dump(what, self.mouth, pickle.HIGHEST_PROTOCOL)
        self.mouth.flush()

    def receive(self) -> object:
        """Wait for what is said; raises EOFError if nobody is there any more."""
        return pickle.load(self.ear)  # noqa: S301 - our own process

    def close(self) -> None:
        """Say no more, and listen no more."""
        self.ear.close()
        with suppress(BrokenPipeError):  # what nobody took
            self.mouth.close()


@dataclass(slots=True)
class Crew(Generic[Asked, Answered]):
    """Some processes that all do the same work, this one first."""

    work: Callable[[Asked], Answered]
    size: int
    """How many are wanted; within, how many there are."""
    prepare: Callable[[], object] = bool
    """What the others do before they are asked."""
    _others: list[tuple[int, Line]] = field(default_factory=list)

    def __enter__(self) -> Self:
        gc.disable()  # what is read is kept, and searching it makes copies of what is shared
        # Only this process hears of an interruption: the others have to be told to ignore it first.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            for _ in range(self.size - 1):
                self._fork()
        except OSError:
            self.size = 1 + len(self._others)  # a limit of processes or of files
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process, line in self._others:
            if kind is not None:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGTERM)
            line.close()
        for process, _ in self._others:
            with suppress(ChildProcessError):  # where SIGCHLD is ignored they leave no zombie
                os.waitpid(process, 0)
        self._others.clear()
        gc.enable()

    def all(self, asked: Sequence[Asked]) -> list[Answered]:
        """What each makes of its piece, in their order; raises what went wrong with any."""
        for (_, line), each in zip(self._others, asked[1:], strict=True):
            _tell(line, each)
        return [self.work(asked[0]), *(self._answer(line) for _, line in self._others)]

    def ask(self, asked: Asked) -> Callable[[], Answered]:
        """What the second makes of it meanwhile; this one, where it is the only one."""
        if not self._others:
            return partial(self.work, asked)
        [(_, line), *_] = self._others
        _tell(line, asked)
        return partial(self._answer, line)

    def _answer(self, line: Line) -> Answered:
        try:
            answer = line.receive()
        except EOFError as error:
            raise Unavailable(_ENDED) from error
        if isinstance(answer, BaseException):
            raise answer
        return cast("Answered", answer)

    def _fork(self) -> None:
        ours, theirs = Line.pair()
        try:
            process = os.fork()
        except OSError:
            ours.close()
            theirs.close()
            raise
        if process:
            theirs.close()
            self._others.append((process, ours))
            return
        try:
            for line in (ours, *(line for _, line in self._others)):
                line.close()
            signal.signal(signal.SIGINT, _unheard)  # the first process ends us
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            fault = self._prepared()
            signal.signal(signal.SIGTERM, ended)
            self._serve(theirs, fault)
        finally:
            os._exit(0)  # nothing of the first process is to be tidied up here

    def _prepared(self) -> Exception | None:
        """Get ready; what went wrong is told to whoever asks."""
        try:
            self.prepare()
        except Exception as error:  # noqa: BLE001 - raised where it was asked
            return error
        return None

    def _serve(self, line: Line, fault: Exception | None) -> None:
        """Work until nobody asks any more."""
        while True:
            try:
                asked = line.receive()
            except EOFError:
                return
            try:
                line.send(fault or self.work(cast("Asked", asked)))
            except BrokenPipeError:
                return
            except Exception as error:  # noqa: BLE001 - raised where it was asked
                line.send(error)


def _tell(line: Line, what: object) -> None:
    try:
        line.send(what)
    except BrokenPipeError as error:
        raise Unavailable(_ENDED) from error


def _unheard(_signal: int, _frame: FrameType | None) -> None:
    """Go on; what is started from here, git for one, may still be interrupted."""


def ended(number: int, _frame: FrameType | None = None) -> NoReturn:
    """Leave what was begun in order, and tell of the signal as a shell does."""
    sys.exit(128 + number)
