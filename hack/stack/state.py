"""A stack that outlives the command that started it: a folder says what runs and how to end it."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from hack.stack.process import Record, Recorded, end
from hack.stack.stack import Stack

DEFAULT = Path(".demo")


class Noted(TypedDict):
    """What stack.json holds: where the servers live and, by part, how to reach them."""

    folder: str
    parts: dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class State:
    """The folder, by default `.demo`: processes.jsonl, stack.json and a kubeconfig."""

    folder: Path = DEFAULT

    @property
    def kubeconfig(self) -> Path:
        """Where the administrator's kubeconfig is, to be exported as KUBECONFIG."""
        return self.folder / "kubeconfig"

    def open(self) -> Stack:
        """End what an earlier one left and return a stack that is recorded here."""
        self.down()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        stack = Stack(self._record.path)
        self._write({"folder": str(stack.workspace.folder), "parts": {}})
        return stack

    def keep(self, stack: Stack) -> None:
        """Let the stack go on after this Python, and note how to reach and to end it."""
        facts = stack.facts()
        self._write({"folder": str(stack.workspace.folder), "parts": facts})
        if "controlplane" in facts:
            shutil.copy(facts["controlplane"]["kubeconfig"], self.kubeconfig)
        stack.leave_running()

    def down(self) -> list[str]:
        """End everything that is recorded; return the names of what ran."""
        ended = end(self.entries())
        if self._facts.exists():
            shutil.rmtree(self.read()["folder"], ignore_errors=True)
        for file in (self._record.path, self._facts, self.kubeconfig):
            file.unlink(missing_ok=True)
        return ended

    def entries(self) -> list[Recorded]:
        """Return every recorded process; some may have ended."""
        return self._record.entries()

    def read(self) -> Noted:
        """Return what `keep` noted."""
        noted: Noted = json.loads(self._facts.read_text())
        return noted

    @property
    def _record(self) -> Record:
        return Record(self.folder.absolute() / "processes.jsonl")

    @property
    def _facts(self) -> Path:
        return self.folder / "stack.json"

    def _write(self, noted: Noted) -> None:
        self._facts.touch(mode=0o600)
        self._facts.write_text(json.dumps(noted, indent=1) + "\n")
