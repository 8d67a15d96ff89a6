"""What only name servers promise: what is answered, serials, zones with other people's rrsets."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import dns.message
import dns.query
import dns.rcode
import pytest

from hack.stack.faultproxy import Answer, Fault, FaultProxy
from ispalier.core.changes import Verb
from ispalier.core.items import Item
from ispalier.core.room import Backend, Scope
from ispalier.dns.items import RRSet, Zone
from ispalier.world.errors import IspalierError, Refused, Unavailable, Waiting
from ispalier.world.state import State
from tests.contract.case import HOST, owner, settle
from tests.contract.dns_cases import PARENT, SERVERS, SOA, DNSCase, ZoneCase, connected, data

pytestmark = pytest.mark.anyio


@pytest.fixture
def case(request: pytest.FixtureRequest) -> DNSCase:
    found = ZoneCase.start(request)
    found.prepare()
    return found


@pytest.fixture
async def backend(case: DNSCase) -> AsyncIterator[Backend]:
    connected = case.connect()
    yield connected
    await connected.close()


def zone(name: str = PARENT) -> Zone:
    return Zone(host=HOST, owner=owner("zone"), name=name, name_servers=SERVERS, soa=SOA)


def rrset(name: str, type_: str, *values: str, zone: str = PARENT) -> RRSet:
    return RRSet(
        host=HOST,
        owner=owner(name),
        zone=zone,
        name=f"{name}.{zone}",
        type=type_,
        ttl=300,
        values=values,
    )


WWW = rrset("www", "A", "192.0.2.1", "192.0.2.2")
MX = rrset("post", "MX", "10 mail.contract.test.")
SPF = rrset("spf", "TXT", '"v=spf1 -all"')
FOREIGN = data(f"foreign.{PARENT}", "A", "192.0.2.77")


def answer(case: DNSCase, name: str, type_: str) -> list[str]:
    """What the server answers: its records, sorted, or the error."""
    question = dns.message.make_query(f"{name}.{PARENT}" if name else PARENT, type_)
    reply = dns.query.udp(question, "127.0.0.1", port=case.server.dns_port, timeout=2)
    if reply.rcode() != dns.rcode.NOERROR:
        return [dns.rcode.to_text(reply.rcode())]
    return sorted(each.to_text() for rrset in reply.answer for each in rrset)


async def test_a_new_zone_is_answered_with_all_that_is_in_it(
    case: DNSCase, backend: Backend
) -> None:
    done = await settle(backend, zone(), WWW, MX, SPF)

    assert done.verbs == [Verb.CREATE] * 4
    assert answer(case, "www", "A") == ["192.0.2.1", "192.0.2.2"]
    assert answer(case, "post", "MX") == ["10 mail.contract.test."]
    assert answer(case, "spf", "TXT") == ['"v=spf1 -all"']
    assert answer(case, "", "NS") == list(SERVERS)


async def test_a_second_pass_leaves_the_serial(case: DNSCase, backend: Backend) -> None:
    await settle(backend, zone(), WWW, MX, SPF)
    before = answer(case, "", "SOA")

    again = await settle(backend, zone(), WWW, MX, SPF)

    assert not again.verbs
    assert answer(case, "", "SOA") == before


async def test_an_edit_of_one_rrset_raises_the_serial_by_one(
    case: DNSCase, backend: Backend
) -> None:
    await settle(backend, zone(), WWW, MX)
    before = case.zone(PARENT)["serial"]

    await settle(backend, zone(), replace(WWW, ttl=60), MX)

    assert case.zone(PARENT)["serial"] == before + 1


async def test_a_retired_zone_is_refused_and_keeps_what_it_holds(
    case: DNSCase, backend: Backend
) -> None:
    await settle(backend, zone(), WWW)
    case.patch(PARENT, FOREIGN)
    held = {each["name"] for each in case.zone(PARENT)["rrsets"]}

    await settle(backend, fates={owner("zone"): State.RETIRED, owner("www"): State.RETIRED})

    assert answer(case, "www", "A") == ["REFUSED"]
    assert answer(case, "foreign", "A") == ["REFUSED"]
    assert {each["name"] for each in case.zone(PARENT)["rrsets"]} == held


async def test_a_restored_zone_is_answered_again_with_a_higher_serial(
    case: DNSCase, backend: Backend
) -> None:
    await settle(backend, zone(), WWW)
    case.patch(PARENT, FOREIGN)
    before = case.zone(PARENT)["serial"]
    await settle(backend, fates={owner("zone"): State.RETIRED, owner("www"): State.RETIRED})

    done = await settle(backend, zone(), WWW)

    assert done.verbs == [Verb.RESTORE] * 2
    assert answer(case, "www", "A") == ["192.0.2.1", "192.0.2.2"]
    assert answer(case, "foreign", "A") == ["192.0.2.77"]
    assert case.zone(PARENT)["serial"] > before


async def test_a_retired_rrset_leaves_its_zone_answered(case: DNSCase, backend: Backend) -> None:
    await settle(backend, zone(), WWW, MX)

    await settle(backend, zone(), MX, fates={owner("www"): State.RETIRED})

    assert answer(case, "www", "A") == ["NXDOMAIN"]
    assert answer(case, "post", "MX") == ["10 mail.contract.test."]


async def test_a_zone_that_is_retired_from_the_start_is_not_answered(
    case: DNSCase, backend: Backend
) -> None:
    retired = [replace(each, state=State.RETIRED) for each in (zone(), WWW)]

    done = await settle(backend, *retired)
    again = await settle(backend, *retired)

    assert set(done.results.values()) == {None}
    assert not again.verbs
    assert answer(case, "www", "A") == ["REFUSED"]


async def test_a_zone_is_not_purged_while_it_holds_what_is_not_ours(
    case: DNSCase, backend: Backend
) -> None:
    await settle(backend, zone(), WWW)
    case.patch(PARENT, FOREIGN)

    done = await settle(backend, fates={owner("zone"): None, owner("www"): None})

    assert isinstance(done.results[zone().key], Refused)
    assert "foreign.contract.test. A" in str(done.results[zone().key])
    assert done.results[WWW.key] is None
    assert answer(case, "foreign", "A") == ["192.0.2.77"]
    assert answer(case, "www", "A") == ["NXDOMAIN"]


async def test_a_zone_is_purged_with_its_rrsets(case: DNSCase, backend: Backend) -> None:
    await settle(backend, zone(), WWW, MX)

    done = await settle(
        backend, fates={owner("zone"): None, owner("www"): None, owner("post"): None}
    )

    assert set(done.results.values()) == {None}
    assert case.http.get("zones").json() == []


async def test_what_is_off_goes_with_its_zone_however_long_it_would_be_kept(
    case: DNSCase, backend: Backend
) -> None:
    await settle(backend, zone(), WWW, MX)
    off = {owner("www"): State.RETIRED, owner("post"): State.RETIRED}
    await settle(backend, fates={owner("zone"): State.RETIRED, **off})

    done = await settle(backend, fates={owner("zone"): None, **off})

    assert done.results == {zone().key: None}
    assert case.http.get("zones").json() == []


async def test_a_zone_with_an_rrset_that_serves_is_not_purged(
    case: DNSCase, backend: Backend
) -> None:
    await settle(backend, zone(), WWW)

    done = await settle(backend, fates={owner("zone"): None})

    assert isinstance(done.results[zone().key], Refused)
    assert answer(case, "www", "A") == ["192.0.2.1", "192.0.2.2"]


async def test_a_foreign_rrset_in_a_zone_of_ours_is_left_alone(
    case: DNSCase, backend: Backend
) -> None:
    await settle(backend, zone(), WWW)
    case.patch(PARENT, FOREIGN)

    done = await settle(backend, zone(), WWW, fates={owner("zone"): None, owner("www"): None})

    assert not done.verbs
    assert answer(case, "foreign", "A") == ["192.0.2.77"]


async def test_nothing_is_written_into_a_zone_that_is_not_ours(
    case: DNSCase, backend: Backend
) -> None:
    case.make(PARENT, FOREIGN)
    before = case.zone(PARENT)

    done = await settle(backend, replace(zone(), name_servers=("ns9.example.net.",)), WWW)

    assert isinstance(done.refused[owner("www")], Waiting)
    assert case.zone(PARENT) == before


async def test_a_bad_rrset_does_not_stop_its_new_zone(case: DNSCase, backend: Backend) -> None:
    bad = rrset("bad", "A", "300.1.1.1")

    done = await settle(backend, zone(), WWW, bad, MX)

    assert "300.1.1.1" in str(done.results[bad.key])
    assert {key for key, problem in done.results.items() if problem} == {bad.key}
    assert answer(case, "www", "A") == ["192.0.2.1", "192.0.2.2"]
    assert answer(case, "post", "MX") == ["10 mail.contract.test."]


async def test_a_cname_becomes_an_address_in_one_pass(case: DNSCase, backend: Backend) -> None:
    await settle(backend, zone(), rrset("www", "CNAME", "web.example.net."))

    done = await settle(backend, zone(), WWW, fates={owner("www"): None})

    assert set(done.results.values()) == {None}
    assert answer(case, "www", "A") == ["192.0.2.1", "192.0.2.2"]


async def test_an_address_may_follow_a_retired_cname(case: DNSCase, backend: Backend) -> None:
    alias = replace(rrset("www", "CNAME", "web.example.net."), owner=owner("alias"))
    await settle(backend, zone(), alias)

    done = await settle(backend, zone(), WWW, fates={owner("alias"): State.RETIRED})

    assert set(done.results.values()) == {None}
    assert answer(case, "www", "A") == ["192.0.2.1", "192.0.2.2"]


async def test_adoption_keeps_the_comments_of_others(case: DNSCase, backend: Backend) -> None:
    note = [{"content": "ask Ana before you touch this", "account": "ben"}]
    case.make(PARENT, {**data(WWW.name, "A", *WWW.values), "comments": note})

    await settle(backend, zone(), WWW)
    await settle(backend, zone(), replace(WWW, ttl=60))
    comments = next(e for e in case.zone(PARENT)["rrsets"] if e["name"] == WWW.name)["comments"]

    assert sorted(each["content"] for each in comments) == [
        "ask Ana before you touch this",
        "ispalier|home|10042|Thing|www",
    ]


async def test_text_over_255_octets_may_stand_unsplit_on_the_server(
    case: DNSCase, backend: Backend
) -> None:
    case.make(PARENT, data(f"dkim.{PARENT}", "TXT", f'"{"k" * 300}"'))
    split = rrset("dkim", "TXT", f'"{"k" * 255}" "{"k" * 45}"')

    done = await settle(backend, zone(), split)

    assert done.verbs == [Verb.ADOPT] * 2


async def test_many_zones_are_seen_as_each_of_them_is(case: DNSCase, backend: Backend) -> None:
    names = [f"n{number}.many.test." for number in range(20)]
    wanted: list[Item] = [zone(each) for each in names]
    wanted += [rrset("www", "A", "192.0.2.1", zone=each) for each in names]
    await settle(backend, *wanted)
    case.patch(names[3], data(f"www.{names[3]}", "A", "192.0.2.9"))

    one = await backend.observe(Scope(keys=frozenset({("zone", names[3])})))
    all_named = await backend.observe(Scope(keys=frozenset(("zone", each) for each in names)))
    everything = await backend.observe(Scope(everything=True))

    assert len(everything) == 40
    assert {each.key: each for each in everything} == {each.key: each for each in all_named}
    assert {each.key: each for each in one}.items() <= {e.key: e for e in everything}.items()


async def test_more_than_one_call_may_hold_is_split(case: DNSCase, backend: Backend) -> None:
    text = " ".join(f'"{"x" * 250}"' for _ in range(15))
    wanted = [rrset(f"big{number}", "TXT", text) for number in range(600)]

    done = await settle(backend, zone(), *wanted)

    assert set(done.results.values()) == {None}
    assert len(case.zone(PARENT)["rrsets"]) == 602


async def test_two_who_write_at_once_both_succeed(case: DNSCase) -> None:
    """On SQLite PowerDNS answers 500 to some of these writes, and they are tried again."""
    first, second = case.connect(), case.connect()
    zones: list[Item] = [zone(f"n{number}.many.test.") for number in range(60)]
    records = [rrset("www", "A", "192.0.2.1", zone=f"n{number}.many.test.") for number in range(60)]
    await settle(first, *zones)

    ours, theirs = await asyncio.gather(
        settle(first, *zones[:30], *records[:30]), settle(second, *zones[30:], *records[30:])
    )
    await first.close()
    await second.close()

    assert set(ours.results.values()) == {None}
    assert set(theirs.results.values()) == {None}
    assert len(ours.results) == len(theirs.results) == 30


async def test_a_wrong_api_key_is_told_and_not_shown(case: DNSCase) -> None:
    wrong = connected(case.server.api_url, "opensesame")
    with pytest.raises(Unavailable, match="API key") as error:
        await settle(wrong, zone())
    await wrong.close()

    assert "opensesame" not in str(error.value)


async def test_a_wrong_server_id_is_not_taken_for_an_empty_server(case: DNSCase) -> None:
    elsewhere = connected(case.server.api_url, case.server.api_key, "elsewhere")
    with pytest.raises(Unavailable, match=r"spec\.dns\.server"):
        await elsewhere.observe(Scope(keys=frozenset({("zone", PARENT)})))
    await elsewhere.close()


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, "null"), (200, '"yes"'), (200, "<p>"), (204, "")]
    + [(status, "") for status in (302, 404, 409, 410, 418, 422, 429, 500, 503)],
)
@pytest.mark.parametrize(
    "scope", [Scope(keys=frozenset({("zone", PARENT)})), Scope(everything=True)], ids=["one", "all"]
)
async def test_whatever_is_answered_to_a_question_is_told_as_the_hosts_fault(
    case: DNSCase, scope: Scope, status: int, body: str
) -> None:
    fault = Fault(Answer(status, body), times=None)
    with FaultProxy(case.server.api_url) as proxy, proxy.fault(fault):
        behind = connected(proxy.url, case.server.api_key)
        with pytest.raises((Unavailable, Refused)):
            await behind.observe(scope)
        await behind.close()


@pytest.mark.parametrize("status", [302, 404, 409, 410, 418, 422, 429, 503])
async def test_whatever_is_answered_to_a_change_is_told_as_the_hosts_fault(
    case: DNSCase, backend: Backend, status: int
) -> None:
    await settle(backend, zone(), WWW)
    wish, fault = replace(WWW, values=("192.0.2.9",)), Fault(Answer(status), method="PATCH")
    told: IspalierError | None = None
    with FaultProxy(case.server.api_url) as proxy, proxy.fault(fault):
        behind = connected(proxy.url, case.server.api_key)
        try:
            told = (await settle(behind, zone(), wish)).results[wish.key]
        except IspalierError as error:
            told = error
        await behind.close()

    assert fault.hits
    assert told is not None
