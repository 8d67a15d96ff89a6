"""Ends a stack whose owner is gone: `python -m hack.stack.guardian FOLDER RECORD`.

It waits for the end of its input, a pipe that the owner holds. The system closes that pipe
however the owner ends, by a kill -9 as well, and servers in sessions of their own, which a
Ctrl-C does not reach, are ended all the same.
"""

import shutil
import sys
from pathlib import Path

from hack.stack.process import Record, end


def main(folder: Path, record: Path) -> None:
    """Wait, then end every recorded process and delete the folder."""
    sys.stdin.buffer.read()
    end(Record(record).entries())
    shutil.rmtree(folder, ignore_errors=True)
    record.unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
