"""Parse: objects of the API server as resources; unknown fields are left to newer versions."""

from pydantic import ValidationError

from ispalier.api.base import Resource
from ispalier.api.lean import lean
from ispalier.core.conditions import with_status
from ispalier.kube.versions import Raw, ident_of
from ispalier.world.edits import with_editor
from ispalier.world.snapshot import Broken


def parsed(kind: type[Resource], raw: Raw) -> Resource | Broken:
    """The resource, or what cannot be read of it; a status that cannot be read is as good as none.

    The API server has checked it against the CRD, so what fails here was written under other rules.
    """
    spec = {name: value for name, value in raw.items() if name != "status"}
    spec["metadata"] = with_editor(raw["metadata"])
    try:
        resource = kind.model_validate(spec, extra="ignore")
    except ValidationError as error:
        meta = raw["metadata"]
        return Broken(ident_of(kind.__name__, raw), _told(error), meta.get("generation", 0))
    return with_status(lean(resource), raw.get("status"))


def _told(error: ValidationError) -> str:
    """Field and reason of every fault, without the values: they may be secret."""
    faults = [
        f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}"
        for each in error.errors(include_input=False, include_url=False)
    ]
    more = f" (and {len(faults) - 3} more)" if len(faults) > 3 else ""  # noqa: PLR2004 - one line
    return "; ".join(faults[:3]) + more
