"""The digest that NT hashes are made of."""

import pytest

from ispalier.radius.hashes import md4


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        # RFC 1320, A.5
        ("", "31d6cfe0d16ae931b73c59d7e0c089c0"),
        ("a", "bde52cb31de33e46245e05fbdbd6fb24"),
        ("abc", "a448017aaf21d8525fc10ae87aa6729d"),
        ("message digest", "d9130a8164549fe818874806e1c7014b"),
        ("abcdefghijklmnopqrstuvwxyz", "d79e1c308aa5bbcdeea8ed63df412da9"),
        (
            "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
            "e33b4ddc9c38f2199c3e7b164fcc0536",
        ),
    ],
)
def test_md4_is_as_the_rfc_says(text: str, digest: str) -> None:
    assert digest == md4(text.encode()).hex()
