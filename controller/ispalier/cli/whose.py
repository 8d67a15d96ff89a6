"""Whose something is: a customer's number, or the namespace in which a Tenant has one."""

from pathlib import Path

from ispalier.cli.books import opened
from ispalier.cli.output import fail
from ispalier.cli.place import settings_for
from ispalier.journal.names import Names

_SHOWN = 10
"""Namespaces of a list that may be long."""


def whose(folder: Path, customer: str, namespace: str, resource: str = "") -> str:
    """The number of the customer who is meant; empty if nobody is named.

    In a namespace of several it is who has the resource; who is not there, or still one of several,
    ends the command.
    """
    if not namespace:
        return customer
    with opened(Names, settings_for([folder])) as names:
        spaces = names.spaces()
        there = [number for space, number in spaces if space == namespace]
        if resource and len(there) > 1:
            having = {each.customer for each in names.known() if str(each) == resource}
            there = [each for each in there if each in having] or there
    if not there:
        some = ", ".join(sorted({space for space, _ in spaces})[:_SHOWN]) or "none yet"
        fail(f"no customer is known in namespace '{namespace}': customers are in {some}")
    if customer and customer not in there:
        fail(f"customer {customer} is not in namespace '{namespace}': name one of the two")
    if not customer and len(there) > 1:
        numbers = ", ".join(there)
        fail(f"namespace '{namespace}' holds customers {numbers}: say which by --customer NUMBER")
    return customer or there[0]
