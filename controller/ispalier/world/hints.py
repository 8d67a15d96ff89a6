"""What to write instead, for every pattern of the schemas: nobody should have to read those."""

from ispalier.api import base
from ispalier.api.access import MAC
from ispalier.api.currencies import Currency
from ispalier.api.endpoints import URL, Endpoint


def _pattern(annotated: object) -> str:
    """The pattern of an annotated text."""
    for each in getattr(annotated, "__metadata__", ()):
        for part in (each, *getattr(each, "metadata", ())):
            if pattern := getattr(part, "pattern", None):
                return str(pattern)
    message = f"{annotated} has no pattern"
    raise LookupError(message)


_HINTS = {
    _pattern(base.Name): "use lower-case letters, digits and dashes, beginning and ending with a"
    " letter or digit",
    _pattern(base.Amount): 'write a decimal number as text, such as "99.90"',
    _pattern(Currency): "write a code of ISO 4217 such as BRL",
    _pattern(base.BitRate): "write a whole number with k, M or G, such as 300M",
    _pattern(base.DomainName): "write the domain in lower case without a final dot, such as"
    " silva.example",
    _pattern(base.MailAddress): "write the address in lower case, such as joao@silva.example",
    _pattern(base.OwnAddress): "write the address in lower case and without % ! * and /, such as"
    " joao@silva.example",
    _pattern(
        URL
    ): "write http:// or https:// and a host, with its port if that is not the usual one:"
    " https://pay.example/",
    _pattern(Endpoint): "write a host or an IP address, with its port if that is not the usual"
    " one: ns1.example, 192.0.2.53:5300, [2001:db8::53]:5300",
    _pattern(base.SecretKey): "use letters, digits, dashes, dots and underscores",
    _pattern(MAC): "write six pairs of hexadecimal digits, such as 00:1B:44:11:3A:B7",
}


def hint(pattern: str, description: str) -> str:
    """What to write where a pattern is broken."""
    if pattern in _HINTS:
        return _HINTS[pattern]
    return f"write {lowered(description)}" if description else f"write what matches {pattern}"


def lowered(description: str) -> str:
    """The first sentence of a description within another: `Name as printed.` is `name as printed`."""
    text = description.strip().partition(". ")[0].removesuffix(".")
    first, space, rest = text.partition(" ")
    is_plain = first.isalpha() and first.istitle()
    return f"{first.lower()}{space}{rest}" if is_plain else text
