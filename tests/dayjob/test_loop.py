from __future__ import annotations

import asyncio
import logging

import pytest

from dayjob.loop import Loop


class Steps:
    """A step that counts itself and can be waited for."""

    def __init__(self, pause: float | None = None, failures: int = 0) -> None:
        self.count = 0
        self._pause = pause
        self._failures = failures
        self._changed = asyncio.Condition()

    async def __call__(self) -> float | None:
        async with self._changed:
            self.count += 1
            self._changed.notify_all()
        if self.count <= self._failures:
            raise OSError("sick")
        return self._pause

    async def reach(self, count: int) -> None:
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: self.count >= count)


async def test_the_first_step_comes_at_once_and_further_ones_when_woken() -> None:
    steps = Steps()
    loop = Loop("test", steps)
    loop.start()
    await steps.reach(1)
    loop.wake()
    await steps.reach(2)
    await loop.stop()
    assert steps.count == 2


async def test_waking_many_times_is_waking_once() -> None:
    steps = Steps()
    loop = Loop("test", steps)
    loop.start()
    await steps.reach(1)
    for _ in range(100):
        loop.wake()
    await steps.reach(2)
    for _ in range(5):
        await asyncio.sleep(0)
    assert steps.count == 2
    await loop.stop()


async def test_a_step_says_when_the_next_one_is_due() -> None:
    steps = Steps(pause=0.01)
    loop = Loop("test", steps)
    loop.start()
    await steps.reach(3)
    await loop.stop()


async def test_a_step_that_raises_is_logged_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    steps = Steps(failures=2)
    loop = Loop("patient", steps)
    with caplog.at_level(logging.ERROR):
        loop.start()
        await steps.reach(3)
    await loop.stop()
    assert caplog.text.count("patient failed; next try in") == 2
    assert "OSError: sick" in caplog.text


def test_pauses_after_failures_double_up_to_half_a_minute() -> None:
    for failures, longest in ((1, 0.2), (2, 0.4), (5, 3.2), (30, 30.0), (10_000, 30.0)):
        assert longest / 2 <= Loop._backoff(failures) <= longest


async def test_stop_lets_the_step_under_way_finish() -> None:
    began, finish, finished = asyncio.Event(), asyncio.Event(), []

    async def step() -> None:
        began.set()
        await finish.wait()
        finished.append(True)

    loop = Loop("test", step)
    loop.start()
    await began.wait()
    stopping = asyncio.create_task(loop.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    finish.set()
    await stopping
    assert finished == [True]


async def test_stop_before_start_and_twice_is_fine() -> None:
    await Loop("never", Steps()).stop()
    loop = Loop("once", Steps())
    loop.start()
    await loop.stop()
    await loop.stop()
