"""What the demo prints: every step with the command that it runs and the answer it got, counted."""

import os
import shlex
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape

_POLL = 0.1


@dataclass(slots=True)
class Show:
    """A terminal, and how many checks passed and failed."""

    env: Mapping[str, str]
    cwd: Path
    console: Console = field(default_factory=lambda: Console(highlight=False, soft_wrap=True))
    passed: int = 0
    failed: int = 0
    began: float = field(default_factory=time.monotonic)

    def step(self, title: str) -> None:
        """Begin a step of the story."""
        clock = f"{time.monotonic() - self.began:5.1f} s"
        self.console.print(f"\n[bold]{escape(title)}[/bold] [dim]{clock}[/dim]")

    def run(self, *words: str | Path, stdin: str = "", lines: int = 40) -> str:
        """Run a command, show it and what it answered; returns the answer."""
        argv = [str(word) for word in words]
        typed = shlex.join([Path(argv[0]).name, *argv[1:]])
        self.console.print(f"[cyan]$ {escape(typed)}[/cyan]")
        for line in stdin.strip().splitlines():
            self.console.print(f"[cyan]  < {escape(line)}[/cyan]")
        answer = self.ask(*words, stdin=stdin)
        shown = answer.rstrip().splitlines()
        for line in shown[:lines]:
            self.console.print(f"  {escape(line)}")
        if len(shown) > lines:
            self.console.print(f"  [dim]… {len(shown) - lines} more lines[/dim]")
        return answer

    def ask(self, *words: str | Path, stdin: str = "") -> str:
        """Run a command without showing it; returns what it printed."""
        done = subprocess.run(
            [str(word) for word in words],
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            cwd=self.cwd,
            env={**os.environ, **self.env},
        )
        return done.stdout

    def check(self, claim: str, holds: object) -> None:
        """Count a claim and show whether it holds."""
        if holds:
            self.passed += 1
            self.console.print(f"  [green]✓[/green] {escape(claim)}")
        else:
            self.failed += 1
            self.console.print(f"  [red]✗ {escape(claim)}[/red]")

    def wait(self, claim: str, holds: Callable[[], object], seconds: float = 20) -> None:
        """Count a claim that may take a moment to hold."""
        began = time.monotonic()
        while not (held := holds()) and time.monotonic() < began + seconds:
            time.sleep(_POLL)
        self.check(f"{claim} (after {time.monotonic() - began:.1f} s)", held)

    def tell(self, text: str) -> None:
        """Say something in between."""
        self.console.print(f"  [dim]{escape(text)}[/dim]")

    def total(self) -> str:
        """The closing line."""
        return f"demo: {self.passed} passed, {self.failed} failed"
