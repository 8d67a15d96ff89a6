"""Free ports on the loopback address, never the same one twice."""

import random
import socket
import threading

from hack.stack.errors import StackError

HOST = "127.0.0.1"

# Below Linux' range for outgoing connections (32768 and up): nothing takes one by chance.
_RANGE = range(20_000, 32_000)
_TRIES = 500


_taken: dict[int, int] = {}
"""Each port with the descriptor of a name that tells other processes until the end of this one."""
_lock = threading.Lock()


def free_port() -> int:
    """Return a port on which nobody listens, neither by TCP nor by UDP, never one twice."""
    with _lock:
        for _ in range(_TRIES):
            port = random.choice(_RANGE)  # noqa: S311 - no secret, only unlikely to collide
            if port not in _taken and _is_free(port) and _take(port):
                return port
    raise StackError(
        f"no free port between {_RANGE.start} and {_RANGE.stop} after {_TRIES} tries: "
        "end some of the servers that run on this machine"
    )


def _take(port: int) -> bool:
    """Keep other processes that look for a port from this one, before anybody listens on it."""
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    try:
        told.bind(f"\0ispalier-port-{port}")
    except OSError:
        told.close()
        return False
    _taken[port] = told.detach()
    return True


def is_listening(port: int) -> bool:
    """Whether something accepts TCP connections on this port."""
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def _is_free(port: int) -> bool:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                return False
    return True
