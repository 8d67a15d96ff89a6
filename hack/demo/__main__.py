"""`make demo`: start everything, tell the story, leave it running to be looked at."""

import argparse
import os
import secrets
import shutil
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from hack.demo.dates import Story, story
from hack.demo.show import Show
from hack.demo.steps import STEPS, Scene
from hack.install.terminal import Task
from hack.stack.errors import StackError
from hack.stack.operator import Operator, ispalier, journal_url, prepare
from hack.stack.programs import find
from hack.stack.stack import Stack
from hack.stack.state import DEFAULT, State

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "home-fibre"
ZONE = "America/Sao_Paulo"
SWEEP = "5"
"""Seconds between sweeps: an administrator would choose minutes."""


def main() -> int:
    """Run the story; 0 if every check passed."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--state-dir", type=Path, default=DEFAULT, help="default: %(default)s")
    state = State(parser.parse_args().state_dir)
    if os.geteuid() != 0:
        print("demo: Postfix must be started by root: run `sudo make demo`", file=sys.stderr)
        return 1
    try:
        with state.open() as stack:
            show = _tell(state, stack)
            state.keep(stack)
    except StackError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ndemo: interrupted; everything that was started is ended", file=sys.stderr)
        return 130
    _look_around(state, stack.controlplane.kubectl, show.env)
    print(show.total())
    return int(show.failed > 0)


def _tell(state: State, stack: Stack) -> Show:
    with Task("Starting PostgreSQL, FreeRADIUS, PowerDNS, Postfix, Dovecot and Kubernetes"):
        stack.start()
    folder = state.folder.absolute()
    env = {"KUBECONFIG": str(stack.controlplane.kubeconfig)}
    show = Show(env=env, cwd=folder)
    days = story(datetime.now(UTC), ZONE)
    passwords = {name: secrets.token_hex(10) for name in ("nas", "line", "mail")}
    files = _write_files(folder, stack, days)
    operator = _prepare(show, stack, passwords)
    env["ISPALIER_JOURNAL_URL"] = journal_url(operator.folder)
    env["ISPALIER_LISTEN"] = operator.listen
    show.tell(f"the operator is ready after {operator.start():.1f} s; log: {operator.folder}")
    scene = Scene(show, stack, operator, files, days, passwords)
    for step in STEPS:
        step(scene)
    return show


def _write_files(folder: Path, stack: Stack, days: Story) -> Path:
    """The example with today's date and the port of the DNS server that was just started."""
    files = folder / EXAMPLE.name
    shutil.rmtree(files, ignore_errors=True)
    shutil.copytree(EXAMPLE, files)
    hosts = files / "provider" / "hosts.yaml"
    hosts.write_text(hosts.read_text().replace("http://127.0.0.1:8081", stack.powerdns.api_url))
    tenant = files / "tenants" / "silva" / "tenant.yaml"
    tenant.write_text(tenant.read_text().replace("2026-11-21", days.today.isoformat()))
    return files


def _prepare(show: Show, stack: Stack, passwords: dict[str, str]) -> Operator:
    """Kinds, secrets, tables in the back ends, the operator's account."""
    show.step("Prepare: kinds, secrets, the operator's account")
    kubectl = stack.controlplane.kubectl
    show.run(kubectl, "apply", "--server-side", "-f", ROOT / "schemas" / "crds", lines=3)
    operator = prepare(stack.workspace, stack.controlplane, {"ISPALIER_SWEEP_INTERVAL": SWEEP})
    schema = show.ask(ispalier(), "backend", "schema", "radius-1", f"{EXAMPLE}/provider")
    show.run(find("psql"), stack.radius.database_url, "-qf", "-", stdin=schema)
    show.ask(kubectl, "create", "namespace", "silva", "--save-config")
    for space, name, values in (
        ("ispalier", "radius-1", {"url": stack.radius.database_url}),
        ("ispalier", "dns-1", {"api-key": stack.powerdns.api_key}),
        ("ispalier", "mail-1", {"url": stack.mail.database_url}),
        ("ispalier", "mikrotik-1", {"secret": passwords["nas"]}),
        ("silva", "joao", {"line": passwords["line"], "mail": passwords["mail"]}),
    ):
        literals = [f"--from-literal={key}={value}" for key, value in values.items()]
        show.ask(kubectl, "create", "secret", "generic", name, "-n", space, *literals)
        show.ask(kubectl, "label", "secret", name, "-n", space, "ispalier.dev/secret=true")
    show.run(kubectl, "get", "secrets", "-A", "-l", "ispalier.dev/secret=true")
    return operator


def _look_around(state: State, kubectl: Path, env: Mapping[str, str]) -> None:
    kubeconfig = state.kubeconfig.absolute()
    folders = f"{ispalier().parent}:{kubectl.parent}"
    print(
        f"""
Everything is left running. Look around:
  export KUBECONFIG={kubeconfig}
  export PATH={folders}:$PATH   # ispalier, kubectl
  export ISPALIER_JOURNAL_URL={env["ISPALIER_JOURNAL_URL"]} ISPALIER_LISTEN={env["ISPALIER_LISTEN"]}
  kubectl get ispalier -A
  kubectl describe subscription home -n silva
  kubectl explain login.spec
  ispalier status; ispalier why Login/joao
What runs and on which ports: python -m hack.stack status; {state.folder / "stack.json"}
End it: make down
"""
    )


if __name__ == "__main__":
    sys.exit(main())
