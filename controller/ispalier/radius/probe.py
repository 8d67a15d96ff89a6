"""Asks a RADIUS server as an access server would (RFC 2865); accounts nothing."""

import ipaddress
import secrets
from collections.abc import Callable, Iterator, Mapping

from pyrad.client import Client, Timeout
from pyrad.packet import AccessAccept, AccessReject, AuthPacket, Packet, PacketError

from ispalier.core.probe import Reason, Reply
from ispalier.radius.questions import Question
from ispalier.world.state import State

_TRIES, _SECONDS = 3, 1.0
_USER_NAME, _REPLY_MESSAGE, _CALLING_STATION_ID, _NAS_IDENTIFIER = 1, 18, 31, 32
_USER_PASSWORD = 2
_IN_USE = "already logged in"
"""What FreeRADIUS says when the password is right and Simultaneous-Use is reached."""

_ATTRIBUTES: Mapping[str, tuple[int | tuple[int, int], Callable[[bytes], str]]] = {
    "Framed-IP-Address": (8, lambda value: str(ipaddress.IPv4Address(value))),
    "Framed-IPv6-Address": (168, lambda value: str(ipaddress.IPv6Address(value))),
    "Mikrotik-Rate-Limit": ((14988, 8), bytes.decode),
}
"""Reply attributes that are compared: number, or vendor and number, and how they read."""


def ask(question: Question) -> Reply:
    """Send one Access-Request and judge the answer; takes up to three seconds."""
    host, port = question.server
    client = Client(host, authport=port, secret=question.secret.reveal().encode())
    client.retries, client.timeout = _TRIES, _SECONDS
    try:
        answer = client.SendPacket(_request(client, question))
    except Timeout:
        why = f"{host}:{port} does not answer: it is down, its database is, or it does not know us"
        return Reply(Reason.NONE, why)
    except (OSError, PacketError) as error:
        return Reply(Reason.NONE, f"{host}:{port} cannot be asked: {error}")
    finally:
        client._CloseSocket()  # noqa: SLF001 - pyrad has no other way
    return _judged(question, answer)


def _request(client: Client, question: Question) -> AuthPacket:
    request = client.CreateAuthPacket()
    password = question.password.reveal() if question.password else secrets.token_urlsafe()
    request[_USER_NAME] = [question.username.encode()]
    request[_USER_PASSWORD] = [request.PwCrypt(password)]
    request[_NAS_IDENTIFIER] = [b"ispalier-probe"]
    if question.mac:
        request[_CALLING_STATION_ID] = [question.mac.encode()]
    return request


def _judged(question: Question, answer: Packet) -> Reply:
    said = b"".join(answer.get(_REPLY_MESSAGE, [])).decode(errors="replace").strip()
    match answer.code:
        case code if code == AccessAccept:
            wrong = _wrongly_accepted(question, answer)
        case code if code == AccessReject:
            wrong = _wrongly_refused(question, said)
        case code:
            wrong = f"it answers with a packet of code {code}"
    return Reply(Reason.WRONG, wrong) if wrong else Reply(Reason.ANSWERS)


def _wrongly_accepted(question: Question, answer: Packet) -> str:
    if question.state is not State.ACTIVE:
        return "it accepts a login that must not be served"
    return "; ".join(_differences(question, answer))


def _wrongly_refused(question: Question, said: str) -> str:
    told = f" and says '{said}'" if said else ""
    if question.state is State.ACTIVE and _IN_USE not in said:
        return f"it refuses the login, whose password is right{told}"
    if question.state is State.SUSPENDED and said != question.message:
        return f"it refuses the login, but not as suspended{told}"
    return ""


def _differences(question: Question, answer: Packet) -> Iterator[str]:
    for name, _, value in question.reply:
        if name in _ATTRIBUTES:
            number, text = _ATTRIBUTES[name]
            there = [text(each) for each in answer.get(number, [])]
            if there != [value]:
                yield f"{name} is {', '.join(there) or 'missing'} instead of {value}"
