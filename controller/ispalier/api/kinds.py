"""The list of kinds: one line adds one."""

from ispalier.api.access import NAS, AccessPoint, IPClaim, IPPool, Login
from ispalier.api.acts import Operation
from ispalier.api.base import Resource
from ispalier.api.catalogue import BusinessUnit, Plan
from ispalier.api.contracts import Subscription
from ispalier.api.machines import ServiceHost
from ispalier.api.mail import MailAlias, Mailbox, MailDomain
from ispalier.api.names import Domain, RecordSet
from ispalier.api.parties import Tenant

KINDS: tuple[type[Resource], ...] = (
    BusinessUnit,
    Plan,
    ServiceHost,
    NAS,
    AccessPoint,
    IPPool,
    Tenant,
    Subscription,
    Login,
    IPClaim,
    Domain,
    RecordSet,
    MailDomain,
    Mailbox,
    MailAlias,
)
ACTS: tuple[type[Resource], ...] = (Operation,)
"""Kinds that declare nothing: each object is an act, carried out once."""
BY_NAME: dict[str, type[Resource]] = {kind.__name__: kind for kind in KINDS}
