"""Reading ahead: a few items, never more; errors arrive where the item is asked for; nothing is left running."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from stashwork.library.prefetch import meanwhile, prefetch


class Source:
    """Numbers, with a note of how many were fetched and whether the fetching was ended."""

    def __init__(self, count: int, fails_at: int = -1) -> None:
        self.fetched = 0
        self.closed = False
        self._count, self._fails_at = count, fails_at

    async def items(self) -> AsyncGenerator[int, None]:
        try:
            for number in range(self._count):
                await asyncio.sleep(0)
                if number == self._fails_at:
                    raise ZeroDivisionError
                self.fetched += 1
                yield number
        finally:
            self.closed = True


async def itself(number: int) -> int:
    return number


async def settle() -> None:
    """Let the fetching task go on as far as it can."""
    for _ in range(10):
        await asyncio.sleep(0)


@pytest.mark.parametrize("count", [0, 1, 2, 10])
async def test_all_items_come_in_order(count: int) -> None:
    async with prefetch(Source(count).items(), itself, count=2) as read:
        assert [number async for number in read] == list(range(count))


async def test_one_item_is_fetched_while_the_one_before_is_used_and_never_two() -> None:
    source, seen = Source(5), []
    async with prefetch(source.items(), itself, count=1) as read:
        async for number in read:
            await settle()
            seen.append((number, source.fetched))
    assert seen == [(0, 2), (1, 3), (2, 4), (3, 5), (4, 5)]


async def test_two_are_fetched_at_once_and_a_slow_one_keeps_its_place() -> None:
    may_end, begun, seen = [asyncio.Event() for _ in range(4)], [], []

    async def fetch(number: int) -> int:
        begun.append(number)
        await may_end[number].wait()
        return number

    async with prefetch(Source(4).items(), fetch, count=2) as read:
        await settle()
        assert begun == [0, 1]
        may_end[1].set()
        await settle()
        assert begun == [0, 1], "the second is done, but it is not its turn"
        for event in may_end:
            event.set()
        async for number in read:
            await settle()
            seen.append((number, begun[-1]))
    assert seen == [(0, 2), (1, 3), (2, 3), (3, 3)]


async def test_what_fetching_raises_comes_in_its_turn_and_ends_the_others() -> None:
    async def fetch(number: int) -> float:
        if number == 2:
            await asyncio.Event().wait()
        return 1 / (1 - number)

    before = asyncio.all_tasks()
    async with prefetch(Source(5).items(), fetch, count=2) as read:
        assert await anext(read) == 1
        with pytest.raises(ZeroDivisionError):
            await anext(read)
    assert asyncio.all_tasks() == before


async def test_an_error_comes_after_the_items_before_it() -> None:
    source = Source(5, fails_at=2)
    async with prefetch(source.items(), itself, count=1) as read:
        assert [await anext(read), await anext(read)] == [0, 1]
        with pytest.raises(ZeroDivisionError):
            await anext(read)
    assert source.closed


@pytest.mark.parametrize("fails_at", [-1, 1])
async def test_leaving_early_ends_the_fetching(fails_at: int) -> None:
    source, before = Source(5, fails_at), asyncio.all_tasks()
    async with prefetch(source.items(), itself, count=1) as read:
        assert await anext(read) == 0
        await settle()
    assert source.closed
    assert asyncio.all_tasks() == before


async def test_a_cancel_ends_the_fetching_too() -> None:
    source, started = Source(5), asyncio.Event()

    async def use() -> None:
        async with prefetch(source.items(), itself, count=1) as read:
            async for _ in read:
                started.set()
                await asyncio.Event().wait()

    using = asyncio.create_task(use())
    await started.wait()
    using.cancel()
    with pytest.raises(asyncio.CancelledError):
        await using
    assert source.closed


async def test_work_goes_on_meanwhile_and_what_it_raises_comes_where_it_is_awaited() -> None:
    async with meanwhile(itself(7)) as work:
        await settle()
        assert await work == 7

    async def fail() -> None:
        raise ZeroDivisionError

    async with meanwhile(fail()) as failing:
        await settle()
        with pytest.raises(ZeroDivisionError):
            await failing


async def test_work_that_nobody_awaits_ends_with_the_block() -> None:
    before = asyncio.all_tasks()
    with pytest.raises(KeyError):
        async with meanwhile(asyncio.Event().wait()):
            raise KeyError
    assert asyncio.all_tasks() == before
