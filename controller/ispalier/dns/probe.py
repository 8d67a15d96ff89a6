"""Asks name servers over UDP what they serve, and holds it against what is declared."""

import socket
from collections.abc import Iterator
from typing import TypeAlias

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.rrset

from ispalier.core.probe import Reason, Reply
from ispalier.dns.items import StartOfAuthority
from ispalier.dns.questions import Delegation, Ownership, Question, Sample
from ispalier.dns.records import as_served

_TRIES, _SECONDS = 2, 2.0
_Silent: TypeAlias = dict[str, str]
"""Servers that did not answer, each with why."""


class _NoAnswer(Exception):
    """A name server said nothing that could be read."""


def ask(question: Question | Delegation | Ownership) -> Reply:
    """Ask each server; the first that is wrong or silent is told, wrong before silent.

    A proof holds as soon as any resolver has seen it.
    """
    match question:
        case Delegation():
            return _delegated(question)
        case Ownership():
            return _owned(question)
        case Question():
            return _served(question)


def _served(question: Question) -> Reply:
    serials: dict[str, int] = {}
    silent: _Silent = {}
    for server in question.servers:
        name = f"{server[0]}:{server[1]}"
        try:
            wrong, serial = _asked(question, server)
        except _NoAnswer as error:
            silent[name] = str(error)
            continue
        if wrong:
            return Reply(Reason.WRONG, f"{name} {wrong}")
        serials[name] = serial
    newest = max(serials.values(), default=0)
    old = [name for name, serial in serials.items() if serial != newest]
    if old:
        return Reply(Reason.WRONG, f"{old[0]} has an older serial than others: an old zone")
    return _unheard(silent, "spec.dns.probe.nameServers") if silent else Reply(Reason.ANSWERS)


def _delegated(question: Delegation) -> Reply:
    silent: _Silent = {}
    for resolver in question.resolvers:
        name = f"{resolver[0]}:{resolver[1]}"
        try:
            answer = _query(question.zone, "NS", resolver)
        except _NoAnswer as error:
            silent[name] = str(error)
            continue
        found = _rrset(answer, question.zone, "NS")
        there = {text.lower() for text in _texts(found)} if found is not None else set()
        if not there:
            code = dns.rcode.to_text(answer.rcode())
            return Reply(Reason.WRONG, f"{name} knows no name servers of the domain ({code})")
        if others := sorted(there - question.name_servers):
            ours = ", ".join(sorted(question.name_servers))
            what = f"the world asks {', '.join(others)}: have the registrar name {ours}"
            return Reply(Reason.WRONG, what)
    return _unheard(silent, "spec.dns.probe.resolvers") if silent else Reply(Reason.ANSWERS)


def _owned(question: Ownership) -> Reply:
    missing: list[str] = []
    silent: _Silent = {}
    for resolver in question.resolvers:
        name = f"{resolver[0]}:{resolver[1]}"
        try:
            if _proves(question, resolver):
                return Reply(Reason.ANSWERS)
        except _NoAnswer as error:
            silent[name] = str(error)
            continue
        what = f"finds no TXT record {question.record} '{question.text}': have it published"
        missing.append(f"{name} {what}")
    if missing:
        return Reply(Reason.WRONG, missing[0])
    return _unheard(silent, "spec.verifyDomains.resolvers of the business unit")


def _unheard(silent: _Silent, field: str) -> Reply:
    """Who says nothing, and why; and what to do, in the field that names them."""
    first, why = next(iter(silent.items()))
    who = " and ".join(silent)
    verb = "does" if len(silent) == 1 else "do"
    said = f"{who} {verb} not answer ({why})"
    _, _, port = first.rpartition(":")
    return Reply(Reason.NONE, f"{said}: open port {port} (UDP and TCP), or correct {field}")


def _proves(question: Ownership, resolver: tuple[str, int]) -> bool:
    answer = _query(question.record, "TXT", resolver)
    if answer.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        raise _NoAnswer(dns.rcode.to_text(answer.rcode()))
    # A name that leads to another one (CNAME) is as good: who publishes it chose where it leads.
    found = (rrset for rrset in answer.answer if rrset.rdtype == dns.rdatatype.TXT)
    records = (b"".join(each.strings) for rrset in found for each in rrset)
    if question.text in {each.decode(errors="replace") for each in records}:
        return True
    if not question.name_servers:
        return False
    there = _rrset(_query(question.zone, "NS", resolver), question.zone, "NS")
    names = {text.lower() for text in _texts(there)} if there is not None else set()
    return bool(names) and names <= question.name_servers


def _asked(question: Question, server: tuple[str, int]) -> tuple[str, int]:
    """What is wrong at one name server, and the serial that it has."""
    answer = _query(question.zone, "SOA", server)
    there = _rrset(answer, question.zone, "SOA")
    if not question.is_open:
        return ("still serves the zone" if there is not None else ""), 0
    if there is None or not answer.flags & dns.flags.AA:
        code = dns.rcode.to_text(answer.rcode())
        return f"does not serve the zone ({code})", 0
    soa, serial = _soa(there)
    if soa != question.soa:
        return "serves the zone with another SOA than declared", serial
    if question.sample is None:
        return "", serial
    return _sampled(question.sample, server), serial


def _sampled(sample: Sample, server: tuple[str, int]) -> str:
    found = _rrset(_query(sample.name, sample.type, server), sample.name, sample.type)
    values = as_served(sample.type, [each.to_text() for each in found] if found else ())
    if found is None:
        return f"has no {sample.type} of {sample.name}"
    if values != sample.values or found.ttl != sample.ttl:
        return f"has {sample.type} of {sample.name} otherwise than declared"
    return ""


def _query(name: str, type_: str, server: tuple[str, int]) -> dns.message.Message:
    error = ""
    for _ in range(_TRIES):
        try:
            question = dns.message.make_query(name, type_)
            address = _address(server)
            answer, _ = dns.query.udp_with_fallback(
                question, address, timeout=_SECONDS, port=server[1]
            )
        except dns.exception.Timeout:
            error = f"nothing within {_SECONDS:.0f} s"
        except OSError as failure:
            error = failure.strerror or str(failure)
        except dns.exception.DNSException as failure:
            error = str(failure)
        else:
            return answer
    raise _NoAnswer(error)


def _address(server: tuple[str, int]) -> str:
    found = socket.getaddrinfo(*server, type=socket.SOCK_DGRAM)
    return str(found[0][4][0])


def _rrset(answer: dns.message.Message, name: str, type_: str) -> dns.rrset.RRset | None:
    wanted = dns.name.from_text(name), dns.rdatatype.from_text(type_)
    return next((each for each in answer.answer if (each.name, each.rdtype) == wanted), None)


def _soa(rrset: dns.rrset.RRset) -> tuple[StartOfAuthority, int]:
    primary, contact, serial, *times = next(iter(_texts(rrset))).split()
    return StartOfAuthority(primary.lower(), contact.lower(), *map(int, times)), int(serial)


def _texts(rrset: dns.rrset.RRset) -> Iterator[str]:
    return (each.to_text() for each in rrset)
