"""What logs and previews do not tell."""

import pytest

from ispalier.cli.serve.logs import hiding
from ispalier.world.hidden import Hidden
from tests.builders import resource, snapshot


def hidden(*names: str) -> Hidden:
    found = Hidden()
    found.add(*names)
    return found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("+ zone quiet.example. on dns", "+ zone (confidential) on dns"),
        ("rrset www.quiet.example. A", "rrset (confidential) A"),
        ("rrset *.a_b.QUIET.example TXT", "rrset (confidential) TXT"),
        ("mailbox ann@quiet.example: quota", "mailbox ann@(confidential): quota"),
        ("Write to quiet.example.", "Write to (confidential)"),
        ("'quiet.example'", "'(confidential)'"),
        ("unquiet.example", "unquiet.example"),
        ("not-quiet.example", "not-quiet.example"),
        ("quiet.example.org", "quiet.example.org"),
        ("quiet-example", "quiet-example"),
        ("quietXexample", "quietXexample"),
    ],
)
def test_a_name_and_all_below_it_are_left_out(text: str, told: str) -> None:
    assert hidden("quiet.example", "other.example").text(text) == told


def test_nothing_is_left_out_where_nothing_is_hidden() -> None:
    assert Hidden().text("zone quiet.example.") == "zone quiet.example."


def test_it_is_left_out_of_events_of_the_log_however_deep() -> None:
    event = {"event": "probed", "who": ["ann@quiet.example"], "at": {"quiet.example": 3}}

    told = hiding(hidden("quiet.example"))(None, "info", event)

    assert told == {"event": "probed", "who": ["ann@(confidential)"], "at": {"(confidential)": 3}}


def test_what_was_confidential_once_stays_hidden() -> None:
    spec = {"subscriptionRef": {"name": "home"}, "name": "quiet.example"}
    world = snapshot(resource("Domain", "quiet", {**spec, "confidential": True}, "silva"))

    world.put(resource("Domain", "quiet", spec, "silva"))

    assert world.hidden.text("quiet.example") == "(confidential)"
