"""The end of a process is seen by its session, and the restart of a server is nobody's end."""

from __future__ import annotations

import asyncio
import time

from tests.repository.conftest import PostgresSchema
from tests.repository.postgres.test_connection import end_sessions
from tests.support import eventually, worker_row

from dayjob.repository import JobRepository
from dayjob.repository.postgres.database import PostgresDatabase


async def test_a_process_is_lost_soon_after_its_session_ends(
    repository: JobRepository, storage: PostgresSchema
) -> None:
    other = await storage.open()
    me, him = worker_row("w"), worker_row("v")
    repository.process_lock("w").acquire()
    assert not repository.lost_its_lock(him)  # who never had one: his beats tell
    other.process_lock("v").acquire()
    seen = repository.database._listener  # type: ignore[attr-defined]
    await eventually(lambda: len(seen._seen) == 2)
    assert not repository.lost_its_lock(me)
    assert not repository.lost_its_lock(him)
    await other.close()
    await eventually(lambda: repository.lost_its_lock(him))
    assert not repository.lost_its_lock(me)


async def test_a_process_that_signs_off_and_comes_back_is_not_lost(repository: JobRepository) -> None:
    lock, me = repository.process_lock("w"), worker_row("w")
    lock.acquire()
    seen = repository.database._listener  # type: ignore[attr-defined]
    await eventually(lambda: seen._seen)
    lock.release()
    await eventually(lambda: repository.lost_its_lock(me))
    lock.renew()
    await eventually(lambda: not repository.lost_its_lock(me))


async def test_a_session_that_comes_back_was_not_the_end(repository: JobRepository, storage: PostgresSchema) -> None:
    other = await storage.open()
    other.process_lock("v").acquire()
    seen = repository.database._listener  # type: ignore[attr-defined]
    await eventually(lambda: seen._seen)
    assert end_sessions(storage, "listener") == 2  # his, and the one that looks
    told = []
    for _ in range(100):
        told.append(repository.lost_its_lock(worker_row("v")))
        await asyncio.sleep(0.01)
    await eventually(lambda: seen._seen)
    assert not any(told)


async def test_notes_do_not_hurry_the_looks(repository: JobRepository, storage: PostgresSchema, schema: str) -> None:
    lock = (await storage.open()).process_lock("v")
    lock.acquire()
    seen = repository.database._listener  # type: ignore[attr-defined]
    await eventually(lambda: seen._seen)
    lock.release()
    told, ends = [], time.monotonic() + 0.4
    while time.monotonic() < ends:
        storage.rows(f"NOTIFY dayjob_{schema}")
        await asyncio.sleep(0)
        told.append(repository.lost_its_lock(worker_row("v")))
    lock.renew()
    assert not any(told)


def test_who_is_gone_by_what_is_seen(postgres_dsn: str, schema: str) -> None:
    listener = PostgresDatabase(postgres_dsn, schema=schema)._listener

    def look(server_started: str, *connected: int) -> list[int]:
        listener._note(server_started, set(connected))
        return [number for number in (1, 2) if listener.is_gone(number)]

    assert look("monday", 1, 2) == []
    assert look("monday", 2) == []  # he may be about to come back
    assert look("monday", 2) == [1]
    assert look("monday", 1, 2) == []
    assert look("tuesday") == look("tuesday") == look("tuesday") == []  # after a restart all have to come back
    assert look("tuesday", 2) == look("tuesday") == []
    assert look("tuesday") == [2]
