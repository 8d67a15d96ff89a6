"""What the systems answer, and a controller that serves the files."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import dns.message
import dns.query
import httpx

from hack.stack.freeradius import Radius
from hack.stack.ports import HOST, free_port
from hack.stack.powerdns import PowerDNS
from tests.provider import PASSWORD, Folder, Said


class Rehearsed(NamedTuple):
    """What a dry run said before anything was applied, and which rows of a login it left."""

    said: Said
    rows: list[tuple[object, ...]]


def asked(radius: Radius) -> str:
    password = PASSWORD.replace("\\", "\\\\").replace('"', '\\"')
    return radius.radclient(f'User-Name = "pedro", User-Password = "{password}"')


def answered(powerdns: PowerDNS, name: str, type_: str) -> list[str]:
    query = dns.message.make_query(name, type_)
    answer = dns.query.udp(query, HOST, port=powerdns.dns_port, timeout=5)
    return sorted(str(record) for each in answer.answer for record in each)


@contextmanager
def running(folder: Folder, **env: str) -> Iterator[None]:
    """`ispalier run` on the files, ready."""
    listen = f"{HOST}:{free_port()}"
    controller = subprocess.Popen(  # noqa: S603 - our own command
        [Path(sys.executable).with_name("ispalier"), "run", "--source", "tree"],
        cwd=folder.path,
        env={**os.environ, **env, "ISPALIER_LISTEN": listen},
    )
    try:
        eventually(lambda: get(f"http://{listen}/readyz") == httpx.codes.OK)
        yield
    finally:
        controller.terminate()
        controller.wait(timeout=30)


def get(url: str) -> int:
    try:
        return httpx.get(url).status_code
    except httpx.TransportError:
        return 0


def eventually(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)
