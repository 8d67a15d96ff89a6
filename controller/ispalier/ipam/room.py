"""The room of IP addresses from own pools."""

from ispalier.api.addresses import IPClaim
from ispalier.api.contracts import Subscription
from ispalier.core.room import Backend, Room, Wiring
from ispalier.ipam.desired import desired, shown, shown_of_contract, told, wishes


def connect(wiring: Wiring) -> Backend:
    """The register; its libraries are loaded only where there is use for it."""
    from ispalier.ipam.backend import connect  # noqa: PLC0415 - a third of a command's start

    return connect(wiring)


ROOM = Room(
    name="ipam",
    connect=connect,
    desired={IPClaim: desired},
    wishes={IPClaim: wishes},
    shown={IPClaim: shown, Subscription: shown_of_contract},
    tells=told,
)
