"""Asks a RADIUS server as an access server would (RFC 2865); accounts nothing."""

import io
import secrets
from collections.abc import Iterator

from pyrad.client import Client, Timeout
from pyrad.dictionary import Dictionary
from pyrad.packet import AccessAccept, AccessReject, AuthPacket, Packet, PacketError

from ispalier.core.probe import Reason, Reply
from ispalier.radius.items import as_address, meant
from ispalier.radius.questions import Question
from ispalier.world.state import State

_TRIES, _SECONDS = 3, 2.0
"""A server holds a refusal back for a second or more (reject_delay)."""
_IN_USE = "already logged in"
"""What FreeRADIUS says when the password is right and Simultaneous-Use is reached."""

_DICTIONARY = Dictionary(
    io.StringIO("""
ATTRIBUTE User-Name 1 string
ATTRIBUTE User-Password 2 octets
ATTRIBUTE Framed-IP-Address 8 ipaddr
ATTRIBUTE Reply-Message 18 string
ATTRIBUTE Calling-Station-Id 31 string
ATTRIBUTE NAS-Identifier 32 string
ATTRIBUTE Framed-IPv6-Address 168 ipv6addr
VENDOR Mikrotik 14988
BEGIN-VENDOR Mikrotik
ATTRIBUTE Mikrotik-Rate-Limit 8 string
ATTRIBUTE Mikrotik-Address-List 19 string
END-VENDOR Mikrotik
VENDOR WISPr 14122
BEGIN-VENDOR WISPr
ATTRIBUTE WISPr-Redirection-URL 4 string
ATTRIBUTE WISPr-Bandwidth-Max-Up 7 integer
ATTRIBUTE WISPr-Bandwidth-Max-Down 8 integer
END-VENDOR WISPr
""")
)
"""What is asked with, and the reply attributes that are compared."""


def ask(question: Question) -> Reply:
    """Send one Access-Request and judge the answer; takes up to six seconds."""
    host, port = question.server
    client = Client(host, authport=port, secret=question.secret.reveal().encode(), dict=_DICTIONARY)
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
    request["User-Name"] = question.username
    request["User-Password"] = request.PwCrypt(password)
    request["NAS-Identifier"] = "ispalier-probe"
    if question.mac:
        request["Calling-Station-Id"] = question.mac
    return request


def _judged(question: Question, answer: Packet) -> Reply:
    said = "".join(answer.get("Reply-Message", [])).strip()
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
        if name in _DICTIONARY.attributes:
            there = [as_address(str(each)) for each in answer.get(name, [])]
            if there != [wanted := meant(str(value))]:
                yield f"{name} is {', '.join(there) or 'missing'} instead of {wanted}"
