"""A handler's code has things done on the event loop, from there and from any thread."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from dayjob import Stopped
from dayjob.engine.portal import Portal


async def double(n: int) -> tuple[int, int]:
    """With the thread that it ran in."""
    await asyncio.sleep(0)
    return 2 * n, threading.get_ident()


def portal(checked: list[int], home: int | None = None) -> Portal:
    loop = asyncio.get_running_loop()
    return Portal(loop, lambda: checked.append(threading.get_ident()), home or threading.get_ident())


async def test_at_home_it_is_awaited_as_it_is() -> None:
    checked: list[int] = []
    doing = double(2)
    assert portal(checked).carry_out(doing) is doing
    assert await doing == (4, threading.get_ident())
    assert checked == []


async def test_in_a_thread_it_is_over_when_the_call_returns_and_may_be_awaited_all_the_same() -> None:
    checked: list[int] = []
    made = portal(checked)

    def in_thread() -> tuple[int, Any]:
        return threading.get_ident(), made.carry_out(double(2))

    thread, done = await asyncio.to_thread(in_thread)
    assert await done == (4, threading.get_ident())
    assert checked == [thread]


async def test_the_check_may_end_the_thread_after_the_call() -> None:
    def stop() -> None:
        raise Stopped("cancelled")

    made = Portal(asyncio.get_running_loop(), stop, threading.get_ident())
    with pytest.raises(Stopped, match="cancelled"):
        await asyncio.to_thread(lambda: made.carry_out(double(2)))
    made.close()
    assert await (await asyncio.to_thread(lambda: made.carry_out(double(2)))) == (4, threading.get_ident())


async def test_an_error_is_raised_in_the_thread() -> None:
    async def fails() -> None:
        raise KeyError("here")

    made = portal([])
    with pytest.raises(KeyError, match="here"):
        await asyncio.to_thread(lambda: made.carry_out(fails()))


def test_a_thread_that_was_left_behind_by_the_app_is_told_to_stop() -> None:
    async def main() -> Portal:
        return portal([], home=-1)

    left = asyncio.run(main())
    with pytest.raises(Stopped, match="shutdown"):
        left.carry_out(double(2))
