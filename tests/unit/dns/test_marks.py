"""Marks say whose a zone or an rrset is, also when its resource has been renamed."""

from ispalier.core.items import Owner
from ispalier.dns.items import Accounts, account, mark, marked

SILVA = Owner("home", "10042", "Domain", "silva")
SOUZA = Owner("home", "20000", "Domain", "souza")


def test_the_mark_of_an_rrset_is_read_back() -> None:
    assert marked(mark(SILVA)) == SILVA


def test_a_comment_that_is_no_mark_is_nobodys() -> None:
    assert marked("ask Ana|before|you|touch|this") is None
    assert marked("ispalier|too|short") is None
    assert marked("") is None


def test_the_mark_of_a_zone_fits_its_field() -> None:
    assert len(account(SILVA)) == 40
    assert account(SILVA) != account(SOUZA)


def test_the_mark_of_a_zone_is_resolved_by_those_who_are_known() -> None:
    assert Accounts([SOUZA, SILVA]).owner(account(SILVA)) == SILVA


def test_the_zone_of_a_renamed_resource_is_still_its_customers() -> None:
    renamed = SILVA._replace(name="silva-new")

    found = Accounts([renamed]).owner(account(SILVA))

    assert found is not None
    assert found[:3] == SILVA[:3]
    assert found != renamed


def test_what_resolves_to_nobody_is_somebody_elses() -> None:
    found = Accounts([SILVA]).owner(account(SOUZA))

    assert found is not None
    assert found.installation not in {"home", ""}


def test_a_zone_without_account_is_unmarked() -> None:
    assert Accounts([SILVA]).owner("") is None
