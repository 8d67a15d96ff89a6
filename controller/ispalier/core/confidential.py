"""Confidential: whoever holds a domain has its name left out of what is told, and nobody else.

Else a customer would hide what others have, by declaring their domain or the one above it.
"""

from collections.abc import Iterable

from ispalier.api.names import Domain
from ispalier.core.choosing import Aim
from ispalier.core.gather import owner_of
from ispalier.core.memory import ZONE
from ispalier.core.verified import unverified
from ispalier.world.errors import Conflict, Invalid
from ispalier.world.view import View


def settle(aims: Iterable[Aim]) -> None:
    """Hide the confidential names that are held by who asks for that, and those of nobody else."""
    for view, _, goal in aims:
        for domain in view.of(Domain):
            if domain.spec.confidential:
                problem = goal.problems.get(owner_of(view, domain))
                if view.chosen_for(domain, ZONE) == f"{domain.spec.name}.":
                    view.world.hidden.add(domain.spec.name)
                elif isinstance(problem, Conflict | Invalid) or _is_unproven(view, domain):
                    view.world.hidden.refuse(domain.spec.name)


def _is_unproven(view: View, domain: Domain) -> bool:
    return domain.spec.dns != "Hosted" and bool(unverified(view, ZONE, f"{domain.spec.name}."))
