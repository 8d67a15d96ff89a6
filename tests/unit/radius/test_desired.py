"""What RADIUS servers should hold, resource by resource."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from ispalier.core.items import Owner
from ispalier.core.memory import Choice, Claim
from ispalier.radius.items import SUSPENDED_GROUP, Client, Group, Membership, Subscriber
from ispalier.radius.room import ROOM
from ispalier.world.errors import Invalid, IspalierError, NotBegun, Waiting
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Broken, Ident
from ispalier.world.state import State
from ispalier.world.view import Chosen
from tests.builders import (
    NOW,
    access_point,
    claim,
    login,
    nas,
    plan,
    pool,
    profile,
    service_host,
    subscription,
)
from tests.unit.radius.line import ANN, suspension, world
from tests.views import one, view, wanted, wishes


def shown(item: Subscriber | Group) -> tuple[list[str], list[str]]:
    """Check and reply attributes as text."""
    return [str(each) for each in item.check], [str(each) for each in item.reply]


def test_a_profile_is_a_group_that_begins_with_the_upload() -> None:
    group = one(ROOM, view(world(), customer=""), profile(), Group)

    assert group.key == ("group", "300m")
    assert shown(group) == (
        ["Simultaneous-Use := 1"],
        ["Mikrotik-Rate-Limit := 150M/300M"],
    )


def test_speeds_are_said_in_the_words_of_every_vendor_on_the_host() -> None:
    there = world(nas("switch", "127.0.0.2", vendor="WISPr"))

    group = one(ROOM, view(there, customer=""), profile("fast", "5G", "512k"), Group)

    assert [str(each) for each in group.reply] == [
        "Mikrotik-Rate-Limit := 512k/5000M",
        "WISPr-Bandwidth-Max-Down := 4294967295",
        "WISPr-Bandwidth-Max-Up := 512000",
    ]


def test_a_burst_follows_the_speed_of_a_mikrotik() -> None:
    more = {
        "download": "400M",
        "upload": "200M",
        "thresholdDownload": "200M",
        "thresholdUpload": "100M",
    }

    group = one(ROOM, view(world(), customer=""), profile(burst=more), Group)

    assert [str(each) for each in group.reply] == [
        "Mikrotik-Rate-Limit := 150M/300M 200M/400M 100M/200M 8/8"
    ]


def test_a_vendor_is_told_its_own_attributes_and_those_for_all() -> None:
    reply = [
        {"name": "Idle-Timeout", "value": "600"},
        {"vendor": "WISPr", "name": "WISPr-Session-Terminate-Time", "value": "x"},
    ]

    group = one(ROOM, view(world(), customer=""), profile(reply=reply), Group)

    assert [str(each) for each in group.reply] == [
        "Idle-Timeout := 600",
        "Mikrotik-Rate-Limit := 150M/300M",
    ]


def test_a_profile_is_a_group_on_every_host_with_its_own_vendors() -> None:
    there = world(service_host("two", "RADIUS"))
    there.put(nas(serviceHostRef={"name": "two"}))

    groups = wanted(ROOM, view(there, customer=""), profile())

    assert [(each.host, len(each.reply)) for each in groups if isinstance(each, Group)] == [
        ("one", 0),
        ("two", 1),
    ]


def test_a_nas_that_cannot_be_read_leaves_groups_as_they_are() -> None:
    there = world()
    there.put(Broken(Ident("NAS", "", "tower"), "spec.vendor: not known"))

    with pytest.raises(Waiting, match="NAS/tower"):
        wanted(ROOM, view(there, customer=""), profile())


def test_the_suspended_group_says_why() -> None:
    host = service_host(
        "one",
        "RADIUS",
        radius={
            "database": {"urlSecretRef": {"name": "one", "key": "url"}},
            "suspendedMessage": "Pay, please.",
        },
    )

    group = one(ROOM, view(world(host), customer=""), host, Group)

    assert group.name == SUSPENDED_GROUP
    assert shown(group) == (["Auth-Type := Reject"], ["Reply-Message := Pay, please."])


def test_a_nas_is_a_client_under_its_short_address() -> None:
    tower = nas(address="2001:0db8:0:0:0:0:0:1")

    client = one(ROOM, view(world(tower), customer=""), tower, Client)

    assert client.key == ("nas", "2001:db8::1")
    assert client.secret == Secret("tower-secret")


def test_the_address_of_a_nas_is_claimed_on_its_host() -> None:
    asked = wishes(ROOM, view(world(), customer=""), nas())
    owner = Owner("test", "", "NAS", "tower")

    assert asked == [Claim("NAS", "one/127.0.0.1", owner), Choice("host", "one", owner)]


def test_a_login_is_a_subscriber_of_its_plans_group() -> None:
    item = one(ROOM, view(world(ANN)), ANN, Subscriber)

    assert item.key == ("user", "ann")
    assert item.groups == (Membership("300m", 1),)
    assert item.check[0].value == Secret("wireless")
    assert shown(item) == (["Cleartext-Password := ***"], [])
    assert item.needs == (("group", "300m"),)


def test_a_password_is_not_printed() -> None:
    assert "wireless" not in repr(wanted(ROOM, view(world(ANN)), ANN))


def test_macs_are_one_pattern_in_one_spelling() -> None:
    bound = login("ann", macAddresses=["bb:bb:cc:00:00:01", "AA-BB-CC-00-00-02"])

    item = one(ROOM, view(world(bound)), bound, Subscriber)

    assert "Calling-Station-Id =~ ^(AA-BB-CC-00-00-02|BB-BB-CC-00-00-01)$" in shown(item)[0]


@pytest.mark.parametrize(
    "macs",
    [
        pytest.param([f"AA-BB-CC-00-00-0{n}" for n in range(6)], id="six"),
        pytest.param(["AA-BB-CC-00-00"], id="too short"),
        pytest.param(["AA-BB-CC-00-00-0G"], id="not hexadecimal"),
    ],
)
def test_bad_macs_are_refused(macs: list[str]) -> None:
    with pytest.raises(ValidationError, match="macAddresses"):
        login("ann", macAddresses=macs)


def test_allocated_addresses_are_answered() -> None:
    four, six = claim("four", "ann"), claim("six", "ann")
    claims = {
        ("IPClaim/four", "IP address"): "100.64.0.1",
        ("IPClaim/six", "IP address"): "2001:db8::1",
    }
    there = world(ANN, pool(), four, six)

    item = one(ROOM, view(there, claims), ANN, Subscriber)

    assert shown(item)[1] == [
        "Framed-IP-Address := 100.64.0.1",
        "Framed-IPv6-Address := 2001:db8::1",
    ]


def test_a_login_waits_for_its_address() -> None:
    there = world(ANN, pool(), claim("four", "ann"))

    with pytest.raises(Waiting, match="IPClaim/four has no IP address"):
        wanted(ROOM, view(there), ANN)


def test_two_addresses_of_one_family_are_refused() -> None:
    there = world(ANN, pool(), claim("a", "ann"), claim("b", "ann"))
    claims = {("IPClaim/a", "IP address"): "100.64.0.1", ("IPClaim/b", "IP address"): "100.64.0.2"}

    with pytest.raises(Invalid, match="several IPv4 addresses"):
        wanted(ROOM, view(there, claims), ANN)


@pytest.mark.parametrize(
    ("days", "state"),
    [
        pytest.param({"since": "2026-11-21"}, State.SUSPENDED, id="from today on"),
        pytest.param({"since": "2026-11-22"}, State.ACTIVE, id="from tomorrow on"),
        pytest.param({"since": "2026-11-01", "until": "2026-11-21"}, State.ACTIVE, id="ended"),
    ],
)
def test_a_suspension_acts_on_its_days(days: dict[str, str], state: State) -> None:
    there = world(ANN, subscription(**suspension(**days)))

    assert one(ROOM, view(there), ANN, Subscriber).state == state


def test_who_is_suspended_needs_the_suspended_group_too() -> None:
    there = world(ANN, subscription(**suspension(since="2026-11-01")))

    item = one(ROOM, view(there), ANN, Subscriber)

    assert item.needs == (("group", "300m"), ("group", SUSPENDED_GROUP))


def test_who_has_ended_is_rejected_and_needs_no_group() -> None:
    there = world(ANN, subscription(end={"date": "2026-11-21", "reason": "moved away"}))

    item = one(ROOM, view(there), ANN, Subscriber)

    assert (item.state, item.needs) == (State.RETIRED, ())


def test_a_new_term_changes_the_group_on_its_day() -> None:
    terms = [
        {"from": "2026-11-01", "planRef": {"name": "fibra-300"}},
        {"from": "2026-11-22", "planRef": {"name": "fibra-500"}},
    ]
    there = world(ANN, plan("fibra-500", "500m"), subscription(terms=terms))

    today = one(ROOM, view(there), ANN, Subscriber)
    tomorrow = one(ROOM, view(there, now=NOW + timedelta(days=1)), ANN, Subscriber)

    assert today.groups == (Membership("300m", 1),)
    assert tomorrow.groups == (Membership("500m", 1),)


def test_a_contract_that_has_not_begun_names_its_first_day() -> None:
    terms = [{"from": "2026-12-01", "planRef": {"name": "fibra-300"}}]

    with pytest.raises(NotBegun, match="Subscription/home begins 2026-12-01"):
        wanted(ROOM, view(world(ANN, subscription(terms=terms))), ANN)


def test_a_plan_without_access_serves_no_login() -> None:
    there = world(ANN, plan(family="Mail", access=None))

    with pytest.raises(Invalid, match=r"Plan/fibra-300 has no spec\.access"):
        wanted(ROOM, view(there), ANN)


@pytest.mark.parametrize(
    ("storage", "attribute", "value"),
    [
        # What smbencrypt of freeradius-utils says.
        ("NTHash", "NT-Password", "3741a4ee66e1aa56cd8b3a9038580dc9"),
        ("ClearText", "Cleartext-Password", "wireless"),
    ],
)
def test_a_password_is_stored_as_the_plan_says(storage: str, attribute: str, value: str) -> None:
    access = {"profileRef": {"name": "300m"}, "passwordStorage": storage}

    item = one(ROOM, view(world(ANN, plan(access=access))), ANN, Subscriber)

    assert [(each.name, each.text) for each in item.check] == [(attribute, value)]


def test_a_salted_hash_is_the_same_every_time() -> None:
    access = {"profileRef": {"name": "300m"}, "passwordStorage": "Crypt"}
    there = world(ANN, plan(access=access))

    first, again = (one(ROOM, view(there), ANN, Subscriber) for _ in range(2))

    assert first == again
    assert first.check[0].name == "SSHA2-512-Password"


@pytest.mark.parametrize(
    ("given", "attribute", "stored"),
    [
        ("{SSHA512}abc=", "Password-With-Header", "{SSHA512}abc="),
        ("$6$salt$hash\n", "Crypt-Password", "$6$salt$hash"),
        ("{SHA512-CRYPT}$6$salt$hash", "Crypt-Password", "$6$salt$hash"),
        ("8846F7EAEE8FB117AD06BDD830B7586C", "NT-Password", "8846f7eaee8fb117ad06bdd830b7586c"),
    ],
)
def test_a_hash_is_stored_as_it_is(given: str, attribute: str, stored: str) -> None:
    hashed = login("ann", password={"hashRef": {"name": "hashes", "key": "ann"}})
    there = world(hashed)
    there.put_secret("silva", "hashes", {"ann": Secret(given)})

    item = one(ROOM, view(there), hashed, Subscriber)

    assert [(each.name, each.text) for each in item.check] == [(attribute, stored)]


@pytest.mark.parametrize("given", ["plain-text", "{PLAIN}plain-text", "{ARGON2ID}plain-text"])
def test_a_hash_of_no_known_form_is_refused_without_being_told(given: str) -> None:
    hashed = login("ann", password={"hashRef": {"name": "hashes", "key": "ann"}})
    there = world(hashed)
    there.put_secret("silva", "hashes", {"ann": Secret(given)})

    with pytest.raises(Invalid, match="no form that RADIUS knows") as error:
        wanted(ROOM, view(there), hashed)

    assert "plain-text" not in str(error.value)


def test_a_login_is_on_every_host_that_its_nases_ask() -> None:
    there = world(
        ANN,
        service_host("two", "RADIUS"),
        nas("a", "127.0.0.2", serviceHostRef={"name": "one"}),
        nas("b", "127.0.0.3", serviceHostRef={"name": "two"}),
        access_point("hill", "a", "b"),
    )

    assert [item.host for item in wanted(ROOM, view(there), ANN)] == ["one", "two"]


def test_a_login_without_a_line_stays_on_the_host_that_was_recorded() -> None:
    there = world(ANN, subscription(), service_host("two", "RADIUS", default=True))
    recorded = {Chosen("Login", "ann", "host"): "one"}

    assert one(ROOM, view(there, choices=recorded), ANN, Subscriber).host == "one"
    assert one(ROOM, view(there), ANN, Subscriber).host == "two"


def test_a_login_claims_its_user_name() -> None:
    owner = Owner("test", "10042", "Login", "ann")

    assert [Claim("user name", "ann", owner)] == wishes(ROOM, view(world(ANN)), ANN)


def test_a_login_without_a_line_has_its_host_recorded() -> None:
    there = world(ANN, subscription())
    owner = Owner("test", "10042", "Login", "ann")

    assert Choice("host", "one", owner) in wishes(ROOM, view(there), ANN)


@pytest.mark.parametrize("username", ["o'brien+x", "joão", "a@b", '"quoted"'])
def test_a_user_name_may_hold(username: str) -> None:
    odd = login(username, name="odd")

    assert one(ROOM, view(world(odd)), odd, Subscriber).username == username


@pytest.mark.parametrize("username", ["two words", "tab\t", "nul\0", "", "x" * 65])
def test_a_user_name_may_not_hold(username: str) -> None:
    with pytest.raises((ValidationError, IspalierError), match="username"):
        login(username, name="odd")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Fall-Through", "Fall-Through in spec.reply is for RADIUS itself: remove it"),
        ("exec-program-wait", "exec-program-wait in spec.reply is for RADIUS itself: remove it"),
        ("framed-IP-Address", "Framed-IP-Address in spec.reply follows from IPClaims: declare"),
    ],
)
def test_a_line_tells_nothing_that_is_for_the_server_or_follows_from_claims(
    name: str, said: str
) -> None:
    """With `Fall-Through: No` the group of the suspended was passed over."""
    line = login("ann", reply=[{"name": name, "value": "No"}])

    with pytest.raises(Invalid, match=said):
        wanted(ROOM, view(world(line)), line)


def test_a_hash_that_keeps_the_server_busy_is_not_stored() -> None:
    line = login("ann", password={"hashRef": {"name": "hashes", "key": "it"}})
    there = world(line)
    there.put_secret("silva", "hashes", {"it": Secret("$6$rounds=999999999$salt$hash")})

    with pytest.raises(Invalid, match="hash in Secret 'hashes' would take a server too long"):
        wanted(ROOM, view(there), line)
