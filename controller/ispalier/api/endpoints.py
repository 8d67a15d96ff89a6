"""How a host is written, with its port or in a URL."""

from typing import Annotated

from pydantic import Field

_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = rf"{_OCTET}(\.{_OCTET}){{3}}"
_IPV6 = r"\[[0-9a-fA-F]{0,4}(:[0-9a-fA-F]{0,4}){2,7}(\.[0-9]{1,3}){0,3}\]"
_LABEL = r"[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?"
_NAME = rf"({_LABEL}\.)*[a-zA-Z0-9_-]*[a-zA-Z][a-zA-Z0-9_-]*\.?"
"""With a letter in its last part: `8.8.8` is an IP address that lacks a number, not a name."""
_PORT = (
    r"(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6([0-4][0-9]{3}|5([0-4][0-9]{2}|5([0-2][0-9]|3[0-5])))))?"
)
HOST = rf"({_IPV6}|{_IPV4}|{_NAME}){_PORT}"
"""A host, with its port if that is not the usual one; in a regular expression of Go, too."""

Endpoint = Annotated[str, Field(max_length=260, pattern=rf"^{HOST}$")]
URL = Annotated[
    str,
    Field(max_length=253, pattern=rf"^https?://{HOST}([/?#][A-Za-z0-9._~:/?#&=%+\[\]-]*)?$"),
]
