"""What to ask a RADIUS server about a login, so that its answer proves that it is served. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ispalier.api.access import Login
from ispalier.api.machines import ServiceHost
from ispalier.core.items import Owner
from ispalier.core.probe import NotProbed, endpoint
from ispalier.radius.desired import reply_of_groups
from ispalier.radius.items import Attribute, Subscriber
from ispalier.world.secret import Secret
from ispalier.world.state import State
from ispalier.world.view import View

_PORT = 1812


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """An Access-Request as the line would send it, and how it has to end.

    Active: accepted, with `reply` in the Access-Accept. Suspended: refused with `message`, which
    only the suspended group says, so the password matters not. Retired: refused although the
    password is right.
    """

    server: tuple[str, int]
    secret: Secret
    username: str
    password: Secret | None
    mac: str
    state: State
    reply: Sequence[Attribute]
    message: str


def question_of_login(
    view: View, login: Login, item: Subscriber, _: Collection[Owner]
) -> Question | NotProbed:
    """What to ask about a subscriber on its host."""
    host = view.world.get(ServiceHost, "", item.host)
    settings = host.spec.radius if host else None
    if settings is None or settings.probe is None:
        return NotProbed(f"ServiceHost/{item.host} has no spec.radius.probe")
    secret = view.secret(settings.probe.secret_ref, "")
    password, is_hash = view.password(login, login.spec.password)
    if is_hash and item.state is not State.SUSPENDED:
        return NotProbed("only a hash of its password is known, so a refusal proves nothing")
    is_active = item.state is State.ACTIVE
    reply = (*item.reply, *reply_of_groups(view, login, item)) if is_active else ()
    return Question(
        server=endpoint(settings.probe.address, _PORT),
        secret=secret,
        username=item.username,
        password=None if is_hash else password,
        mac=min(login.spec.mac_addresses, default=""),
        state=item.state,
        reply=reply,
        message=settings.suspended_message,
    )
