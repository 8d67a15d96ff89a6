"""What PowerDNS' API takes and gives, as types."""

from typing import Literal, NotRequired, TypedDict


class RecordData(TypedDict):
    """One record."""

    content: str
    disabled: bool


class CommentData(TypedDict):
    """A comment on an rrset."""

    content: str
    account: NotRequired[str]


class RRSetData(TypedDict):
    """An rrset as it is read, or with a `changetype` one to be written."""

    name: str
    type: str
    ttl: NotRequired[int]
    changetype: NotRequired[Literal["REPLACE", "DELETE"]]
    records: NotRequired[list[RecordData]]
    comments: NotRequired[list[CommentData]]


class ZoneData(TypedDict):
    """A zone; lists of zones come without rrsets."""

    id: str
    name: str
    account: str
    rrsets: list[RRSetData]


class NewZoneData(TypedDict):
    """A zone to be made."""

    name: str
    kind: Literal["Native"]
    nameservers: list[str]
    account: str
    rrsets: list[RRSetData]


class FoundData(TypedDict):
    """A search result; a record has `ttl` and `disabled`, a zone no `type`."""

    object_type: Literal["zone", "record", "comment"]
    zone_id: str
    name: str
    type: NotRequired[str]
    content: NotRequired[str]
    ttl: NotRequired[int]
    disabled: NotRequired[bool]
