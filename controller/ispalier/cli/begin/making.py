"""Makes the file of a new resource, if nothing would be wrong with it beside all that is there."""

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ispalier.api.base import API_VERSION, Resource
from ispalier.api.kinds import BY_NAME
from ispalier.api.parties import Tenant
from ispalier.cli.begin.completing import Maker, put
from ispalier.cli.output import Exit, err, fail, out, print_problems, say
from ispalier.cli.validate.problems import across, read
from ispalier.world.checks.files import Check
from ispalier.world.findings import Level, parsed, shown
from ispalier.world.load import Loaded
from ispalier.world.manifests import declared
from ispalier.world.snapshot import Ident, ident

_KINDS = {name.lower(): model for name, model in BY_NAME.items()}


_KEPT = {
    "labels": {"ispalier.dev/tenants": "true"},
    "annotations": {
        "kustomize.toolkit.fluxcd.io/prune": "disabled",
        "argocd.argoproj.io/sync-options": "Prune=false",
    },
}
"""So that nobody deletes the namespace of a customer by mistake: it takes all that is in it along."""


class Wish(NamedTuple):
    """What somebody wants to have made."""

    kind: str
    name: str
    namespace: str
    fields: tuple[str, ...]
    folder: Path
    force: bool = False
    """Whether it is written although it does not go with what is there."""


def made(wish: Wish, *, dry_run: bool) -> Exit:
    """Make the file, or print it."""
    model = _model(wish.kind)
    loaded = read([wish.folder])
    which = _which(wish, model, loaded)
    spec: dict[str, Any] = {}
    for text in wish.fields:
        put(spec, text)
    maker = Maker(model, which, loaded, wish.force)
    draft = Draft(which, _file(wish, loaded, which, maker.complete(spec)), loaded)
    while wrong := list(draft.wrong(maker.complete(spec))):
        if wish.force and draft.text:
            break
        for each in wrong:
            if not _is_told_as_missing(each, maker):
                err().print(draft.told(each), soft_wrap=True)
        if maker.missing:
            told = "".join(f"\n  --set {path}=…   {what}" for path, what in maker.missing.items())
            fail(f"{_subject(which)} must have more:{told}", Exit.USAGE)
        fields = [each.field.removeprefix("spec.") * (each.which == which) for each in wrong]
        if not maker.take_back(spec, fields):
            is_first_of_two = draft.text and all(each.wants for each in wrong)
            how = "; where two need each other: the first with --force" if is_first_of_two else ""
            say(f"nothing was written{how}")
            return Exit.PROBLEMS
    if dry_run:
        out().print(draft.text, end="")
    else:
        _write(draft.file, draft.text)
        out().print(str(draft.file))
    print_problems([loaded.problem(each.which, each.field, each.finding) for each in draft.found])
    return Exit.OK


@dataclass(slots=True)
class Draft:
    """A file that is not written yet, and what is there already."""

    which: Ident
    file: Path
    loaded: Loaded
    text: str = ""
    """As it would be written; empty if it is wrong by itself."""
    found: list[Check] = field(default_factory=list)
    """What is wrong with it beside the others, and what somebody might want to know."""
    _now: datetime = field(default_factory=lambda: datetime.now(UTC))
    _before: frozenset[Check] | None = None

    def wrong(self, spec: dict[str, Any]) -> Iterator[Check]:
        """What `validate` would say of it with this spec, and of others because of it."""
        self.text, space = "", self.which.namespace
        metadata = {"name": self.which.name, **({"namespace": space} if space else {})}
        head = {"apiVersion": API_VERSION, "kind": self.which.kind, "metadata": metadata}
        found = declared(yaml.safe_load(yaml.safe_dump({**head, "spec": spec})))
        if found.resource is None:
            yield from (Check(self.which, shown(each.path), *each[1:]) for each in found.findings)
            return
        self.text = yaml.safe_dump(
            {**head, "spec": spec}, sort_keys=False, allow_unicode=True, width=100
        )
        if self.which.kind == Tenant.__name__:
            own = {
                "apiVersion": "v1",
                "kind": "Namespace",
                "metadata": {"name": space, **_KEPT},
            }
            self.text = f"{yaml.safe_dump(own, sort_keys=False)}---\n{self.text}"
        if self._before is None:
            self._before = frozenset(across(self.loaded, self._now))
        self.loaded.take(self.file, self.text.encode())
        self.loaded.world.put(_youngest(found.resource, self._now))
        after = across(self.loaded, self._now)
        self.found = [each for each in after if each not in self._before]
        yield from (each for each in self.found if each.level is Level.ERROR)

    def told(self, check: Check) -> str:
        """A line as `validate` writes it; the file that is not there is not named."""
        if check.which != self.which:
            return str(self.loaded.problem(check.which, check.field, check.finding))
        where = [_subject(check.which), check.field]
        at = f" ({self.loaded.where(check.other, parsed(check.field))})" if check.other else ""
        return ": ".join([*filter(None, where), f"{check.what}{at}; {check.remedy}"])


