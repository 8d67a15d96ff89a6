"""One spelling for each record, and a readable word for each that is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ispalier.dns.records import absolute, as_served, canonical
from ispalier.world.errors import Invalid

ZONE = "silva.example."


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("@", "silva.example."),
        ("www", "www.silva.example."),
        ("a.b", "a.b.silva.example."),
        ("*", "*.silva.example."),
    ],
)
def test_an_owner_name_is_relative_to_its_zone(name: str, expected: str) -> None:
    assert absolute(name, ZONE) == expected


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        ("A", " 192.0.2.1 ", "192.0.2.1"),
        ("AAAA", "2001:0DB8:0000:0000:0000:0000:0000:0001", "2001:db8::1"),
        ("MX", "10   Mail.Example.NET", "10 mail.example.net."),
        ("MX", "010 mail", "10 mail.silva.example."),
        ("MX", "10 @", "10 silva.example."),
        ("MX", "0 .", "0 ."),
        ("CNAME", "web.example.net", "web.example.net."),
        ("CNAME", "web.example.net.", "web.example.net."),
        ("CNAME", "web", "web.silva.example."),
        ("NS", "NS1.Example.NET", "ns1.example.net."),
        ("PTR", "host.example.net", "host.example.net."),
        ("SRV", "10 20 5060 sip", "10 20 5060 sip.silva.example."),
        ("CAA", "0 ISSUE letsencrypt.org", '0 issue "letsencrypt.org"'),
        ("TXT", "v=spf1 include:a.example -all", '"v=spf1 include:a.example -all"'),
        ("TXT", 'say "hi" \\o/', '"say \\"hi\\" \\\\o/"'),
        ("TXT", '"one"  "two"', '"one" "two"'),
        ("TXT", '"a\\065;b"', '"aA;b"'),
        ("TXT", "ä", '"\\195\\164"'),
        ("TXT", '""', '""'),
        ("TXT", "x" * 300, f'"{"x" * 255}" "{"x" * 45}"'),
    ],
)
def test_a_value_has_one_spelling(type_: str, value: str, expected: str) -> None:
    assert canonical(type_, [value], ZONE) == (expected,)


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("A", "300.1.1.1"),
        ("A", "2001:db8::1"),
        ("AAAA", "2001:db8::g"),
        ("AAAA", "fe80::1%eth0"),
        ("MX", "mail.example.net"),
        ("MX", "65536 mail"),
        ("MX", "-1 mail"),
        ("MX", "10 192.0.2.1"),
        ("CNAME", "two words.example.net"),
        ("CNAME", f"{'x' * 64}.example.net"),
        ("CNAME", "a..example.net"),
        ("NS", "192.0.2.1"),
        ("SRV", "10 20 sip"),
        ("CAA", "0 issue"),
        ("CAA", "300 issue letsencrypt.org"),
        ("TXT", '"no end'),
        ("TXT", '"one" two'),
    ],
)
def test_a_wrong_value_is_named(type_: str, value: str) -> None:
    with pytest.raises(Invalid) as error:
        canonical(type_, [value], ZONE)

    assert f"{type_} value '{value}' is wrong: " in str(error.value)


def test_records_are_sorted_and_each_stands_once() -> None:
    assert canonical("A", ["192.0.2.2", "192.0.2.1", "192.0.2.2"], ZONE) == (
        "192.0.2.1",
        "192.0.2.2",
    )


def test_what_a_server_holds_and_we_cannot_read_stays_as_it_is() -> None:
    assert as_served("A", ["300.1.1.1", "192.0.2.1"]) == ("192.0.2.1", "300.1.1.1")
    assert as_served("LUA", ['A "ifportup()"']) == ('A "ifportup()"',)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=600))
def test_the_spelling_of_a_text_is_its_own_spelling(text: str) -> None:
    once = canonical("TXT", [f"v={text}"], ZONE)

    assert as_served("TXT", once) == once
    assert once[0].isascii()
