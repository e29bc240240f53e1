"""Idempotency keys, many jobs at once, and options that are refused."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support import eventually, query

from dayjob import InvalidArguments, JobQueue, JobRegistry, JobRequest, processes
from dayjob.engine import housekeeper
from dayjob.errors import DuplicateJobType, IdempotencyConflict, JobExists, JobNotFound, UnknownJobType

LATER = datetime.now(UTC) + timedelta(hours=1)


async def echo(job_id: str, value: Any = None, other: Any = None) -> Any:
    return value


@pytest.fixture(autouse=True)
def _types(registry: JobRegistry) -> None:
    registry.register("echo", echo)
    registry.register("twin", echo)
    registry.register("sync", echo, unique=True)


def keys(path: Path) -> list[Any]:
    return query(path, "SELECT scope, key, job_id FROM dayjob_idempotency")


class TestIdempotency:
    async def test_the_same_key_and_request_give_the_same_job(self, queue: JobQueue, path: Path) -> None:
        one = await queue.enqueue("echo", None, {"value": 1, "other": 2}, idempotency_key="k")
        await queue.wait(one, 10)
        two = await queue.enqueue("echo", None, {"other": 2, "value": 1}, idempotency_key="k")
        assert one == two
        assert keys(path) == [("", "k", one)]

    @pytest.mark.parametrize(
        ("job_type", "args", "options"),
        [
            ("twin", {"value": 1}, {}),
            ("echo", {"value": 2}, {}),
            ("echo", {"value": 1}, {"priority": 1}),
            ("echo", {"value": 1}, {"delay": 1}),
            ("echo", {"value": 1}, {"run_at": LATER}),
            ("echo", {"value": 1}, {"timeout": 1}),
            ("echo", {"value": 1}, {"unique_key": "u"}),
            ("echo", {"value": 1}, {"job_id": "mine"}),
        ],
    )
    async def test_the_same_key_with_anything_else_is_a_conflict(
        self, queue: JobQueue, path: Path, job_type: str, args: Any, options: Any
    ) -> None:
        await queue.enqueue("echo", None, {"value": 1}, idempotency_key="k")
        with pytest.raises(IdempotencyConflict, match="new key for each request"):
            await queue.enqueue(job_type, None, args, idempotency_key="k", **options)
        assert query(path, "SELECT count(*) FROM dayjob_job") == [(1,)]

    @pytest.mark.parametrize("how", [{"idempotency_key": "k"}, {"job_id": "mine"}])
    async def test_a_default_may_be_said_or_left_out(self, queue: JobQueue, path: Path, how: Any) -> None:
        one = await queue.enqueue("echo", None, {"value": 1}, **how)
        assert await queue.enqueue("echo", None, {"value": 1, "other": None}, **how) == one
        assert await queue.enqueue_many([JobRequest("echo", {"other": None, "value": 1}, **how)]) == [one]
        with pytest.raises((IdempotencyConflict, JobExists)):
            await queue.enqueue("echo", None, {"value": 1, "other": 0}, **how)
        assert query(path, "SELECT args FROM dayjob_job") == [('{"value":1}',)]  # as it was sent

    @pytest.mark.parametrize("options", [{"run_at": LATER}, {"delay": 60.0}])
    async def test_a_time_is_compared_as_it_was_given(self, queue: JobQueue, options: Any) -> None:
        made = [await queue.enqueue("echo", idempotency_key="k", **options) for _ in range(2)]
        assert made[0] == made[1]

    async def test_many_at_the_same_time_make_one_job(self, queue: JobQueue, path: Path) -> None:
        made = await asyncio.gather(*(queue.enqueue("echo", idempotency_key="k") for _ in range(50)))
        assert len(set(made)) == 1
        assert query(path, "SELECT count(*) FROM dayjob_job") == [(1,)]

    async def test_the_key_comes_before_the_id_and_the_id_before_the_unique_key(
        self, queue: JobQueue, path: Path
    ) -> None:
        first = await queue.enqueue("echo", delay=60, unique_key="u", job_id="a", idempotency_key="k")
        with pytest.raises(IdempotencyConflict):
            await queue.enqueue("twin", delay=60, unique_key="u", job_id="a", idempotency_key="k")
        with pytest.raises(JobExists):
            await queue.enqueue("twin", delay=60, unique_key="u", job_id="a", idempotency_key="new")
        assert await queue.enqueue("echo", delay=60, unique_key="u", job_id="b", idempotency_key="new") == first
        assert keys(path) == [("", "k", "a"), ("", "new", "a")]  # not that of the refused one

    async def test_a_key_outlives_its_job(self, queue: JobQueue, path: Path) -> None:
        job_id = await queue.enqueue("echo", idempotency_key="k")
        await queue.wait(job_id, 10)
        query(path, "DELETE FROM dayjob_job WHERE id = ?", job_id)
        assert await queue.enqueue("echo", idempotency_key="k") == job_id
        accepted = await queue.accept(JobRequest("echo", idempotency_key="k"))
        assert (accepted.replayed, accepted.created) == (True, False)
        with pytest.raises(JobNotFound, match="not kept any more"):
            accepted.status()

    async def test_a_key_is_free_again_after_a_day(self, queue: JobQueue, path: Path) -> None:
        old = await queue.enqueue("echo", idempotency_key="k")
        kept = query(path, "SELECT expires_at - created_at FROM dayjob_idempotency JOIN dayjob_job ON id = job_id")
        assert kept == [(86_400_000_000,)]
        query(path, "UPDATE dayjob_idempotency SET expires_at = 1")
        new = await queue.enqueue("twin", idempotency_key="k")
        assert new != old
        assert keys(path) == [("", "k", new)]

    async def test_scopes_do_not_meet(self, queue: JobQueue) -> None:
        wanted = JobRequest("echo", idempotency_key="k")
        made = {(await queue.accept(wanted, scope=scope)).job_id for scope in ("", "ada", "bob", "ada")}
        assert len(made) == 3

    async def test_expired_keys_are_removed_in_batches(
        self, queue: JobQueue, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        query(
            path,
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 1200) "
            "INSERT INTO dayjob_idempotency SELECT '', 'k' || x, 'h', 'j', 1 FROM n",
        )
        await queue.enqueue("echo", idempotency_key="fresh")
        repository = queue._get_engine().repository
        assert [await repository.forget_keys(2, 500) for _ in range(4)] == [500, 500, 200, 0]
        assert [key for _, key, _ in keys(path)] == ["fresh"]

    async def test_the_housekeeper_removes_them(
        self, path: Path, registry: JobRegistry, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(processes, "BEAT_EVERY", 0.05)
        monkeypatch.setattr(housekeeper, "TIDY_EVERY", 0.05)
        async with JobQueue(f"sqlite:///{path}", registry=registry) as queue:
            await queue.enqueue("echo", idempotency_key="k")
            query(path, "UPDATE dayjob_idempotency SET expires_at = 1")
            await eventually(lambda: not keys(path))


class TestMany:
    async def test_ids_come_back_in_order_and_the_jobs_run(self, queue: JobQueue) -> None:
        ids = await queue.enqueue_many(JobRequest("echo", {"value": n}) for n in range(1000))
        assert len(set(ids)) == 1000
        assert [(await queue.wait(ids[n], 30)).result for n in (0, 500, 999)] == [0, 500, 999]

    async def test_options_hold_for_each(self, queue: JobQueue) -> None:
        ids = await queue.enqueue_many(
            [
                JobRequest("echo", priority=3, delay=60, timeout=5),
                JobRequest("sync", delay=60),
                JobRequest("sync", delay=60),
            ]
        )
        job = await queue.get_job_status(ids[0])
        assert job is not None
        assert (job.priority, job.timeout) == (3, 5)
        assert ids[1] == ids[2]

    async def test_what_is_there_already_is_found_among_new_ones(self, queue: JobQueue, path: Path) -> None:
        await queue.enqueue("echo", delay=60, job_id="b")
        ids = await queue.enqueue_many(JobRequest("echo", delay=60, job_id=name) for name in "abca")
        assert ids == ["a", "b", "c", "a"]
        assert query(path, "SELECT id FROM dayjob_job ORDER BY seq") == [("b",), ("a",), ("c",)]

    async def test_they_are_a_change_of_the_database_and_the_next_job_is_another(
        self, queue: JobQueue, path: Path
    ) -> None:
        await queue.enqueue_many(JobRequest("echo", delay=60) for _ in range(100))
        await queue.enqueue("echo", delay=60)
        revs = [rev for (rev,) in query(path, "SELECT rev FROM dayjob_job ORDER BY seq")]
        assert revs == [1] * 100 + [2]
        assert query(path, "SELECT value FROM dayjob_meta WHERE key = 'rev'") == [(2,)]

    async def test_none_is_nothing(self, queue: JobQueue) -> None:
        assert await queue.enqueue_many([]) == []

    @pytest.mark.parametrize(
        ("last", "error"),
        [
            (JobRequest("echo", {"value": 2}, job_id="mine"), JobExists),
            (JobRequest("echo", {"value": 2}, idempotency_key="k"), IdempotencyConflict),
            (JobRequest("echo", {"unknown": 2}), InvalidArguments),
            (JobRequest("unknown"), UnknownJobType),
        ],
    )
    async def test_all_or_nothing(self, queue: JobQueue, path: Path, last: JobRequest, error: type[Exception]) -> None:
        await queue.enqueue("echo", delay=60, job_id="mine", idempotency_key="k")
        told: list[str] = []
        queue.bus.listen(lambda event: told.append(event.job_id))
        neighbour = asyncio.create_task(queue.enqueue("echo", delay=60, job_id="neighbour"))
        with pytest.raises(error):
            await queue.enqueue_many([*(JobRequest("echo", delay=60) for _ in range(5)), last])
        await neighbour
        assert query(path, "SELECT id FROM dayjob_job ORDER BY seq") == [("mine",), ("neighbour",)]
        assert query(path, "SELECT rev FROM dayjob_job ORDER BY seq") == [(1,), (2,)]
        assert told == ["neighbour"]

    async def test_too_many_are_refused(self, queue: JobQueue, path: Path) -> None:
        with pytest.raises(InvalidArguments, match="10,000 jobs"):
            await queue.enqueue_many(JobRequest("echo") for _ in range(10_001))
        assert query(path, "SELECT count(*) FROM dayjob_job") == [(0,)]


class TestOwners:
    async def test_every_way_to_add_a_job_can_name_its_owner(self, queue: JobQueue, registry: JobRegistry) -> None:
        @registry.job("own")
        async def own() -> None: ...

        anns = queue.configure(owner="ann", delay=60)
        made = [(await anns.submit(own)).id, (await anns.enqueue("echo")).id]
        made.append(await queue.enqueue("echo", owner="ann"))
        made += await queue.enqueue_many([JobRequest("echo", owner="ann"), JobRequest("echo", owner="bob")])
        made.append(await queue.enqueue("echo"))
        jobs = {job.id: job.owner for job in (await queue.list_jobs()).items}
        assert [jobs[job_id] for job_id in made] == ["ann", "ann", "ann", "ann", "bob", None]
        assert [job.id for job in (await queue.list_jobs(owner="ann")).items] == made[3::-1]
        assert sum((await queue.get_stats("bob")).jobs.values()) == 1

    async def test_keys_are_told_apart_by_owner(self, queue: JobQueue) -> None:
        options: list[dict[str, Any]] = [{"unique_key": "k"}, {"idempotency_key": "k"}]
        for job_type, option in [("sync", {}), *(("echo", option) for option in options)]:
            made = [
                await queue.enqueue(job_type, owner=owner, delay=60, **option)
                for owner in ("ann", "ann b", None, "ann", "ann b", None)
            ]
            assert (made[:3], len(set(made))) == (made[3:], 3), option
        with pytest.raises(IdempotencyConflict):
            await queue.enqueue("echo", job_args={"value": 1}, owner="ann", idempotency_key="k")

    async def test_an_id_of_another_owner_is_refused(self, queue: JobQueue) -> None:
        for _ in range(2):
            assert await queue.enqueue("echo", job_id="a", owner="ann", delay=60) == "a"
        for owner in ("bob", None):
            with pytest.raises(JobExists):
                await queue.enqueue("echo", job_id="a", owner=owner, delay=60)

    async def test_a_job_that_is_run_again_has_the_same_owner_and_key(self, queue: JobQueue) -> None:
        done = await queue.enqueue("echo", owner="ann", unique_key="k")
        await queue.wait(done, 10)
        other = await queue.enqueue("echo", unique_key="k", delay=60)
        again = await queue.retry_job(done)
        assert (again.owner, again.id == other) == ("ann", False)

    @pytest.mark.parametrize("owner", ["", "x" * 256, "\ud800", "a\0b", 7, True, b"ann"])
    async def test_an_owner_is_a_short_text_that_can_be_stored(self, queue: JobQueue, owner: Any) -> None:
        for asked in (queue.enqueue("echo", owner=owner), queue.list_jobs(owner=owner), queue.get_stats(owner)):
            with pytest.raises(InvalidArguments, match="owner"):
                await asked


class TestRefused:
    @pytest.mark.parametrize("priority", [1.5, "1", True, None, 2**70, -1001])
    async def test_a_priority_is_a_whole_number(self, queue: JobQueue, priority: Any) -> None:
        with pytest.raises(InvalidArguments, match="priority"):
            await queue.enqueue("echo", priority=priority)

    @pytest.mark.parametrize("timeout", [0, -1, True, "1", float("nan"), float("inf"), 2**70])
    async def test_a_timeout_is_some_seconds(self, queue: JobQueue, timeout: Any) -> None:
        with pytest.raises(InvalidArguments, match="timeout"):
            await queue.enqueue("echo", timeout=timeout)

    @pytest.mark.parametrize("key", ["", "k" * 256, "\ud800", "a\0b", 7])
    @pytest.mark.parametrize("option", ["unique_key", "idempotency_key"])
    async def test_a_key_is_a_short_text_that_can_be_stored(self, queue: JobQueue, option: str, key: Any) -> None:
        with pytest.raises(InvalidArguments, match=option):
            await queue.enqueue("echo", **{option: key})

    async def test_a_key_of_255_characters_of_any_kind_is_taken(self, queue: JobQueue) -> None:
        await queue.enqueue("echo", unique_key="😀" * 255, idempotency_key="😀" * 255)

    async def test_another_function_for_a_known_type_is_refused(self, queue: JobQueue, registry: JobRegistry) -> None:
        async def another() -> None: ...

        with pytest.raises(DuplicateJobType):
            await queue.enqueue("echo", another)
        await queue.enqueue("sync", echo)
        assert registry.get("sync").unique is True  # the same function leaves the type as it was registered
