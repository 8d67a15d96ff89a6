"""What customers have, as a tree; and whose something is."""

import difflib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from ispalier.api.base import Resource
from ispalier.api.contracts import Subscription
from ispalier.api.names import Domain
from ispalier.api.parties import Tenant
from ispalier.cli.declaration import look_at_cluster
from ispalier.cli.output import Exit, Format, counted, err, fail, print_json, print_whole
from ispalier.cli.place import settings_for
from ispalier.cli.source import Source
from ispalier.core.conditions import kind_and_ready, why_unready
from ispalier.world.errors import Invalid, Unavailable
from ispalier.world.load import load
from ispalier.world.references import references
from ispalier.world.snapshot import Broken, Ident, Snapshot, ident
from ispalier.world.units import things_of

_UNKNOWN = "Unknown"


@dataclass(slots=True)
class Branch:
    """A resource with its parts: a zone with its record sets, a contract with its services."""

    resource: Resource
    parts: list["Branch"] = field(default_factory=list)

    @property
    def ready(self) -> str:
        """What its status says of Ready."""
        return kind_and_ready(self.resource)[1]

    @property
    def about(self) -> str:
        """What a table would show of it: its columns, in a line; numbers say of what."""
        value = self.resource.model_dump(mode="json", by_alias=True, exclude_none=True)
        columns = [each for each in self.resource.columns if each.priority == 0]
        shown = ((each, _at(value, each.path)) for each in columns)
        texts = [
            f"{of.name} {text}" if of.type == "integer" else text for of, text in shown if text
        ]
        return "  ".join([*_declared(self.resource), *texts])

    def all(self) -> Iterator["Branch"]:
        """Itself and everything below."""
        yield self
        for each in self.parts:
            yield from each.all()


def shown(source: Source, customer: str, format_: Format) -> Exit:
    """Show one customer or all."""
    world = _world(source)
    trees = [_tree(world, each) for each in _tenants(world, customer)]
    if format_ is Format.JSON:
        print_json({"customers": [_as_json(each) for each in trees]})
    elif customer:
        for each in trees:
            print_whole(_drawn(each))
    else:
        print_whole(_listed(trees))
    return Exit.OK


def found(source: Source, characters: str, format_: Format) -> Exit:
    """Show where some characters are declared."""
    world, wanted = _world(source), _plain(characters)
    hits = [
        (tenant, each, path, text)
        for tenant in _tenants(world, "")
        for each in things_of(world, tenant)
        if isinstance(each, Resource)
        for path, text in _all_texts(each, with_name="/" in wanted)
        if wanted in _plain(text)
    ]
    if format_ is Format.JSON:
        rows = [
            {
                "customer": tenant.spec.number,
                "name": tenant.spec.display_name,
                "resource": str(ident(each)),
                "field": path,
                "value": text,
            }
            for tenant, each, path, text in hits
        ]
        print_json({"found": rows})
    elif hits:
        table = Table("CUSTOMER", "NAME", "RESOURCE", "FIELD", "VALUE", box=None)
        for tenant, each, path, text in hits:
            table.add_row(
                tenant.spec.number, tenant.spec.display_name, str(ident(each)), path, text
            )
        print_whole(table)
    else:
        err().print(f"nothing that is declared holds {characters!r}")
    return Exit.OK if hits else Exit.PROBLEMS


def _world(source: Source) -> Snapshot:
    """What is declared, as far as it can be read; no secret and no identity is needed."""
    if source.path is not None:
        loaded = load([source.path], settings_for([source.path]).secrets_folder)
        if loaded.errors:
            told = f"{counted(len(loaded.errors), 'error')} in the files, and what is wrong is left out"
            err().print(f"{told}: see `ispalier validate {source.path}`")
        if not list(loaded.world.of(Tenant)):
            err().print(f"no Tenant is declared in {source.path}: name the folder of all customers")
        return loaded.world
    try:
        look = look_at_cluster(source.kubeconfig, source.context)
    except (Invalid, Unavailable) as error:
        is_named = source.kubeconfig or source.context
        fail(
            str(error) if is_named else f"{error}; name a folder instead with --folder", Exit.USAGE
        )
    for each in look.unseen:
        err().print(each)
    return look.world


def _tenants(world: Snapshot, customer: str) -> Sequence[Tenant]:
    every = sorted(world.of(Tenant), key=lambda each: each.spec.number)
    chosen = [each for each in every if not customer or _plain(customer) in _names(each)]
    if customer and not chosen:
        names = [name for each in every for name in _names(each)]
        near = difflib.get_close_matches(_plain(customer), names, n=1)
        meant = f"did you mean {near[0]}? " if near else ""
        fail(f"no Tenant has number or name {customer!r}: {meant}`ispalier find` looks everywhere")
    return chosen


