"""Claimed jobs that wait for a slot: taken in their order, taken out again, and given back when no slot takes them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from tests.support import eventually

from dayjob.engine import prefetched
from dayjob.engine.prefetched import Prefetched
from dayjob.models import JobDefinition


def job(job_id: str) -> JobDefinition:
    return JobDefinition(job_id, "copy", {}, datetime.now(UTC))


@pytest.fixture
async def returned() -> list[str]:
    return []


@pytest.fixture
async def waiting(returned: list[str], monkeypatch: pytest.MonkeyPatch) -> Prefetched:
    monkeypatch.setattr(prefetched, "_LONGEST_WAIT", 0.02)

    def give_back(job: JobDefinition) -> None:
        del made.jobs[job.id]
        returned.append(job.id)

    made = Prefetched(give_back)
    return made


async def test_jobs_are_taken_in_their_order_and_slots_end_behind_them(waiting: Prefetched) -> None:
    waiting.put_nowait(None)
    waiting.put_all(map(job, "abc"))
    assert waiting.qsize() == 4
    assert [(taken.id if (taken := await waiting.get()) else None) for _ in range(4)] == ["a", "b", "c", None]
    assert waiting.empty()


async def test_a_job_that_was_taken_out_is_not_got(waiting: Prefetched) -> None:
    waiting.put_all(map(job, "ab"))
    del waiting.jobs["a"]
    taken = await waiting.get()
    assert taken is not None
    assert (taken.id, waiting.empty()) == ("b", True)


async def test_a_slot_that_was_woken_for_a_job_that_is_gone_waits_on(waiting: Prefetched) -> None:
    slot = asyncio.create_task(waiting.get())
    await asyncio.sleep(0)
    waiting.put_all([job("a")])
    del waiting.jobs["a"]  # before the slot has its turn
    await asyncio.sleep(0)
    assert not slot.done()
    waiting.put_all([job("b")])
    taken = await asyncio.wait_for(slot, 10)
    assert taken is not None
    assert taken.id == "b"


async def test_what_no_slot_takes_is_given_back(waiting: Prefetched, returned: list[str]) -> None:
    waiting.put_all(map(job, "abc"))
    await waiting.get()
    await eventually(lambda: returned == ["b", "c"])
    assert waiting.empty()
    waiting.put_all([job("d")])
    await eventually(lambda: returned == ["b", "c", "d"])
