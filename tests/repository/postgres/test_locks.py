"""Each rule that reads and then writes, beside another session that changes what was read: in both orders.

The first transaction is held open after its last statement, until the second waits for a lock of it (or has ended).
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any, TypeVar

import pytest
from tests import postgres
from tests.support import new_job

from dayjob.clock import now_micros
from dayjob.cron import Cron
from dayjob.errors import QueueFull
from dayjob.models import AttemptReport, JobDefinition, Limit, Settlement, StopReason, Transition
from dayjob.repository import JobRepository, operations, schedules
from dayjob.repository.claiming import ClaimRequest
from dayjob.repository.postgres.database import PostgresDatabase
from dayjob.repository.postgres.transaction import PostgresTransaction
from dayjob.schedule import Schedule
from dayjob.states import Event, Status

T = TypeVar("T")
Operation = Callable[[PostgresTransaction], Any]


class Sessions:
    """Transactions on two sessions, each in a thread of its own."""

    def __init__(self, dsn: str, schema: str) -> None:
        self._dsn = dsn
        self._schema = schema
        self._database = PostgresDatabase(dsn, schema=schema)

    @contextmanager
    def transaction(self) -> Iterator[PostgresTransaction]:
        with closing(self._database._connect("test")) as connection:
            connection.execute("SET lock_timeout = '20s'")
            connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
            transaction = PostgresTransaction(connection, "test")
            yield transaction
            transaction.store_counts()
            connection.execute("COMMIT")

    async def interleave(self, first: Operation, second: Operation) -> tuple[Any, Any]:
        """What both answer when ``second`` begins after the last statement of ``first`` and before its commit."""
        written, may_commit = threading.Event(), threading.Event()

        def run_first() -> Any:
            with self.transaction() as tx:
                answer = _answer(first, tx)
                written.set()
                may_commit.wait(20)
            return answer

        def run_second() -> Any:
            with self.transaction() as tx:
                return _answer(second, tx)

        one = asyncio.create_task(asyncio.to_thread(run_first))
        await asyncio.to_thread(written.wait, 20)
        other = asyncio.create_task(asyncio.to_thread(run_second))
        while not other.done() and not await asyncio.to_thread(self._is_anybody_waiting):
            await asyncio.sleep(0.005)
        may_commit.set()
        return await one, await other

    def _is_anybody_waiting(self) -> bool:
        sql = "SELECT 1 FROM pg_stat_activity WHERE application_name = %s AND wait_event_type = 'Lock'"
        return bool(postgres.query(self._dsn, self._schema, sql, f"dayjob:{self._schema}:test"))


def _answer(operation: Operation, tx: PostgresTransaction) -> Any:
    try:
        return operation(tx)
    except QueueFull as full:
        return full


@pytest.fixture
def sessions(postgres_dsn: str, schema: str) -> Sessions:
    return Sessions(postgres_dsn, schema)


def in_order(pair: tuple[T, T], order: int) -> tuple[T, T]:
    return pair if order == 0 else (pair[1], pair[0])


both_orders = pytest.mark.parametrize("order", [0, 1])


def claim(worker: str, limits: dict[str, Limit] | None = None, types: tuple[str, ...] = ("copy", "move")) -> Operation:
    request = ClaimRequest(worker, types, 5, 5, limits or {})
    return lambda tx: [job.id for job in operations.claim(tx, request).jobs]


@both_orders
async def test_no_job_runs_under_a_process_that_is_removed(
    repository: JobRepository, sessions: Sessions, order: int
) -> None:
    await repository.create_job(new_job("a"))
    pair = in_order((claim("v"), lambda tx: operations.remove_worker(tx, "v")), order)
    claimed, removed = in_order(await sessions.interleave(*pair), order)
    assert (claimed, removed) == ((["a"], False) if order == 0 else ([], True))
    there = {worker.id for worker in await repository.list_workers()}
    assert (await repository.list_running_of("v") == []) or "v" in there


async def running(repository: JobRepository, job_id: str, job_type: str = "copy") -> JobDefinition:
    await repository.create_job(new_job(job_id, job_type))
    (job,) = (await repository.claim("w", [job_type], 1)).jobs
    return job


@both_orders
async def test_no_child_escapes_a_cancel_of_its_family(
    repository: JobRepository, sessions: Sessions, order: int
) -> None:
    root = await running(repository, "root")
    await repository.create_child(root, new_job("mid", "move", parent_id="root"))
    (mid,) = (await repository.claim("w", ["move"], 1)).jobs

    def add(tx: PostgresTransaction) -> Any:  # to the child of the one that is cancelled
        return operations.create_child(tx, mid, new_job("leaf", parent_id="mid"))

    pair = in_order((lambda tx: operations.cancel(tx, "root"), add), order)
    _, added = in_order(await sessions.interleave(*pair), order)
    leaf = await repository.get_job("leaf")
    if order == 0:
        assert (added, leaf) == (StopReason.CANCELLED, None)
    else:
        assert leaf is not None
        assert leaf.status is Status.CANCELLED


@both_orders
@pytest.mark.parametrize("in_all", [False, True])
async def test_no_more_jobs_wait_than_may(
    repository: JobRepository, sessions: Sessions, order: int, in_all: bool
) -> None:
    most = {"max_pending_in_all" if in_all else "max_pending": 1}

    def add(job_id: str) -> Operation:
        return lambda tx: operations.create(tx, new_job(job_id, **most)).created

    first, second = await sessions.interleave(*in_order((add("a"), add("b")), order))
    assert first is True
    assert isinstance(second, QueueFull)
    assert (await repository.count_jobs())[Status.PENDING] == 1


@both_orders
async def test_a_unique_key_has_one_job(repository: JobRepository, sessions: Sessions, order: int) -> None:
    def add(job_id: str) -> Operation:
        return lambda tx: operations.create(tx, new_job(job_id, unique_key="copy k"))

    names = in_order(("a", "b"), order)
    first, second = await sessions.interleave(*map(add, names))
    assert (first.created, second.created) == (True, False)
    assert (first.job_id, second.job_id) == (names[0], names[0])
    assert (await repository.count_jobs())[Status.PENDING] == 1


@both_orders
async def test_a_unique_key_is_free_as_soon_as_its_job_has_ended(
    repository: JobRepository, sessions: Sessions, order: int
) -> None:
    await repository.create_job(new_job("a", unique_key="copy k"))
    add: Operation = lambda tx: operations.create(tx, new_job("b", unique_key="copy k"))  # noqa: E731
    pair = in_order((lambda tx: operations.cancel(tx, "a"), add), order)
    _, stored = in_order(await sessions.interleave(*pair), order)
    assert stored.job_id == ("b" if order == 0 else "a")


@pytest.mark.parametrize("limit", [Limit(1), Limit(1, per_key=True)], ids=["type", "key"])
@both_orders
async def test_a_limit_holds_over_two_processes(
    repository: JobRepository, sessions: Sessions, order: int, limit: Limit
) -> None:
    limits = {"copy": limit}
    await repository.claim("w", ["copy"], 1, limits=limits)  # from the first one on there is a row to lock
    for job_id in ("a", "b"):
        await repository.create_job(new_job(job_id, concurrency_key="copy k" if limit.per_key else None))
    first, second = await sessions.interleave(*in_order((claim("w", limits), claim("v", limits)), order))
    assert (first, second) == (["a"], [])


@both_orders
async def test_a_key_is_one_limit_for_types_that_not_every_process_knows(
    repository: JobRepository, sessions: Sessions, order: int
) -> None:
    one = Limit(1, per_key=True)
    await repository.claim("w", ["copy", "move"], 1, limits={"copy": one, "move": one})
    await repository.create_job(new_job("a", "copy", concurrency_key=" disk"))
    await repository.create_job(new_job("b", "move", concurrency_key=" disk"))
    pair = (claim("w", {"copy": one}, ("copy",)), claim("v", {"move": one}, ("move",)))
    first, second = await sessions.interleave(*in_order(pair, order))
    assert len(first) == 1
    assert second == []


async def test_two_claims_at_once_take_different_jobs(repository: JobRepository, sessions: Sessions) -> None:
    for n in range(12):
        await repository.create_job(new_job(f"j{n}"))
    first, second = await sessions.interleave(claim("w"), claim("v"))
    assert (first, second) == ([f"j{n}" for n in range(5)], [f"j{n}" for n in range(5, 10)])


@both_orders
async def test_an_occurrence_of_a_schedule_has_one_job(
    repository: JobRepository, sessions: Sessions, order: int
) -> None:
    schedule = Schedule("nightly", "copy", Cron("0 3 * * *", "UTC"), "{}", "one")
    planned = now_micros()
    await repository.schedules.declare(schedule, planned, "w")
    values = {**schedules._values(schedule), "planned": planned, "next_run_at": planned + 1, "occurrence": planned}

    def fire(job_id: str) -> Operation:
        return lambda tx: schedules._fire(tx, values, new_job(job_id))

    assert await sessions.interleave(*map(fire, in_order(("a", "b"), order))) == (True, False)
    assert (await repository.count_jobs())[Status.PENDING] == 1


@both_orders
async def test_a_schedule_that_somebody_declares_is_not_removed(
    repository: JobRepository, sessions: Sessions, order: int
) -> None:
    schedule = Schedule("nightly", "copy", Cron("0 3 * * *", "UTC"), "{}", "one")
    await repository.schedules.declare(schedule, now_micros(), "w")
    declared = {**schedules._values(schedule), "next_run_at": now_micros(), "worker": "v"}
    withdrawn = {"name": "nightly", "worker": "w"}

    def declare(tx: PostgresTransaction) -> None:
        schedules._run(tx, declared, ("declare_schedule", "adopt_schedule"))

    def withdraw(tx: PostgresTransaction) -> None:
        schedules._run(tx, withdrawn, ("withdraw_schedule", "remove_orphaned_schedule"))

    await sessions.interleave(*in_order((declare, withdraw), order))
    assert [(row.name, row.orphaned) for row in await repository.schedules.list()] == [("nightly", False)]


@both_orders
async def test_a_parent_waits_for_a_child_unless_it_has_ended(
    repository: JobRepository, sessions: Sessions, order: int
) -> None:
    parent = await running(repository, "p", "move")
    await repository.create_child(parent, new_job("c", parent_id="p"))
    due = now_micros()
    waits = Transition(Event.WAIT, Status.PENDING, due, run_at=due, children=("c",))
    wait: Operation = lambda tx: operations.settle_all(tx, [Settlement(parent, waits, AttemptReport())])  # noqa: E731
    await sessions.interleave(*in_order((wait, lambda tx: operations.cancel(tx, "c")), order))
    found = await repository.get_job("p")
    assert found is not None
    assert (found.status, found.waits_for) == (Status.PENDING, None)
