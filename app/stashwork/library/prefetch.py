"""Asks the server for what comes next while what came before is being stored."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


@asynccontextmanager
async def prefetch(
    items: AsyncGenerator[T, None], fetch: Callable[[T], Awaitable[R]], *, count: int
) -> AsyncIterator[AsyncIterator[R]]:
    """Iterate over what `fetch` gets for each of `items`, in their order, with `count` fetched ahead at once.

    Never more than `count`, so memory stays bounded; `items` themselves are read one after the other. What fetching
    raises is raised where its result is asked for. When the block ends, so does the fetching.

    >>> async with prefetch(pages(), client.scenes_on, count=2) as read:
    ...     async for scenes in read:
    ...         await store(scenes)
    """
    reading = _Prefetch(items, fetch, count)
    try:
        yield reading
    finally:
        await reading.stop()
        await items.aclose()


class _Prefetch(AsyncIterator[R], Generic[T, R]):
    """Holds the tasks that fetch the next results, in the order of the items."""

    def __init__(self, items: AsyncGenerator[T, None], fetch: Callable[[T], Awaitable[R]], count: int) -> None:
        self._items = items
        self._fetch = fetch
        self._turn = asyncio.Lock()  # given in the order of asking
        self._begun = deque(asyncio.create_task(self._next()) for _ in range(count))

    async def __anext__(self) -> R:
        result = await self._begun.popleft()
        self._begun.append(asyncio.create_task(self._next()))
        return result

    async def stop(self) -> None:
        """End the fetching; errors that are left are of results that nobody asked for."""
        for task in self._begun:
            task.cancel()
        await asyncio.gather(*self._begun, return_exceptions=True)

    async def _next(self) -> R:
        async with self._turn:
            item = await anext(self._items)
        return await self._fetch(item)


@asynccontextmanager
async def meanwhile(work: Coroutine[Any, Any, R]) -> AsyncIterator[Awaitable[R]]:
    """Work on something while the block runs, which awaits it before it ends; if it does not, the work is cancelled.

    >>> async with meanwhile(undated.begin()) as begun:
    ...     await sync_entities(run, PERFORMERS)
    ...     await begun
    """
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def as_it_is(item: T) -> T:
    """The `fetch` of items that are fetched by reading them."""
    return item
