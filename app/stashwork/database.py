"""The application's SQLite database: one file, SQLAlchemy on aiosqlite, migrated by Alembic at start."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import URL, Connection, MetaData, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry

FILE_NAME = "library.db"
_BUSY_TIMEOUT_MS = 10_000
_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class DatabaseTooNew(Exception):
    """The file was written by a newer stashwork, which this one cannot read."""


class Base(DeclarativeBase):
    """Base of all tables; constraints have names, so that migrations can refer to them."""

    metadata = MetaData(naming_convention=_NAMES)


@asynccontextmanager
async def open_database(folder: Path) -> AsyncIterator[AsyncEngine]:
    """The migrated database in `folder`; its connections are closed at the end, whatever happens.

    Raises DatabaseTooNew, or OSError if the folder cannot be made.

    >>> async with open_database(Path("data")) as engine:
    ...     sessions = session_factory(engine)
    """
    engine = make_engine(folder)
    try:
        await upgrade(engine)
        yield engine
    finally:
        await engine.dispose()


def make_engine(folder: Path) -> AsyncEngine:
    """An engine for `<folder>/library.db`; makes the folder. The caller disposes of it."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=str(folder / FILE_NAME)),
        # Texts are stored as they are, so that they can be searched.
        json_serializer=partial(json.dumps, ensure_ascii=False),
        # The driver would begin transactions late and by its own rules; `_begin` does it instead.
        connect_args={"isolation_level": None},
    )
    event.listen(engine.sync_engine, "connect", _set_up_connection)
    event.listen(engine.sync_engine, "begin", _begin)
    event.listen(engine.sync_engine, "invalidate", _roll_back)
    return engine


def writer(engine: AsyncEngine) -> AsyncEngine:
    """The engine for transactions that write: each waits for its turn when it begins.

    A transaction that reads first and writes later can fail at once when another one wrote in between.
    """
    return engine.execution_options(begin_immediate=True)


def durable_writer(engine: AsyncEngine) -> AsyncEngine:
    """A `writer` whose commits survive a power failure: for what is written before something that cannot be undone."""
    return engine.execution_options(begin_immediate=True, durable=True)


def session_factory(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions whose objects stay readable after a commit; to write, make them of `writer(engine)`."""
    return async_sessionmaker(engine, expire_on_commit=False)


async def upgrade(engine: AsyncEngine) -> None:
    """Bring the tables up to date, in one transaction. Raises DatabaseTooNew."""
    try:
        async with writer(engine).begin() as connection:
            await connection.run_sync(_run_migrations)
    except CommandError as error:
        raise DatabaseTooNew(
            f"{engine.url.database} was written by a newer stashwork: update stashwork ({error})."
        ) from error


def _run_migrations(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", "stashwork:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _set_up_connection(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _roll_back(connection: DBAPIConnection, _entry: ConnectionPoolEntry, _error: BaseException | None) -> None:
    """A cancel in the midst of a statement closes the connection; end its transaction first.

    SQLite keeps a closed connection, with its transaction and lock, for as long as a statement of it exists;
    and the traceback of the cancel holds such a statement, so that its handler would wait for the lock.
    """
    connection.rollback()


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("begin_immediate", False):
        connection.exec_driver_sql("BEGIN")
        return
    # A pragma cannot be set inside a transaction, and the connection may have had another one before.
    connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if options.get('durable', False) else 'NORMAL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
