"""What mail servers should hold: the domains, mailboxes and aliases of a tenant."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ispalier.api.mail import MailAlias, Mailbox, MailDomain
from ispalier.core.delegated import delegated
from ispalier.core.gather import has_had, owner_of
from ispalier.core.items import Item
from ispalier.core.memory import MAIL_DOMAIN, Choice, Claim, Wish
from ispalier.core.verified import unverified
from ispalier.mail import items
from ispalier.mail.hashes import ssha512, stored_hash
from ispalier.mail.items import domain_of
from ispalier.world.effect import Effect
from ispalier.world.errors import Conflict, Invalid, IspalierError, Waiting
from ispalier.world.per_view import per_view
from ispalier.world.state import State
from ispalier.world.view import View

TYPE = "Mail"

_MIB = 1024 * 1024


def of_domain(view: View, domain: MailDomain) -> Iterable[Item]:
    """A domain receives while its contract runs, suspended or not."""
    view.begun(domain.spec.subscription_ref, domain.namespace)
    if lacking := unverified(view, MAIL_DOMAIN, domain.spec.name):
        raise Waiting(lacking)
    yield items.MailDomain(
        host=view.host(domain, domain.spec.service_host_ref, TYPE).name,
        owner=owner_of(view, domain),
        state=_receives(view.state_of(domain)),
        name=domain.spec.name,
    )


def shown_of_domain(view: View, domain: MailDomain) -> Mapping[str, Any]:
    """Where its people work with their mail, as its host has it."""
    with suppress(IspalierError):
        mail = view.host(domain, domain.spec.service_host_ref, TYPE).spec.mail
        if mail is not None and mail.urls is not None:
            return {"urls": mail.urls.model_dump(by_alias=True, exclude_none=True)}
    return {}


def wishes_of_domain(view: View, domain: MailDomain) -> Iterable[Wish]:
    """Its name, once it is proven to be the customer's, and the mail system if it names none."""
    owner = owner_of(view, domain)
    name = domain.spec.name
    proven = not unverified(view, MAIL_DOMAIN, name)
    yield Claim(MAIL_DOMAIN, name, owner, delegated(view, domain), proven=proven)
    if domain.spec.service_host_ref is None:
        yield Choice("host", view.host(domain, None, TYPE).name, owner)


def of_mailbox(view: View, mailbox: Mailbox) -> Iterable[Item]:
    """A mailbox, where its domain is."""
    view.begun(mailbox.spec.subscription_ref, mailbox.namespace)
    domain = _domain(view, mailbox.spec.address)
    password, is_hash = view.password(mailbox, mailbox.spec.password)
    yield items.Mailbox(
        host=view.host(domain, domain.spec.service_host_ref, TYPE).name,
        owner=owner_of(view, mailbox),
        state=view.state_of(mailbox),
        address=mailbox.spec.address,
        domain=domain.spec.name,
        password=stored_hash(password)
        if is_hash
        else ssha512(password, view.salt(mailbox, password)),
        quota_bytes=mailbox.spec.quota * _MIB,
        submits=Effect.NO_SUBMISSION not in view.effects_on(mailbox),
    )


def wishes_of_mailbox(view: View, mailbox: Mailbox) -> Iterable[Wish]:
    """Its address, once the customer has the mail domain."""
    yield _address(view, "mail address", mailbox.spec.address, mailbox)


def of_alias(view: View, alias: MailAlias) -> Iterable[Item]:
    """An alias passes mail on while its contract runs, suspended or not."""
    view.begun(alias.spec.subscription_ref, alias.namespace)
    address, targets = alias.spec.address, alias.spec.targets
    domain = _domain(view, address)
    mailbox = _mailboxes(view).get(address)
    if mailbox is not None and address not in targets:
        message = (
            f"Mailbox/{mailbox.name} has the same address and would receive nothing:"
            " add the address to spec.targets to keep a copy, or use another address"
        )
        raise Invalid(message)
    yield items.Alias(
        host=view.host(domain, domain.spec.service_host_ref, TYPE).name,
        owner=owner_of(view, alias),
        state=_receives(view.state_of(alias)),
        address=address,
        targets=tuple(sorted(set(targets))),
    )


def wishes_of_alias(view: View, alias: MailAlias) -> Iterable[Wish]:
    """Its address as an alias: a mailbox of the same tenant may have it too, and keep a copy."""
    yield _address(view, "mail alias", alias.spec.address, alias)


def _address(view: View, kind: str, address: str, of: Mailbox | MailAlias) -> Claim:
    proven = has_had(view, kind, address) or has_had(view, MAIL_DOMAIN, domain_of(address))
    return Claim(kind, address, owner_of(view, of), proven=proven)


def told(item: Item) -> Iterable[Claim]:
    """The claim of an item that is there."""
    if item.owner is None:
        return
    match item:
        case items.MailDomain():
            yield Claim(MAIL_DOMAIN, item.name, item.owner)
        case items.Mailbox():
            yield Claim("mail address", item.address, item.owner)
        case items.Alias():
            yield Claim("mail alias", item.address, item.owner)
        case _:
            pass


def _receives(state: State) -> State:
    """Suspended mail is refused at login only; what arrives meanwhile is kept."""
    return State.RETIRED if state is State.RETIRED else State.ACTIVE


def _domain(view: View, address: str) -> MailDomain:
    """The tenant's own mail domain that an address is in, if the tenant was given it."""
    name = domain_of(address)
    own = _domains(view).get(name, [])
    for domain in own:
        if view.chosen_for(domain, MAIL_DOMAIN) == name:
            return domain
    if own:
        message = f"MailDomain/{own[0].name} is not accepted (yet)"
        raise Waiting(message)
    if any(each.spec.name == name for each in view.world.of(MailDomain)):
        message = f"mail domain '{name}' belongs to another customer: use a domain of your own"
        raise Conflict(message)
    message = f"no MailDomain is '{name}' (yet): create one"
    raise Waiting(message)


@per_view
def _domains(view: View) -> Mapping[str, Sequence[MailDomain]]:
    """The tenant's mail domains by their names."""
    found: dict[str, list[MailDomain]] = {}
    for domain in view.of(MailDomain):
        found.setdefault(domain.spec.name, []).append(domain)
    return found


@per_view
def _mailboxes(view: View) -> Mapping[str, Mailbox]:
    """The tenant's mailboxes by their addresses."""
    return {mailbox.spec.address: mailbox for mailbox in view.of(Mailbox)}
