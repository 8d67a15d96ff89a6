"""What is kept for what a customer gave up is never so much that others lack it."""

from datetime import timedelta

from ispalier.core.items import Owner
from ispalier.core.memory import Allocation, Claim
from ispalier.journal.journal import Journal
from tests.builders import NOW

SOUZA = Owner("test", "10043", "IPClaim", "theirs")
POOL = [f"203.0.113.{number}" for number in range(1, 64)]
MOST = 17
TOLD = (
    "too many values of kind IP address are kept for resources of this customer that are gone or"
    " were changed: declare those again, or wait until they are free"
)


def mine(name: object) -> Owner:
    return Owner("test", "10042", "IPClaim", str(name))


def any_of(owner: Owner) -> Allocation:
    return Allocation("IP address", lambda: iter(POOL), POOL.__contains__, owner, "IPPool/homes")


def this(value: str, owner: Owner) -> Claim:
    return Claim("IP address", value, owner)


def granted(journal: Journal, wish: Allocation | Claim, *there: Owner, days: int = 0) -> list[str]:
    present = frozenset({wish.owner, *there})
    return list(journal.grant([wish], present, NOW + timedelta(days=days)).values())


def test_who_makes_and_deletes_claims_takes_no_pool_from_others(journal: Journal) -> None:
    refused = [granted(journal, any_of(mine(number))) for number in range(40)]

    assert refused == [[]] * MOST + [[TOLD]] * (40 - MOST)
    assert granted(journal, any_of(SOUZA)) == []


def test_who_moves_one_claim_from_address_to_address_does_not_either(journal: Journal) -> None:
    refused = [granted(journal, this(each, mine("one"))) for each in POOL]

    assert refused == [[]] * (MOST + 2) + [[TOLD]] * (len(POOL) - MOST - 2)
    assert granted(journal, this(POOL[-1], SOUZA)) == []
    assert granted(journal, this(POOL[-2], mine("one")), days=8) == []


def test_what_he_had_he_may_have_again(journal: Journal) -> None:
    for number in range(20):
        granted(journal, any_of(mine(number)))

    assert granted(journal, this(POOL[3], mine("again"))) == []


def test_who_has_many_in_use_may_change_as_many(journal: Journal) -> None:
    owners = [mine(number) for number in range(30)]
    journal.grant([any_of(each) for each in owners], frozenset(owners), NOW)

    moved = [
        granted(journal, this(POOL[30 + number], owner), *owners)
        for number, owner in enumerate(owners)
    ]

    assert moved == [[]] * 30
