"""Where one instance of the stack lives: its folder, its ports, its processes."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hack.stack.ports import free_port
from hack.stack.process import Process, Program, Record, end


class Workspace:
    """A folder of its own under the system's temporary one, and all that was started in it.

    Servers run as users of their own, so the folder can be passed through by everybody, but
    only its owner can list it. Paths stay short: a Unix socket's may have 107 characters.
    """

    def __init__(self, record: Path | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ispalier-"))
        self.folder.chmod(0o711)
        self.record = Record(record or self.folder / "processes.jsonl")
        self._processes: list[Process] = []

    def port(self) -> int:
        """Return a free port of 127.0.0.1."""
        return free_port()

    def make_folder(self, name: str, *, user: str | None = None) -> Path:
        """Make a folder in this one that belongs to the user as whom a server runs."""
        folder = self.folder / name
        folder.mkdir(mode=0o755)
        if user:
            shutil.chown(folder, user)
        return folder

    def run(self, program: Program, ready: Callable[[], bool], seconds: float = 20) -> Process:
        """Start a program and return when it is ready."""
        process = Process(program, self.record)
        self._processes.append(process)
        process.start(ready, seconds)
        return process

    def remove(self) -> None:
        """End everything that was ever started here and delete the folder."""
        end(self.record.entries())
        for process in self._processes:
            process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.record.path.unlink(missing_ok=True)


def hand_over(path: Path, user: str | None) -> None:
    """Give a folder and all that is in it to the user as whom a server runs."""
    if user is None:
        return
    shutil.chown(path, user)
    for parent, folders, files in os.walk(path):
        for name in (*folders, *files):
            shutil.chown(Path(parent) / name, user)
