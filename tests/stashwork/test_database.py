import asyncio
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from stashwork.database import DatabaseTooNew, make_engine, open_database, session_factory, upgrade, writer
from stashwork.library import models
from stashwork.migrations import versions
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
    newest = max(path.name[1:5] for path in Path(versions.__file__).parent.glob("v*.py"))
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == newest


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
                text("INSERT INTO performer VALUES (:id, '', '', '[]', 0, '', '', 0)"), {"id": last + 1}
            )

    await asyncio.gather(*(append() for _ in range(10)))
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM performer")) == 10


async def test_a_failed_transaction_leaves_nothing(engine: AsyncEngine) -> None:
    async def fail() -> None:
        async with writer(engine).begin() as connection:
            await connection.execute(text("INSERT INTO tag VALUES (1, '', '', '[]', '', '', 0)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM tag")) == 0


async def test_sessions_read_objects_with_their_links(engine: AsyncEngine) -> None:
    async with writer(engine).begin() as connection:
        await connection.execute(text("INSERT INTO tag VALUES (1, 'أ <b>', '', '[\"x\"]', 't', 't', 0)"))
    async with session_factory(engine)() as session:
        tag = await session.get_one(models.Tag, 1)
        assert (tag.name, tag.aliases) == ("أ <b>", ["x"])


async def test_plans_and_rejections_of_an_older_file_are_about_the_scenes_that_it_has(tmp_path: Path) -> None:
    def made_by_an_older_version(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", "stashwork:migrations")
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        for statement in (
            "INSERT INTO scene VALUES (1, '', '', '', '', '[]', NULL, NULL, 0, NULL, 'then', 'then', NULL, 0),"
            "(2, '', '', '', '', '[]', NULL, NULL, 0, NULL, 'then', 'then', 'missing', 0)",
            "INSERT INTO scene_file VALUES (1, 7, 0, '/m/a.mp4', 'a.mp4', 1, 1, 'h264', 1, 1, 1, 1, 't', "
            """'[["oshash", "abc"]]')""",
            "INSERT INTO plan VALUES (5, 'job', 'draft', '{}', 't', 't', 2, 2, 2, '{}')",
            "INSERT INTO plan_change "
            "(plan_id, scene_id, field, action, key, proposed, confidence, reason, source, decision) "
            """VALUES (5, 1, 'title', 'set', 'A', '"A"', 0.9, 'r', 'rules', 'pending'), """
            """(5, 9, 'title', 'set', 'B', '"B"', 0.9, 'r', 'rules', 'pending')""",
            "INSERT INTO rejection VALUES (1, 'date', 'x', 't'), (9, 'date', 'x', 't')",
        ):
            connection.exec_driver_sql(statement)

    engine = make_engine(tmp_path)
    async with writer(engine).begin() as connection:
        await connection.run_sync(made_by_an_older_version)
    await engine.dispose()
    async with open_database(tmp_path) as engine, engine.connect() as connection:
        about = {"paths": ["/m/a.mp4"], "fingerprints": ["oshash:abc"]}
        scenes = (await connection.execute(select(plan_models.PlanScene.__table__))).all()
        rejections = (await connection.execute(select(plan_models.Rejection.__table__))).all()
        left = (await connection.scalars(select(models.Scene.id))).all()
    assert scenes == [(5, 1, "then", about)]
    assert rejections == [(1, "then", "date", "x", about, "t")]
    assert left == [1]
