"""The room of name servers."""

from ispalier.api.names import Domain, RecordSet
from ispalier.core.probe import Reply
from ispalier.core.room import Asks, Backend, Proof, Room, Wiring
from ispalier.core.verified import CONDITION, VERIFIED, proven_name
from ispalier.dns.desired import (
    TYPE,
    rrset_of_record_set,
    shown_of_domain,
    told,
    wishes_of_domain,
    zone_of_domain,
)
from ispalier.dns.items import Zone
from ispalier.dns.questions import (
    Delegation,
    Ownership,
    Question,
    question_of_delegation,
    question_of_domain,
    question_of_ownership,
)


def connect(wiring: Wiring) -> Backend:
    """The back end of a host; its libraries are loaded only where there is one."""
    from ispalier.dns.backend import connect  # noqa: PLC0415 - a third of a command's start

    return connect(wiring)


def ask(question: Question | Delegation | Ownership) -> Reply:
    """Ask a host's service; libraries are loaded only where it is asked."""
    from ispalier.dns.probe import ask  # noqa: PLC0415 - a third of a command's start

    return ask(question)


ROOM = Room(
    name="dns",
    host_type=TYPE,
    connect=connect,
    desired={Domain: zone_of_domain, RecordSet: rrset_of_record_set},
    wishes={Domain: wishes_of_domain},
    probes={
        Zone: (
            Asks(question_of_domain, "Served"),
            Asks(question_of_delegation, "DNSConfirmed", is_ours=False),
        )
    },
    proofs={Domain: Proof(CONDITION, VERIFIED, proven_name, question_of_ownership)},
    shown={Domain: shown_of_domain},
    ask=ask,
    tells=told,
)
