"""Standard output of a process: when it takes no more, the command ends as others of Unix do."""

import errno
import os
import signal
import sys
from io import TextIOWrapper
from typing import NoReturn, Self

from ispalier.cli.output import Exit

BROKEN_PIPE = 128 + signal.SIGPIPE
"""How a shell tells of a command whose reader went away; `ispalier show | head -1` is no fault."""


class Output(TextIOWrapper):
    """Ends the command when it cannot write; a name that a terminal cannot show is no reason to."""

    @classmethod
    def of(cls, there: TextIOWrapper) -> Self:
        """The same output."""
        return cls(
            there.buffer,
            encoding=there.encoding,
            errors="backslashreplace",
            line_buffering=there.line_buffering,
            write_through=there.write_through,
        )

    def write(self, text: str) -> int:
        """Write it, or end."""
        try:
            return super().write(text)
        except OSError as error:
            self._end(error)

    def flush(self) -> None:
        """Write what is left, or end."""
        try:
            super().flush()
        except OSError as error:
            self._end(error)

    def _end(self, error: OSError) -> NoReturn:
        """Say why, unless nobody reads on; what is left goes nowhere."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
        if error.errno == errno.EPIPE:
            sys.exit(BROKEN_PIPE)
        why = f"the output cannot be written: {error.strerror}"
        sys.stderr.write(f"ispalier: {why}; make room, or write it elsewhere\n")
        sys.exit(Exit.USAGE)
