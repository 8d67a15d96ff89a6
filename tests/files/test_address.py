"""The address of a repository: what is read of it, and what is not shown."""

import pytest

from ispalier.files.git import Address
from ispalier.world.errors import Invalid


@pytest.mark.parametrize(
    ("text", "url", "ref", "folder"),
    [
        ("https://example.org/isp.git", "https://example.org/isp.git", "HEAD", ""),
        ("https://example.org/isp.git//live?ref=v1", "https://example.org/isp.git", "v1", "live"),
        ("git@example.org:isp.git//a/b", "git@example.org:isp.git", "HEAD", "a/b"),
        ("/srv/isp.git?ref=main", "/srv/isp.git", "main", ""),
    ],
)
def test_the_address_of_a_repository_is_read(text: str, url: str, ref: str, folder: str) -> None:
    assert Address.of(text) == Address(url, ref, folder)


@pytest.mark.parametrize("text", ["", "--upload-pack=x", "/a?ref=--x", "/a?branch=b", "/a//../b"])
def test_what_is_no_address_is_told(text: str) -> None:
    with pytest.raises(Invalid, match="names no repository"):
        Address.of(text)


def test_a_password_in_an_address_is_not_shown() -> None:
    assert "secret" not in str(Address.of("https://ana:secret@example.org/isp.git"))
