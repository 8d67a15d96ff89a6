"""A room on two hosts, so that one of them may fail while the other does not."""

from collections.abc import Iterable

from ispalier.api.access import Login
from ispalier.api.catalogue import Plan
from ispalier.core.gather import owner_of
from ispalier.core.items import Item
from ispalier.core.memory import Claim, Wish
from ispalier.core.room import Backend, Room, Wiring
from ispalier.world.view import View
from tests.inmemory import Line, tells

HOSTS = ("north", "south")


def _lines(view: View, login: Login) -> Iterable[Item]:
    plan = view.plan_of(view.subscription_of(login.spec.subscription_ref, login.namespace))
    password, _ = view.password(login, login.spec.password)
    for host in HOSTS:
        yield Line(
            host=host,
            owner=owner_of(view, login),
            state=view.state_of(login),
            name=login.spec.username or "",
            password=password,
            plan=f"plan:{plan.name}",
        )


def _groups(view: View, plan: Plan) -> Iterable[Item]:
    speed = plan.spec.access.profile_ref.name if plan.spec.access else ""
    for host in HOSTS:
        yield Line(host=host, owner=owner_of(view, plan), name=f"plan:{plan.name}", speed=speed)


def _wishes(view: View, login: Login) -> Iterable[Wish]:
    yield Claim("user name", login.spec.username or "", owner_of(view, login))


def _connect(wiring: Wiring) -> Backend:
    raise NotImplementedError(wiring)  # the hosts of a trial are there from the beginning


ROOM = Room(
    name="memory",
    host_type="memory",
    connect=_connect,
    desired={Login: _lines, Plan: _groups},
    wishes={Login: _wishes},
    tells=tells,
)
