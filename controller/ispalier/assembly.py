"""The assembly: how an engine is put together from rooms, a journal and settings."""

import asyncio
import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from ispalier.api.base import SecretRef
from ispalier.api.machines import Probe, ServiceHost
from ispalier.billing.observed import observed
from ispalier.billing.revenue import charges, shifts
from ispalier.core.engine import Engine
from ispalier.core.gather import Identity
from ispalier.core.items import Place
from ispalier.core.lease import Lease
from ispalier.core.memory import Journal
from ispalier.core.room import Backend, Room, Wiring
from ispalier.core.verdicts import Verdicts
from ispalier.ipam.desired import REGISTER
from ispalier.rooms import ROOMS
from ispalier.settings import Settings
from ispalier.world.errors import Waiting
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Snapshot


@dataclass(slots=True)
class Connections:
    """One back end per ServiceHost, made when first used and again when its data change."""

    world: Snapshot
    journal_url: str
    namespace: str
    rooms: Mapping[str, Room]
    key: Secret
    lease: Lease | None
    _open: dict[Place, tuple[object, Backend]] = field(default_factory=dict)
    _targets: dict[Place, str] = field(default_factory=dict)
    _closing: list[asyncio.Future[None]] = field(default_factory=list)

    def places(self) -> Sequence[Place]:
        """Every room on every host that is declared."""
        hosts = sorted(self.world.of(ServiceHost), key=lambda host: host.name)
        return [
            *((room.name, REGISTER) for room in self.rooms.values() if not room.host_type),
            *(
                (room.name, host.name)
                for room in self.rooms.values()
                for host in hosts
                if room.host_type and room.host_type == host.spec.type
            ),
        ]

    def backend(self, place: Place) -> Backend:
        """The back end of a room on a host; Waiting while its secrets are not there."""
        room = self.rooms[place[0]]
        host = self.world.get(ServiceHost, "", place[1]) if room.host_type else None
        if room.host_type and host is None:
            message = f"ServiceHost/{place[1]} does not exist (yet)"
            raise Waiting(message)
        made_of = (host.spec, *map(self._secret, _secret_refs(host.spec))) if host else ()
        if place in self._open and self._open[place][0] == made_of:
            return self._open[place][1]
        if place in self._open:
            self._closing.append(asyncio.ensure_future(self._open.pop(place)[1].close()))
        backend = room.connect(Wiring(host, self._secret, self.journal_url, self.lease))
        self._open[place] = (made_of, backend)
        self._targets[place] = self._digest(*made_of)
        return backend

    def target(self, place: Place) -> str:
        """A digest of what a host is reached by, secrets included; no secret can be told from it."""
        self.backend(place)
        return self._targets[place]

    async def close(self) -> None:
        """Let go of every back end."""
        await asyncio.gather(*(backend.close() for _, backend in self._open.values()))
        await asyncio.gather(*self._closing)

    def _digest(self, *made_of: object) -> str:
        """Keyed, so that nobody can try passwords on it."""
        texts = (each.reveal() if isinstance(each, Secret) else _as_text(each) for each in made_of)
        key = self.key.reveal().encode()
        return hmac.new(key, "\0".join(texts).encode(), "sha256").hexdigest()[:32]

    def _secret(self, ref: SecretRef) -> Secret:
        found = self.world.secret(self.namespace, ref.name, ref.key)
        if found is None:
            raise Waiting(self.world.lacking(self.namespace, ref.name, ref.key))
        return found


def build(
    world: Snapshot,
    journal: Journal,
    settings: Settings,
    identity: Identity,
    lease: Lease | None = None,
) -> Engine:
    """The engine with all rooms; who only looks needs no lease."""
    world.hidden.add(*journal.confidential())
    connections = Connections(
        world=world,
        journal_url=settings.journal_url,
        namespace=settings.namespace,
        key=identity.key,
        rooms={room.name: room for room in ROOMS},
        lease=lease,
    )
    return Engine(
        identity=identity,
        world=world,
        journal=journal,
        rooms=ROOMS,
        hosts=connections,
        facts=observed,
        shifts=shifts,
        charges=charges,
        retention=settings.retention,
        limits=settings.limits,
        timeout=settings.backend_timeout,
        verdicts=Verdicts(settings.probe_failures),
    )


def _as_text(spec: object) -> str:
    return spec.model_dump_json() if isinstance(spec, BaseModel) else ""


def _secret_refs(model: BaseModel) -> Iterator[SecretRef]:
    for name in type(model).model_fields:
        match getattr(model, name):
            case SecretRef() as ref:
                yield ref
            case Probe():
                pass  # a service can be served while it cannot be asked
            case BaseModel() as inner:
                yield from _secret_refs(inner)
            case _:
                pass