def _names(tenant: Tenant) -> tuple[str, ...]:
    """What a customer may be called by."""
    called = tenant.spec.number, tenant.name, tenant.spec.display_name
    return tuple(map(_plain, called))


def _plain(text: str) -> str:
    """Without capitals and accents, as one types it."""
    if text.isascii():
        return text.casefold()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in parts if not unicodedata.combining(each))


def _tree(world: Snapshot, tenant: Tenant) -> Branch:
    """The tenant with its contracts; each other resource is below what it refers to first."""
    things = [each for each in things_of(world, tenant) if not isinstance(each, Broken)]
    branches = {ident(each): Branch(each) for each in things}
    root = branches.pop(ident(tenant))
    for branch in branches.values():
        parent = next((branches[each] for each in _above(branch) if each in branches), root)
        is_ring = any(each is parent for each in branch.all())
        (root if is_ring else parent).parts.append(branch)
    return root


def _above(branch: Branch) -> Iterator[Ident]:
    """What a resource may be below of: a contract of the one that it is sold beside alone."""
    is_contract = isinstance(branch.resource, Subscription)
    for path, target in references(branch.resource):
        if not is_contract or path == "spec.parentRef":
            yield target


def _drawn(branch: Branch, tree: Tree | None = None) -> Tree:
    trouble = why_unready(branch.resource)
    label = Text.assemble(
        (str(ident(branch.resource)), "bold"),
        f"  {branch.about}" if branch.about else "",
        (f"  {trouble}" if trouble else "", "red"),
    )
    here = Tree(label) if tree is None else tree.add(label)
    for each in branch.parts:
        _drawn(each, here)
    return here


def _listed(trees: Sequence[Branch]) -> Table:
    table = Table(box=None)
    for name in ("CUSTOMER", "NAME", "UNIT"):
        table.add_column(name)
    for name in ("CONTRACTS", "DOMAINS", "SERVICES", "NOT READY"):
        table.add_column(name, justify="right")
    for tree in trees:
        tenant, below = tree.resource, [each for part in tree.parts for each in part.all()]
        assert isinstance(tenant, Tenant)  # noqa: S101 - the roots are
        contracts = [each for each in below if isinstance(each.resource, Subscription)]
        domains = sum(isinstance(each.resource, Domain) for each in below)
        known = [each.ready for each in (tree, *below) if each.ready != _UNKNOWN]
        amiss = known.count("False") if known else "-"
        counts = (len(contracts), domains, len(below) - len(contracts), amiss)
        spec = tenant.spec
        unit = spec.business_unit_ref.name
        table.add_row(spec.number, spec.display_name, unit, *(str(each) for each in counts))
    return table


def _declared(resource: Resource) -> Iterator[str]:
    """What is declared of a contract of which nobody has told how it stands."""
    if isinstance(resource, Subscription) and resource.status.state is None:
        if resource.spec.deployment == "Requested":
            yield "Requested"
        for term in resource.spec.terms:
            yield f"{term.plan_ref.name} from {term.from_}"


def _as_json(branch: Branch) -> dict[str, Any]:
    which = ident(branch.resource)
    return {
        "kind": which.kind,
        "namespace": which.namespace,
        "name": which.name,
        "about": branch.about,
        "ready": branch.ready,
        "why": why_unready(branch.resource),
        "parts": [_as_json(each) for each in branch.parts],
    }


def _at(value: Any, path: str) -> str:  # noqa: ANN401 - JSON
    """What a column shows: `.spec.a.b`; what has a filter or fields of its own is left out."""
    for part in path.strip(".").split("."):
        if not isinstance(value, dict) or part not in value:
            return ""
        value = value[part]
    match value:
        case dict():
            return ""
        case list():
            return ", ".join(str(each) for each in value)
        case _:
            return str(value)


def _all_texts(resource: Resource, *, with_name: bool) -> Iterator[tuple[str, str]]:
    if with_name:
        yield "metadata.name", f"{resource.kind}/{resource.name}"
    yield from _texts(resource.model_dump(mode="json", by_alias=True)["spec"], "spec")


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON
    match value:
        case str():
            yield path, value
        case dict():
            for name, each in value.items():
                yield from _texts(each, f"{path}.{name}")
        case list():
            for index, each in enumerate(value):
                yield from _texts(each, f"{path}[{index}]")
        case _:
            pass
