"""The states of a contract in the words of the systems that are replaced."""

from typing import NamedTuple


class Named(NamedTuple):
    """A state, when a contract is in it, and what a portal for orders and an ERP call it."""

    state: str
    when: str
    portal: str
    erp: str


STATES = (
    Named("Ordered", "`deployment: Requested`", "ordered", "awaiting installation"),
    Named("Confirmed", "approved, before its first day", "confirmed", "awaiting installation"),
    Named("Provisioning", "until all of it was served", "provisioning", "awaiting installation"),
    Named("Active", "served as declared", "provisioned", "enabled"),
    Named("Suspended", "under `suspensions` or holds", "provisioned", "inactive"),
    Named("Ending", "`end` is declared and to come", "cancelled", "enabled"),
    Named("Ended", "from `end.date` on", "deprovisioning, deprovisioned", "cancelled"),
)
HEAD = ("state", "when", "portals for orders say", "ERPs of providers say")
ASIDE = (
    "What an ERP calls suspended, because nothing is charged while service goes on, is no state"
    " here: it is `billing.hold`."
)
