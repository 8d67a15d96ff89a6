"""All checks across resources, for files before they are applied.

A reference to nothing is an error where the files should hold its target: if they hold any of that
kind, or all there is. Otherwise it is a warning, for the target may be declared elsewhere.
"""

from collections.abc import Callable, Iterator

from ispalier.world.checks.addresses import addresses_outside_pools, mail_in_foreign_domains
from ispalier.world.checks.clear import secrets_in_the_clear
from ispalier.world.checks.contracts import (
    lines_without_access,
    suspensions_of_no_effect,
    unsold_plans,
)
from ispalier.world.checks.files import Check, Files
from ispalier.world.checks.reserved import reserved_names
from ispalier.world.checks.sound import broken_rules, over_allowance, without_effect
from ispalier.world.checks.targets import dangling_references, nobodys_resources
from ispalier.world.checks.twice import (
    pools_that_overlap,
    same_twice,
    sites_of_one_name,
    unclear_hosts,
)
from ispalier.world.checks.zones import (
    delegations_to_nobody,
    names_in_zones_of_others,
    names_to_prove,
    records_of_others,
)

CHECKS: tuple[Callable[[Files], Iterator[Check]], ...] = (
    dangling_references,
    nobodys_resources,
    same_twice,
    sites_of_one_name,
    pools_that_overlap,
    unclear_hosts,
    unsold_plans,
    lines_without_access,
    suspensions_of_no_effect,
    addresses_outside_pools,
    mail_in_foreign_domains,
    names_in_zones_of_others,
    delegations_to_nobody,
    names_to_prove,
    records_of_others,
    over_allowance,
    broken_rules,
    reserved_names,
    secrets_in_the_clear,
    without_effect,
)


def checks(files: Files) -> Iterator[Check]:
    """Everything that would not be served or charged as it is written."""
    for check in CHECKS:
        yield from check(files)
