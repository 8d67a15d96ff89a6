"""The example without a cluster: a folder of YAML, and systems that serve what it says.

One installation for all tests of this folder: what is called the same for everybody, as the group
of the suspended, exists once on a RADIUS database. Each test leaves the files as they were.
"""

from collections.abc import Iterator

import pytest

from hack.stack.freeradius import Radius
from hack.stack.mail import Mail
from hack.stack.postgres import Postgres
from hack.stack.powerdns import PowerDNS
from tests.e2e.folder.asking import Rehearsed
from tests.folders import without_lines, zones_cleared
from tests.provider import Folder, Systems, declared_in, with_secrets

# Other tests serve the example's own names on the same systems.
NAMES = (
    ("silva", "lopes"),
    ("joao", "pedro"),
    ("fibra-", "folder-"),
    ("addresses: [127.0.0.1]", "addresses: [127.0.9.9]"),
)


@pytest.fixture(scope="package", autouse=True)
def no_zone_stays(powerdns: PowerDNS) -> Iterator[None]:
    """The same once for all of these."""
    with zones_cleared(powerdns):
        yield


@pytest.fixture(scope="package")
def declared(tmp_path_factory: pytest.TempPathFactory, powerdns: PowerDNS) -> Folder:
    """The example with an identity and secrets, on the systems of the tests."""
    return declared_in(tmp_path_factory.mktemp("provider"), NAMES, powerdns.api_url)


@pytest.fixture(scope="package")
def folder(
    declared: Folder, radius: Radius, powerdns: PowerDNS, mail: Mail, postgres: Postgres
) -> Folder:
    """The same with secrets, and with tables in the databases, in which nobody else's rows are."""
    postgres.execute("mail", "TRUNCATE mail_domain, mailbox, mail_alias")
    without_lines(postgres)
    systems = Systems(radius.database_url, powerdns.api_url, powerdns.api_key, mail.database_url)
    return with_secrets(declared, "lopes/pedro", systems)


@pytest.fixture(scope="package")
def rehearsed(folder: Folder, postgres: Postgres) -> Rehearsed:
    """A dry run with another journal than the one that is made later."""
    fresh = {"ISPALIER_JOURNAL_URL": "sqlite:///never-made.db"}
    said = folder.ispalier("apply", "tree", "--dry-run", **fresh)
    rows = postgres.rows("radius", "SELECT 1 FROM radcheck WHERE username = 'pedro'")
    assert not (folder.path / "tree" / "secrets" / "lopes" / "maria-mail").exists()
    return Rehearsed(said, rows)


@pytest.fixture(scope="package")
def served(folder: Folder, rehearsed: Rehearsed) -> Folder:
    """The same, applied."""
    assert rehearsed.said.code == 0
    done = folder.ispalier("apply", "tree")
    assert done.code == 0, done
    return folder
