"""The room of RADIUS servers."""

from ispalier.api.access import NAS, Login
from ispalier.api.catalogue import Plan
from ispalier.api.machines import ServiceHost
from ispalier.core.room import Backend, Room, Wiring
from ispalier.radius.desired import (
    TYPE,
    client_of_nas,
    group_of_plan,
    group_of_suspended,
    shown_of_login,
    subscriber_of_login,
    wishes_of_login,
    wishes_of_nas,
)


def connect(wiring: Wiring) -> Backend:
    """The back end of a host; its libraries are loaded only where there is one."""
    from ispalier.radius.backend import connect  # noqa: PLC0415 - a third of a command's start

    return connect(wiring)


ROOM = Room(
    name="radius",
    host_type=TYPE,
    connect=connect,
    desired={
        Plan: group_of_plan,
        ServiceHost: group_of_suspended,
        NAS: client_of_nas,
        Login: subscriber_of_login,
    },
    wishes={NAS: wishes_of_nas, Login: wishes_of_login},
    shown={Login: shown_of_login},
)
