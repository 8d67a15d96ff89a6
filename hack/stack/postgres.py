"""PostgreSQL: one throw-away cluster, a database per use, a role per daemon."""

import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psycopg
from psycopg import sql

from hack.stack.ports import HOST, is_listening
from hack.stack.process import Process, Program, call, unprivileged
from hack.stack.programs import find
from hack.stack.workspace import Workspace

SUPERUSER = "postgres"
CONTROLLER = "ispalier"
"""The controller's role: it owns every database that is made here."""

# What a crash would lose is worth nothing here, and speed is.
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
    "unix_socket_directories": "",
    "listen_addresses": HOST,
}


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running cluster that trusts every connection from this machine."""

    port: int
    process: Process
    again: list[Callable[[], None]] = field(default_factory=list)
    """Called when it is there again, by whoever would not look for a while."""

    def url(self, database: str, role: str = CONTROLLER) -> str:
        """Return the address of a database for psycopg, psql and every other libpq client."""
        return f"postgresql://{role}@{HOST}:{self.port}/{database}"

    def sqlalchemy_url(self, database: str, role: str = CONTROLLER) -> str:
        """Return the address of a database for SQLAlchemy with psycopg 3."""
        return f"postgresql+psycopg://{role}@{HOST}:{self.port}/{database}"

    def create_role(self, name: str) -> None:
        """Make a role that may log in, unless it is there."""
        exists = "SELECT FROM pg_roles WHERE rolname = %s"
        with psycopg.connect(self.url(SUPERUSER, SUPERUSER), autocommit=True) as connection:
            if connection.execute(exists, [name]).fetchone() is None:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(name)))

    def create_database(self, name: str, ddl: str = "", readers: Sequence[str] = ()) -> str:
        """Make a database of the controller's, run `ddl` in it, let daemons' roles use it all.

        Returns the address for the controller's role.
        """
        statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0")
        with psycopg.connect(self.url(SUPERUSER, SUPERUSER), autocommit=True) as connection:
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(CONTROLLER)))
        for role in readers:
            self.create_role(role)
        self.execute(name, "".join(_GRANTS.format(role=role) for role in readers) + ddl)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, its connections included."""
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        with psycopg.connect(self.url(SUPERUSER, SUPERUSER), autocommit=True) as connection:
            connection.execute(statement.format(sql.Identifier(name)))

    def execute(self, database: str, statements: str) -> None:
        """Run SQL text, one or many statements, in one transaction as the controller's role."""
        with psycopg.connect(self.url(database)) as connection:
            connection.execute(statements.encode())

    def rows(self, database: str, query: str) -> list[tuple[object, ...]]:
        """Return what a query finds."""
        with psycopg.connect(self.url(database)) as connection:
            return connection.execute(query.encode()).fetchall()

    def stop(self) -> None:
        """End the server and keep its data, as in an outage."""
        self.process.stop()

    def start(self) -> None:
        """Start the server again, on the same port with the same data."""
        self.process.start(lambda: _answers(self.port))
        for each in self.again:
            each()


def start(workspace: Workspace) -> Postgres:
    """Make a cluster and start it."""
    user = unprivileged("postgres")
    folder = workspace.make_folder("postgres", user=user)
    data, port = folder / "data", workspace.port()
    make = ["--no-sync", "-A", "trust", "-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8"]
    call([find("initdb"), "-D", data, *make], user=user, cwd=folder)
    settings = {**_SETTINGS, "port": str(port)}
    program = Program(
        name="postgres",
        argv=[find("postgres"), "-D", data, *(f"--{k}={v}" for k, v in settings.items())],
        log=folder / "postgres.log",
        user=user,
        stop_signal=signal.SIGINT,  # fast: ends the connections instead of waiting for them
    )
    postgres = Postgres(port, workspace.run(program, lambda: _answers(port)))
    postgres.create_role(CONTROLLER)
    return postgres


# Whatever the controller makes later in this database, the daemon may read and write as well.
_GRANTS = """
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO {role};
ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO {role};
"""


def _answers(port: int) -> bool:
    if not is_listening(port):
        return False
    try:
        psycopg.connect(host=HOST, port=port, user=SUPERUSER, dbname=SUPERUSER).close()
    except psycopg.OperationalError:  # "the database system is starting up"
        return False
    return True
