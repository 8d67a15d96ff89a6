"""The room of RADIUS servers."""

from ispalier.api.access import NAS, AccessProfile, Login
from ispalier.api.machines import ServiceHost
from ispalier.core.probe import Reply
from ispalier.core.room import Asks, Backend, Room, Wiring
from ispalier.radius.desired import (
    ADDRESS,
    TYPE,
    client_of_nas,
    group_of_profile,
    group_of_suspended,
    shown_of_login,
    subscriber_of_login,
    told,
    wishes_of_login,
    wishes_of_nas,
)
from ispalier.radius.items import Subscriber
from ispalier.radius.questions import Question, question_of_login


def connect(wiring: Wiring) -> Backend:
    """The back end of a host; its libraries are loaded only where there is one."""
    from ispalier.radius.backend import connect  # noqa: PLC0415 - a third of a command's start

    return connect(wiring)


def ask(question: Question) -> Reply:
    """Ask a host's service; libraries are loaded only where it is asked."""
    from ispalier.radius.probe import ask  # noqa: PLC0415 - a third of a command's start

    return ask(question)


ROOM = Room(
    name="radius",
    host_type=TYPE,
    connect=connect,
    desired={
        AccessProfile: group_of_profile,
        ServiceHost: group_of_suspended,
        NAS: client_of_nas,
        Login: subscriber_of_login,
    },
    wishes={NAS: wishes_of_nas, Login: wishes_of_login},
    shown={Login: shown_of_login},
    probes={Subscriber: (Asks(question_of_login),)},
    ask=ask,
    tells=told,
    allocated=frozenset({ADDRESS}),
)
