"""FreeRADIUS on PostgreSQL: stock schema and queries, NAS clients read from the table nas."""

import hashlib
import hmac
import secrets
import shutil
import socket
import struct
import subprocess
from dataclasses import dataclass, field

from hack.stack.errors import StackError
from hack.stack.places import RADIUS_QUERIES, radius_stock
from hack.stack.ports import HOST
from hack.stack.postgres import Postgres
from hack.stack.process import Process, Program, unprivileged
from hack.stack.programs import find
from hack.stack.templates import render
from hack.stack.workspace import Workspace, hand_over

DATABASE = "radius"
OWN_ADDRESS = "127.0.0.254"
"""Packets from here are answered with the stack's own secret, whatever the table nas holds."""

_ROLE = "radius"
_THREADS = 8
_TRIES = 3
_SECONDS_A_NAS_IS_REMEMBERED = 2

# Stock files, and where radiusd.conf expects them.
_STOCK = {
    f"{RADIUS_QUERIES}/queries.conf": f"{RADIUS_QUERIES}/queries.conf",
    "mods-config/attr_filter/access_reject": "mods-config/attr_filter/access_reject",
    "mods-available/always": "always",
    "policy.d/canonicalization": "policy.d/canonicalization",
    "policy.d/accounting": "policy.d/accounting",
}


@dataclass(frozen=True, slots=True)
class Radius:
    """A running RADIUS server and where its rows are.

    A NAS is a row of the table nas, known with its first packet and looked up again after
    some seconds. Tools that come before any NAS send from `own_address` with `secret`
    (radclient: Packet-Src-IP-Address).
    """

    auth_port: int
    acct_port: int
    secret: str = field(repr=False)
    database_url: str
    process: Process
    own_address: str = OWN_ADDRESS

    def stop(self) -> None:
        """End the server, as in an outage."""
        self.process.stop()

    def start(self) -> None:
        """Start the server again on the same ports."""
        self.process.start(lambda: _answers(self.auth_port, self.secret))

    def radclient(self, packet: str, *, secret: str | None = None, seconds: float = 4) -> str:
        """Send a packet such as `User-Name = "ann", User-Password = "x"`; return what was said.

        With a `secret` it comes from 127.0.0.1, which must then be a row of the table nas.
        """
        if secret is None:
            packet += f", Packet-Src-IP-Address = {self.own_address}"
        is_accounting = "Acct-Status-Type" in packet
        # One try (-r 1) makes radclient 3.2.7 lose one answer in 250, without a word.
        words = ["-x", "-r", str(_TRIES), "-t", str(seconds / _TRIES)]
        port, kind = (self.acct_port, "acct") if is_accounting else (self.auth_port, "auth")
        done = subprocess.run(
            [find("radclient"), *words, f"{HOST}:{port}", kind, secret or self.secret],
            input=packet,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.stdout


def start(workspace: Workspace, postgres: Postgres) -> Radius:
    """Make the database `radius` with the stock schema and start the server on it."""
    stock = radius_stock()
    if stock is None:
        raise StackError(
            "FreeRADIUS' stock SQL files were not found or cannot be read: "
            "run python3 hack/bootstrap.py"
        )
    url = postgres.create_database(
        DATABASE, (stock / RADIUS_QUERIES / "schema.sql").read_text(), readers=[_ROLE]
    )
    user = unprivileged("freerad", "radiusd")
    folder = workspace.make_folder("radius")
    folder.chmod(0o750)
    for source, target in _STOCK.items():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(stock / source, folder / target)
    auth_port, acct_port, secret = workspace.port(), workspace.port(), secrets.token_hex(8)
    (folder / "radiusd.conf").write_text(
        render(
            "radiusd.conf",
            folder=folder,
            threads=_THREADS,
            connections=4 * _THREADS,
            nas_lifetime=_SECONDS_A_NAS_IS_REMEMBERED,
            own_address=OWN_ADDRESS,
            secret=secret,
            database_port=postgres.port,
            database=DATABASE,
            role=_ROLE,
            auth_port=auth_port,
            acct_port=acct_port,
        )
    )
    hand_over(folder, user)
    program = Program(
        name="freeradius",
        argv=[find("freeradius", "radiusd"), "-f", "-l", "stdout", "-d", folder, "-n", "radiusd"],
        log=folder / "radius.log",
        user=user,
    )
    process = workspace.run(program, lambda: _answers(auth_port, secret))
    return Radius(auth_port, acct_port, secret, url, process)


def _answers(port: int, secret: str) -> bool:
    """Ask with a Status-Server packet (RFC 5997), the health check that touches no user."""
    status_server, access_accept, message_authenticator = 12, 2, 80
    authenticator = secrets.token_bytes(16)
    attribute = struct.pack("!BB", message_authenticator, 18)
    head = struct.pack("!BBH", status_server, 1, 20 + 18) + authenticator + attribute
    digest = hmac.digest(secret.encode(), head + bytes(16), hashlib.md5)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.bind((OWN_ADDRESS, 0))
        asking.settimeout(0.2)
        asking.connect((HOST, port))
        try:
            asking.send(head + digest)
            return asking.recv(4096)[0] == access_accept
        except OSError:  # nobody listens yet, or does not answer yet
            return False
