"""What to ask an IMAP server about a mailbox, so that its answer proves how it is served. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from ispalier.api.machines import ServiceHost
from ispalier.api.mail import Mailbox
from ispalier.core.items import Owner
from ispalier.core.probe import NotProbed, endpoint
from ispalier.mail import items
from ispalier.world.secret import Secret
from ispalier.world.state import State
from ispalier.world.view import View

_IMAP, _IMAPS = 143, 993


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Whether the master user opens a mailbox, as he must or must not."""

    server: tuple[str, int]
    is_tls: bool
    master: str
    password: Secret
    address: str
    is_open: bool


def question_of_mailbox(
    view: View, _: Mailbox, item: items.Mailbox, __: Collection[Owner]
) -> Question | NotProbed:
    """What to ask about a mailbox on its host."""
    host = view.world.get(ServiceHost, "", item.host)
    probe = host.spec.mail.probe if host and host.spec.mail else None
    if probe is None:
        return NotProbed(f"ServiceHost/{item.host} has no spec.mail.probe")
    scheme, _sep, server = probe.imap.partition("://")
    is_tls = scheme == "imaps"
    return Question(
        server=endpoint(server, _IMAPS if is_tls else _IMAP),
        is_tls=is_tls,
        master=probe.master_user,
        password=view.secret(probe.password_ref, ""),
        address=item.address,
        is_open=item.state is State.ACTIVE,
    )