def _youngest(resource: Resource, now: datetime) -> Resource:
    """The same as what came last: of two that may not both be it is the one that is refused."""
    metadata = resource.metadata.model_copy(update={"creation_timestamp": now})
    return resource.model_copy(update={"metadata": metadata})


def _subject(which: Ident) -> str:
    return f"{which.kind}/{which.name}"


def _is_told_as_missing(check: Check, maker: Maker) -> bool:
    path = check.field.removeprefix("spec.")
    return any(each == path or each.startswith((f"{path}.", f"{path}[")) for each in maker.missing)


def _which(wish: Wish, model: type[Resource], loaded: Loaded) -> Ident:
    """What it will be called; ends the command if that is taken, or nobody is there to have it."""
    kind = model.__name__
    space = (wish.namespace or (wish.name if model is Tenant else "")) if model.namespaced else ""
    if model.namespaced and not space:
        fail(f"whose {kind} is it? Name the namespace with -n", Exit.USAGE)
    which = Ident(kind, space, wish.name)
    if which in loaded.origins:
        where = loaded.where(which)
        fail(f"{_subject(which)} is there already, in {where}: choose another name or edit it")
    if not loaded.readable:
        unread = "not all files can be read, and what stands there is not known"
        err().print(f"{unread}: see `ispalier validate`")
    tenants = {each.namespace for each in loaded.origins if each.kind == Tenant.__name__}
    is_nobodys = space and model is not Tenant and tenants and space not in tenants
    if is_nobodys and not wish.force:
        near = difflib.get_close_matches(space, tenants, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"make one: ispalier new Tenant {space}"
        fail(f"{_subject(which)}: namespace {space} has no Tenant; {remedy}")
    return which


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x") as to:
            to.write(text)
    except FileExistsError:
        fail(f"{file} is there already: choose another name or edit it")
    except OSError as error:
        if error.filename is None:
            file.unlink()  # half of it
        fail(f"{error.filename or file} cannot be written: {error.strerror}")


def _file(wish: Wish, loaded: Loaded, which: Ident, spec: Mapping[str, Any]) -> Path:
    """Where others of its namespace are, or where one would look for it."""
    name = f"{which.kind.lower()}-{which.name}.yaml"
    beside = Counter(
        origin.file.parent
        for other, origin in loaded.origins.items()
        if other.namespace == which.namespace and other.kind in BY_NAME
    )
    if beside:
        return _most(beside) / name
    if which.kind == Tenant.__name__:
        homes = Counter(_homes(loaded, spec.get("partnerRef")))
        return (
            (_most(homes) if homes else wish.folder / "tenants") / which.namespace / "tenant.yaml"
        )
    return wish.folder / ("tenants" if which.namespace else "provider") / which.namespace / name


def _homes(loaded: Loaded, partner: object) -> Iterator[Path]:
    """Where the folders of customers of the same partner are, or of those who have none."""
    for tenant in loaded.world.of(Tenant):
        folder = loaded.origins[ident(tenant)].file.parent
        theirs = tenant.spec.partner_ref
        is_alike = (theirs.model_dump() if theirs else None) == partner
        if is_alike and folder.name == tenant.namespace:
            yield folder.parent


def _most(folders: Counter[Path]) -> Path:
    return max(folders, key=lambda each: (folders[each], str(each)))


def _model(kind: str) -> type[Resource]:
    """The kind of this name; capitals do not matter, as for kubectl."""
    if kind.lower() not in _KINDS:
        near = difflib.get_close_matches(kind, BY_NAME, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"use one of {', '.join(BY_NAME)}"
        fail(f"no kind is called {kind}; {remedy}", Exit.USAGE)
    return _KINDS[kind.lower()]
