"""`python -m hack.stack up|down|status`: the real servers without a test or a demo."""

import argparse
import sys
import time
from pathlib import Path

from hack.stack.errors import StackError
from hack.stack.stack import PARTS
from hack.stack.state import DEFAULT, State


def main() -> int:
    """Start, end or list the servers; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m hack.stack", description=__doc__)
    parser.add_argument("act", choices=["up", "down", "status"])
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; or all")
    parser.add_argument("--state-dir", type=Path, default=DEFAULT, help="default: %(default)s")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    state = State(options.state_dir)
    try:
        match options.act:
            case "up":
                _up(state, options.parts)
            case "down":
                _down(state)
            case _:
                return _status(state)
    except StackError as error:
        print(f"stack: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstack: interrupted; everything that was started is ended", file=sys.stderr)
        return 130
    return 0


def _up(state: State, parts: list[str]) -> None:
    began = time.monotonic()
    with state.open() as stack:
        stack.start(*(part for part in PARTS if part in parts))
        for part, facts in stack.facts().items():
            print(part, *(f"{name}={value}" for name, value in facts.items()), sep="\n  ")
        state.keep(stack)
    print(f"up after {time.monotonic() - began:.1f} s; `python -m hack.stack down` ends it")


def _down(state: State) -> None:
    ended = state.down()
    print(f"ended: {', '.join(ended)}" if ended else "nothing was running")


def _status(state: State) -> int:
    entries = state.entries()
    for entry in entries:
        print(f"{entry.name:26} {entry.pid:8} {'running' if entry.is_alive else 'ended'}")
    if not entries:
        print("nothing was started")
    return 0 if entries and all(entry.is_alive for entry in entries) else 1


if __name__ == "__main__":
    sys.exit(main())
