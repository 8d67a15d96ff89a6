"""The list of kinds: one line adds one."""

from ispalier.api.access import NAS, AccessPoint, AccessProfile, Login
from ispalier.api.acts import Operation
from ispalier.api.addresses import IPClaim, IPPool
from ispalier.api.base import Resource
from ispalier.api.catalogue import Plan
from ispalier.api.contracts import Subscription, Transfer
from ispalier.api.hosting import Database, FTPUser, Site
from ispalier.api.machines import Server, ServiceHost
from ispalier.api.mail import MailAlias, Mailbox, MailDomain
from ispalier.api.names import Domain, RecordSet
from ispalier.api.parties import PaymentMethod, Tenant
from ispalier.api.partners import CommissionSchedule, Partner
from ispalier.api.units import BusinessUnit

KINDS: tuple[type[Resource], ...] = (
    BusinessUnit,
    AccessProfile,
    Plan,
    CommissionSchedule,
    Partner,
    ServiceHost,
    NAS,
    AccessPoint,
    IPPool,
    Tenant,
    PaymentMethod,
    Subscription,
    Transfer,
    Login,
    IPClaim,
    Domain,
    RecordSet,
    MailDomain,
    Mailbox,
    MailAlias,
    Site,
    FTPUser,
    Database,
    Server,
)
ACTS: tuple[type[Resource], ...] = (Operation,)
"""Kinds that declare nothing: each object is an act, carried out once."""
BY_NAME: dict[str, type[Resource]] = {kind.__name__: kind for kind in KINDS}
