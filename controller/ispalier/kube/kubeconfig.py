"""A kubeconfig, looked at before it is used: what is wrong with it is told in words of its own."""

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from kubernetes.aio.config.kube_config import KUBE_CONFIG_DEFAULT_LOCATION

from ispalier.world.errors import Invalid

_OTHER = "name another with --kubeconfig, or set KUBECONFIG"


def check(kubeconfig: Path | None, context: str | None) -> None:
    """Raise Invalid for files that are not there or none, and for a context that is not in them."""
    documents = list(_documents(kubeconfig))
    where = ", ".join(map(str, _files(kubeconfig)))
    if not documents:
        raise Invalid(f"there is no kubeconfig {where or 'that is named'}: {_OTHER}")
    names = _names(documents)
    some = ", ".join(names) or "none"
    current = next(
        (each["current-context"] for each in documents if each.get("current-context")), ""
    )
    if context is None and not current:
        raise Invalid(
            f"the kubeconfig {where} has no current context: name one with --context ({some}), or"
            " choose one by `kubectl config use-context NAME`"
        )
    wanted = str(current if context is None else context)
    if wanted not in names:
        near = difflib.get_close_matches(wanted, names, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"there are: {some}"
        raise Invalid(f"the kubeconfig {where} has no context '{wanted}': {remedy}")


def contexts(kubeconfig: Path | None) -> list[str]:
    """The names of all contexts; raises Invalid for a file that is no kubeconfig."""
    return _names(list(_documents(kubeconfig)))


def _files(kubeconfig: Path | None) -> list[Path]:
    """As kubectl does: several may be named, with colons between them."""
    named = [str(kubeconfig)] if kubeconfig else KUBE_CONFIG_DEFAULT_LOCATION.split(":")
    return [Path(each).expanduser() for each in filter(None, named)]


def _documents(kubeconfig: Path | None) -> Iterator[dict[str, Any]]:
    for file in _files(kubeconfig):
        try:
            found = yaml.safe_load(file.read_text())
        except FileNotFoundError:
            continue
        except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
            said = " ".join(str(error).split())
            raise Invalid(f"the kubeconfig {file} cannot be read: {said}: {_OTHER}") from error
        if not isinstance(found, dict):
            raise Invalid(f"'{file}' is no kubeconfig, it holds no clusters and contexts: {_OTHER}")
        yield found


def _names(documents: Sequence[dict[str, Any]]) -> list[str]:
    listed = (each for some in documents for each in some.get("contexts") or ())
    return [str(each["name"]) for each in listed if isinstance(each, dict) and "name" in each]
