"""A hash that is given costs a server no more than a second: others wait for it meanwhile."""

import pytest

from ispalier.world.hashes import too_costly


@pytest.mark.parametrize(
    "text",
    [
        "3741A4EE66E1AA56CD8B3A9038580DC9",
        "{NT}3741A4EE66E1AA56CD8B3A9038580DC9",
        "{SSHA512}Pqv1feY57of3Amkb",
        "{PLAIN}$9$whatever it is",
        "$1$salt$hash",
        "$6$salt$hash",
        "$5$rounds=535000$salt$hash",
        "{SHA512-CRYPT}$6$rounds=656000$salt$hash",
        "{BLF-CRYPT}$2y$12$hash",
        "$y$j9T$salt$hash",
        "$7$CU..../....salt$hash",
        "{ARGON2ID}$argon2id$v=19$m=65536,t=3,p=1$salt$hash",
        "{PBKDF2}$1$salt$5000$hash",
        "{SCRAM-SHA-256}4096,salt,one,two",
    ],
)
def test_hashes_as_they_are_made_are_taken(text: str) -> None:
    assert too_costly(text) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("$6$rounds=999999999$salt$hash", "it says 999999999 where 1000000 is the most"),
        ("{sha256-crypt}$5$rounds=1000001$s$h", "it says 1000001 where 1000000 is the most"),
        ("{CRYPT}$2b$31$hash", "it says 31 where 14 is the most"),
        ("{ARGON2I}$argon2i$v=19$m=4194304,t=3,p=1$s$h", "it says 4194304 where 262144 is the"),
        ("{ARGON2ID}$argon2id$m=65536,t=4000,p=1$s$h", "it says 4000 where 10 is the most"),
        ("{pbkdf2}$1$salt$900000000$hash", "it says 900000000 where 1000000 is the most"),
        ("{SCRAM-SHA-1}2147483647,salt,one,two", "it says 2147483647 where 1000000 is the most"),
        ("$y$jFT$salt$hash", "cannot be told from how it begins"),
        ("$7$zzzzzzzzzzzsalt$hash", "cannot be told from how it begins"),
        ("$99$salt$hash", "cannot be told from how it begins"),
        ("{CRYPT.B64}JDYkcm91bmRzPTk5OTk5OTk5OSRzJGg=", "cannot be told from how it begins"),
        ("{ARGON2ID}$6$rounds=999999999$s$h", "it says 999999999 where 1000000 is the most"),
        ("$6$rounds=0x3b9aca00$salt$hash", "cannot be told from how it begins"),
    ],
)
def test_what_keeps_a_server_busy_is_not(text: str, said: str) -> None:
    assert said in too_costly(text)
