"""The room of IP addresses from own pools."""

from ispalier.api.addresses import IPClaim
from ispalier.core.room import Room
from ispalier.ipam.backend import connect
from ispalier.ipam.desired import desired, shown, told, wishes

ROOM = Room(
    name="ipam",
    connect=connect,
    desired={IPClaim: desired},
    wishes={IPClaim: wishes},
    shown={IPClaim: shown},
    tells=told,
)
