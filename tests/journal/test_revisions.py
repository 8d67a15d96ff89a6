"""An older journal is brought to this version's schema; one that is there already is left alone."""

import subprocess
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import inspect

from ispalier.journal import database

MIGRATIONS = Path(database.__file__).parent / "migrations"


def test_an_older_journal_is_migrated(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    old = database.connect(url)
    with old.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0001")
    before = set(inspect(old).get_table_names())

    new = database.connect(url)

    assert "entry" not in before
    assert "entry" in inspect(new).get_table_names()
    old.dispose()
    new.dispose()


def test_a_journal_of_this_version_needs_no_migration(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    database.connect(url).dispose()
    look = (
        "import sys; from ispalier.journal.database import connect;"
        f"connect({url!r}).dispose(); print('alembic' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", look], check=True, capture_output=True, text=True)  # noqa: S603 - our own code

    assert done.stdout == "False\n"
