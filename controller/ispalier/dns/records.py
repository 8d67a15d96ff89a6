"""Names and records in one canonical spelling, so that only real differences are differences."""

import re
from collections.abc import Callable, Iterable, Mapping
from ipaddress import AddressValueError, IPv4Address, IPv6Address

import dns.exception
import dns.name
import dns.rdata
import dns.tokenizer

from ispalier.world.errors import Invalid

APEX = "@"
_STRING = 255
_LONGEST_NAME = 254
_PLAIN = re.compile(r"([a-z0-9_*-]{1,63}\.)+")
_NUMBER = 65535


def absolute(name: str, zone: str) -> str:
    """An owner name that is relative to a zone, as an absolute one; `@` is the zone itself."""
    return zone if name == APEX else f"{name}.{zone}"


def canonical(type_: str, values: Iterable[str], zone: str) -> tuple[str, ...]:
    """Records as PowerDNS gets them: sorted, each once; raises Invalid naming a wrong value."""
    return tuple(sorted({_record(type_, value, zone) for value in values}))


def as_served(type_: str, values: Iterable[str]) -> tuple[str, ...]:
    """Records that a server holds, in the same spelling; what we cannot read stays as it is."""
    return tuple(sorted({_readable(type_, value) for value in values}))


def _readable(type_: str, value: str) -> str:
    try:
        return _record(type_, value, ".")
    except Invalid:
        return value


def _record(type_: str, value: str, zone: str) -> str:
    reader = _READERS.get(type_)
    if reader is None:
        return value
    try:
        return reader(value.strip(), zone)
    except (ValueError, dns.exception.DNSException) as error:
        message = f"{type_} value '{value}' is wrong: {error}"
        raise Invalid(message) from error


def _ipv4(value: str, _zone: str) -> str:
    try:
        return str(IPv4Address(value))
    except AddressValueError:
        raise ValueError("write an IPv4 address such as 192.0.2.1") from None


def _ipv6(value: str, _zone: str) -> str:
    try:
        address = IPv6Address(value)
    except AddressValueError:
        address = None
    if address is None or address.scope_id is not None:
        raise ValueError("write an IPv6 address such as 2001:db8::1")
    return str(address)


def _host(value: str, zone: str) -> str:
    """A target: with a dot in it absolute, without one relative to the zone, `@` the zone."""
    if value == APEX:
        return zone
    name = value.lower()
    if "." not in name:
        name = f"{name}.{zone}"
    elif not name.endswith("."):
        name = f"{name}."
    if _PLAIN.fullmatch(name) and len(name) <= _LONGEST_NAME:
        if name.rpartition(".")[0].rpartition(".")[2].isdecimal():
            raise ValueError("an IP address stands where the name of a host belongs")
        return name
    if name.split() != [name]:
        raise ValueError("a name has no spaces")
    return dns.name.from_text(name).to_text()


def _mx(value: str, zone: str) -> str:
    match value.split():
        case [preference, host]:
            return f"{_number(preference)} {_host(host, zone)}"
        case _:
            raise ValueError("write a preference and a host: `10 mail`")


def _srv(value: str, zone: str) -> str:
    match value.split():
        case [priority, weight, port, host]:
            numbers = " ".join(_number(each) for each in (priority, weight, port))
            return f"{numbers} {_host(host, zone)}"
        case _:
            raise ValueError("write priority, weight, port and a host: `10 20 5060 sip`")


def _number(text: str) -> str:
    if not (text.isascii() and text.isdecimal() and int(text) <= _NUMBER):
        message = f"'{text}' is not a number from 0 to {_NUMBER}"
        raise ValueError(message)
    return str(int(text))


def _caa(value: str, _zone: str) -> str:
    flags, tag, rest = dns.rdata.from_text("IN", "CAA", value).to_text().split(" ", 2)
    return f"{flags} {tag.lower()} {rest}"


def _txt(value: str, _zone: str) -> str:
    """Character strings as they are when quoted, else the text as one, in pieces of 255 octets."""
    strings = _quoted(value) if value.startswith('"') else [value.encode()]
    return " ".join(
        _quote(string[start : start + _STRING])
        for string in strings
        for start in range(0, max(len(string), 1), _STRING)
    )


def _quoted(value: str) -> list[bytes]:
    tokens = dns.tokenizer.Tokenizer(value)
    strings = []
    while not (token := tokens.get()).is_eol_or_eof():
        if not token.is_quoted_string():
            raise ValueError("quote all of its strings, or none")
        strings.append(token.unescape_to_bytes().value)
    return strings


def _quote(octets: bytes) -> str:
    return '"' + "".join(_ESCAPED[octet] for octet in octets) + '"'


def _escaped(octet: int) -> str:
    letter = chr(octet)
    if letter in '"\\':
        return f"\\{letter}"
    return letter if letter.isascii() and letter.isprintable() else f"\\{octet:03}"


_ESCAPED = [_escaped(octet) for octet in range(256)]

_READERS: Mapping[str, Callable[[str, str], str]] = {
    "A": _ipv4,
    "AAAA": _ipv6,
    "CAA": _caa,
    "CNAME": _host,
    "MX": _mx,
    "NS": _host,
    "PTR": _host,
    "SRV": _srv,
    "TXT": _txt,
}
