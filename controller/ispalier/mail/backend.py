"""The SQL tables of one mail server: read in one query, written in one transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from ispalier import sql
from ispalier.core.changes import Change, ChangeSet, Verb
from ispalier.core.items import Item, Key
from ispalier.core.room import Results, Scope, Wiring
from ispalier.mail.rows import items, mark, written
from ispalier.mail.statements import ADOPT, CLEAR, EVERYTHING, INSERT, PART, TABLES
from ispalier.sql import Database
from ispalier.world.errors import Invalid


@dataclass(frozen=True, slots=True)
class MailTables:
    """The back end of one mail host."""

    database: Database

    async def observe(self, scope: Scope) -> Sequence[Item]:
        """Every mail domain, mailbox and alias within the scope."""
        if scope.everything:
            rows = await self.database.rows(EVERYTHING, {})
        else:
            keys = {subject: _named(subject, scope.keys) for subject in TABLES}
            rows = await self.database.rows(PART, {**keys, "customers": sorted(scope.customers)})
        return list(items(self.database.host, rows))

    async def apply(self, changes: ChangeSet) -> Results:
        """Make these changes; under an address that is ours every row is ours."""
        return await self.database.land(changes.changes, _write)

    async def close(self) -> None:
        """Let go of connections."""
        await self.database.close()


def connect(wiring: Wiring) -> MailTables:
    """The back end of a ServiceHost of type Mail."""
    if wiring.host is None or wiring.host.spec.mail is None:
        message = "a mail host needs spec.mail"
        raise Invalid(message)
    url = wiring.secret(wiring.host.spec.mail.database.url_secret_ref)
    return MailTables(sql.connect(wiring.host.name, url, wiring.lease))


async def _write(connection: AsyncConnection, changes: Sequence[Change]) -> None:
    for subject in TABLES:
        mine = [each for each in changes if _subject(each.key) == subject]
        rewritten = [each for each in mine if each.verb is not Verb.ADOPT]
        if rewritten:
            keys = _named(subject, (each.key for each in rewritten))
            await connection.execute(CLEAR[subject], {"keys": keys})
        rows = [row for each in rewritten if each.after for row in written(each.after)]
        if rows:
            await connection.execute(INSERT[subject], rows)
        marks = [
            {"adopted": _name(each.key), **mark(each.after)}
            for each in mine
            if each.verb is Verb.ADOPT and each.after
        ]
        if marks:
            await connection.execute(ADOPT[subject], marks)


def _named(subject: str, keys: Iterable[Key]) -> list[str]:
    return sorted(_name(key) for key in keys if _subject(key) == subject)


def _subject(key: Key) -> str:
    return str(key[0]) if isinstance(key, tuple) else ""


def _name(key: Key) -> str:
    return str(key[1]) if isinstance(key, tuple) else ""
