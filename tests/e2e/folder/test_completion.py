"""A shell completes names: those of the journal, of the files and of the program."""

import pytest

from tests.provider import Folder

HERE = "--folder tree"


def completed(folder: Folder, words: str, **env: str) -> list[str]:
    """What a shell is offered for the last of these words."""
    count = str(len(words.split(" ")))
    asked = {"COMP_WORDS": f"ispalier {words}", "COMP_CWORD": count}
    return folder.ispalier(**asked, _ISPALIER_COMPLETE="complete_bash", **env).out.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (f"why {HERE} Login/", ["Login/pedro"]),
        (f"why {HERE} --namespace ", ["lopes"]),
        (f"audit {HERE} --customer 10", ["10042"]),
        (f"hold {HERE} Ten", ["Tenant/lopes"]),
        (f"adopt {HERE} ", ["dns-1", "mail-1", "radius-1"]),
        (f"bill {HERE} --unit ", ["londrina"]),
        (f"purge {HERE} Domain/", []),
        ("new MailD", ["MailDomain"]),
    ],
)
def test_a_name_is_offered_as_far_as_it_is_typed(
    served: Folder, words: str, offered: list[str]
) -> None:
    assert completed(served, words) == offered


def test_where_no_journal_is_nothing_is_offered_and_none_is_made(served: Folder) -> None:
    nowhere = {"ISPALIER_JOURNAL_URL": "sqlite:///nowhere.db"}

    assert completed(served, f"why {HERE} ", **nowhere) == []
    assert not (served.path / "nowhere.db").exists()


def test_a_resource_is_told_of_by_its_namespace(served: Folder) -> None:
    there = served.ispalier("why", "Login/pedro", "-n", "lopes", "--folder", "tree")
    typo = served.ispalier("why", "Login/pedro", "-n", "lops", "--folder", "tree")

    assert there.code == 0
    assert "Login/pedro of customer 10042 is declared" in there.out
    assert (typo.code, typo.err) == (
        1,
        "ispalier: no customer is known in namespace 'lops': customers are in lopes\n",
    )
