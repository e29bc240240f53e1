import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from stashwork.database import DatabaseTooNew, open_database, session_factory, upgrade, writer
from stashwork.library import models
from stashwork.plans import models as plan_models


async def test_the_migrations_make_exactly_the_tables_of_the_models(engine: AsyncEngine) -> None:
    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, plan_models.Base.metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_foreign_keys_do_on_delete_what_the_models_say(engine: AsyncEngine) -> None:
    def rules(connection: Connection) -> dict[tuple[str, str], tuple[str | None, object]]:
        return {
            (table, key["constrained_columns"][0]): (
                key["options"].get("ondelete"),
                key["options"].get("initially"),
            )
            for table in plan_models.Base.metadata.tables
            for key in inspect(connection).get_foreign_keys(table)
        }

    async with engine.connect() as connection:
        found = await connection.run_sync(rules)
    assert found == {
        (table.name, column.name): (key.ondelete, key.initially)
        for table in plan_models.Base.metadata.tables.values()
        for column in table.columns
        for key in column.foreign_keys
    }


async def test_upgrading_twice_changes_nothing(engine: AsyncEngine) -> None:
    await upgrade(engine)
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == "0003"


async def test_a_newer_file_is_refused(tmp_path: Path) -> None:
    async with open_database(tmp_path) as engine, engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseTooNew, match="update stashwork"):
        async with open_database(tmp_path):
            pass


async def test_each_connection_is_set_up(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        assert await connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert await connection.scalar(text("PRAGMA foreign_keys")) == 1
        assert await connection.scalar(text("PRAGMA busy_timeout")) == 10_000


async def test_foreign_keys_are_enforced(engine: AsyncEngine) -> None:
    with pytest.raises(IntegrityError):
        async with engine.begin() as connection:
            await connection.execute(text("INSERT INTO scene_tag (scene_id, tag_id) VALUES (1, 1)"))


async def test_writers_that_read_first_take_turns(engine: AsyncEngine) -> None:
    """With a plain BEGIN the second one would fail at once: its snapshot is old when it comes to write."""

    async def append() -> None:
        async with writer(engine).begin() as connection:
            last = await connection.scalar(text("SELECT coalesce(max(id), 0) FROM performer"))
            await connection.execute(
                text("INSERT INTO performer VALUES (:id, '', '', '[]', 0, '', '', NULL, 0)"), {"id": last + 1}
            )

    await asyncio.gather(*(append() for _ in range(10)))
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM performer")) == 10


async def test_a_failed_transaction_leaves_nothing(engine: AsyncEngine) -> None:
    async def fail() -> None:
        async with writer(engine).begin() as connection:
            await connection.execute(text("INSERT INTO tag VALUES (1, '', '', '[]', '', '', NULL, 0)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM tag")) == 0


async def test_sessions_read_objects_with_their_links(engine: AsyncEngine) -> None:
    async with writer(engine).begin() as connection:
        await connection.execute(text("INSERT INTO tag VALUES (1, 'أ <b>', '', '[\"x\"]', 't', 't', NULL, 0)"))
    async with session_factory(engine)() as session:
        tag = await session.get_one(models.Tag, 1)
        assert (tag.name, tag.aliases) == ("أ <b>", ["x"])
