"""The table beside FreeRADIUS' own that says whose everything is, and the stock tables' columns."""

from sqlalchemy import Integer, TableClause, Text, column, table
from sqlalchemy.dialects.postgresql import JSONB

from ispalier import epoch

DDL = (
    """
CREATE TABLE IF NOT EXISTS ispalier_owner (
    subject      text NOT NULL,  -- user, group or nas
    key          text NOT NULL,  -- user name, group name or IP address
    installation text NOT NULL,
    customer     text NOT NULL,  -- empty: the provider
    kind         text NOT NULL,
    name         text NOT NULL,
    retired      jsonb,          -- the row of a NAS that was taken out
    PRIMARY KEY (key, subject)
);
CREATE INDEX IF NOT EXISTS ispalier_owner_customer ON ispalier_owner (customer, subject);
"""
    + epoch.DDL
)
"""What a host needs besides FreeRADIUS' schema.sql; running it again is harmless."""


# The first column of each is the key that it is read and written by.


def _texts(name: str, *columns: str) -> TableClause:
    return table(name, *(column(each, Text) for each in columns))


USER_CHECK = _texts("radcheck", "username", "attribute", "op", "value")
USER_REPLY = _texts("radreply", "username", "attribute", "op", "value")
USER_GROUP = table(
    "radusergroup", column("username", Text), column("groupname", Text), column("priority", Integer)
)
GROUP_CHECK = _texts("radgroupcheck", "groupname", "attribute", "op", "value")
GROUP_REPLY = _texts("radgroupreply", "groupname", "attribute", "op", "value")
NAS = table(
    "nas",
    *(column(each, Text) for each in ("nasname", "shortname", "type", "secret")),
    column("ports", Integer),
    *(column(each, Text) for each in ("server", "community", "description")),
)
OWNER = table(
    "ispalier_owner",
    *(
        column(each, Text)
        for each in ("key", "subject", "installation", "customer", "kind", "name")
    ),
    column("retired", JSONB(none_as_null=True)),
)
