"""Sessions that are lost come back by themselves; an error of one operation is nobody else's."""

from __future__ import annotations

import asyncio
from typing import Any

import psycopg
import pytest
from tests.repository.conftest import PostgresSchema
from tests.support import new_job

from dayjob import Status
from dayjob.errors import StorageError, StorageFull
from dayjob.repository import Changes, JobRepository
from dayjob.repository.postgres.errors import explain, is_of_moment

END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s || current_schema() || %s"


def end_sessions(storage: PostgresSchema, role: str) -> int:
    return len(storage.rows(END, "dayjob:", f":{role}"))


async def test_the_writer_makes_another_session_when_it_has_lost_its_own(
    repository: JobRepository, storage: PostgresSchema
) -> None:
    await repository.create_job(new_job("a"))
    assert end_sessions(storage, "writer")
    with pytest.raises(StorageError, match="cannot be used"):
        await repository.create_job(new_job("b"))
    assert isinstance(repository.trouble, StorageError)
    await repository.create_job(new_job("c"))
    assert repository.trouble is None
    assert [job.id for job in (await repository.list_jobs()).items] == ["c", "a"]


async def test_a_reader_makes_another_session_when_it_has_lost_its_own(
    repository: JobRepository, storage: PostgresSchema
) -> None:
    for _ in range(4):  # both of them have one then
        await asyncio.gather(*(repository.list_workers() for _ in range(4)))
    assert end_sessions(storage, "reader")
    answers = await asyncio.gather(*(repository.list_workers() for _ in range(8)), return_exceptions=True)
    assert any(isinstance(answer, StorageError) for answer in answers)
    for _ in range(8):
        assert len(await repository.list_workers()) == 2


async def test_the_listener_makes_another_session_and_hears_what_was_said_meanwhile(
    repository: JobRepository, storage: PostgresSchema
) -> None:
    heard = asyncio.Event()
    repository.listener.on_foreign = lambda _changes: heard.set()
    other = await storage.open()
    await other.create_job(new_job("a"))
    await asyncio.wait_for(heard.wait(), 5)
    assert end_sessions(storage, "listener")
    heard.clear()
    await other.create_job(new_job("b"))
    await asyncio.wait_for(heard.wait(), 5)


async def test_another_process_hears_of_a_change_and_who_made_it_does_not(
    repository: JobRepository, storage: PostgresSchema
) -> None:
    own: list[Changes] = []
    repository.listener.on_foreign = own.append
    other = await storage.open()
    found: asyncio.Queue[Changes] = asyncio.Queue()
    other.listener.on_foreign = found.put_nowait
    await asyncio.sleep(1.5)  # both have looked at what came before
    own.clear()
    while not found.empty():
        found.get_nowait()
    began = asyncio.get_running_loop().time()
    await repository.create_job(new_job("a"))
    changes = await asyncio.wait_for(found.get(), 5)
    assert asyncio.get_running_loop().time() - began < 0.9  # by the note, and not by the look of each second
    assert [row.id for row in await other.list_changed(changes)] == ["a"]
    await asyncio.sleep(1.2)
    assert own == []


async def test_an_error_of_one_operation_is_not_that_of_the_others_in_its_transaction(
    repository: JobRepository,
) -> None:
    def fail(tx: Any) -> None:
        tx.connection.execute("SELECT 1/0")

    first = repository.create_job(new_job("a"))
    failing = repository._submit(fail)
    last = repository.create_job(new_job("b"))
    assert [(row.id, created) for row, created in await asyncio.gather(first, last)] == [("a", True), ("b", True)]
    with pytest.raises(psycopg.errors.DivisionByZero):
        await failing
    assert (await repository.count_jobs())[Status.PENDING] == 2


async def test_a_key_that_an_app_has_not_committed_yet_holds_up_nobody_else(
    repository: JobRepository, postgres_dsn: str, schema: str
) -> None:
    await repository.create_job(new_job("old", unique_key="copy k"))
    with psycopg.connect(postgres_dsn) as app:
        app.execute(f"UPDATE {schema}.dayjob_job SET id = 'x', unique_key = 'copy other' WHERE id = 'old'")
        began = asyncio.get_running_loop().time()
        waits = repository.create_job(new_job("x"))
        stored, _ = await repository.create_job(new_job("b"))
        assert stored.id == "b"
        assert asyncio.get_running_loop().time() - began < 2.0  # 0.25 s on an idle machine
        with pytest.raises(StorageError, match="lock timeout"):
            await waits
        app.rollback()
    assert (await repository.create_job(new_job("x")))[1]


@pytest.mark.parametrize(
    ("state", "kind", "again"),
    [
        ("53100", StorageFull, False),
        ("53300", StorageError, False),
        ("57P01", StorageError, False),
        ("57014", StorageError, False),
        ("25006", StorageError, False),
        ("08006", StorageError, False),
        ("40P01", StorageError, True),
        ("40001", StorageError, True),
        ("55P03", StorageError, True),
    ],
)
def test_what_a_state_means(state: str, kind: type[Exception], again: bool) -> None:
    error = psycopg.errors.lookup(state)("no")
    assert error.sqlstate == state
    assert type(explain(error, "jobs")) is kind
    assert is_of_moment(error) is again


async def test_a_deadlock_with_others_is_done_again(repository: JobRepository) -> None:
    raised: list[int] = []

    def once(tx: Any) -> str:
        if not raised:
            raised.append(1)
            tx.connection.execute("DO $$ BEGIN RAISE 'no' USING ERRCODE = '40P01'; END $$")
        return "done"

    assert await repository._submit(once) == "done"
    assert raised == [1]
