"""The room of mail servers."""

from ispalier.api.mail import MailAlias, Mailbox, MailDomain
from ispalier.core.probe import Reply
from ispalier.core.room import Asks, Backend, Room, Wiring
from ispalier.mail import items
from ispalier.mail.desired import (
    TYPE,
    of_alias,
    of_domain,
    of_mailbox,
    shown_of_domain,
    told,
    wishes_of_alias,
    wishes_of_domain,
    wishes_of_mailbox,
)
from ispalier.mail.questions import Question, question_of_mailbox


def connect(wiring: Wiring) -> Backend:
    """The back end of a host; its libraries are loaded only where there is one."""
    from ispalier.mail.backend import connect  # noqa: PLC0415 - a third of a command's start

    return connect(wiring)


def ask(question: Question) -> Reply:
    """Ask a host's service; libraries are loaded only where it is asked."""
    from ispalier.mail.probe import ask  # noqa: PLC0415 - a third of a command's start

    return ask(question)


ROOM = Room(
    name="mail",
    host_type=TYPE,
    connect=connect,
    desired={MailDomain: of_domain, Mailbox: of_mailbox, MailAlias: of_alias},
    wishes={
        MailDomain: wishes_of_domain,
        Mailbox: wishes_of_mailbox,
        MailAlias: wishes_of_alias,
    },
    shown={MailDomain: shown_of_domain},
    probes={items.Mailbox: (Asks(question_of_mailbox),)},
    ask=ask,
    tells=told,
)
