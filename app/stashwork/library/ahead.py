"""Reads ahead: the next item is fetched while the one before it is being stored."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

T = TypeVar("T")


@asynccontextmanager
async def ahead(items: AsyncGenerator[T, None]) -> AsyncIterator[AsyncIterator[T]]:
    """Iterate over `items` with one of them fetched ahead; never more, so memory stays bounded.

    What fetching raises is raised where the item is asked for. When the block ends, so does the fetching.

    >>> async with ahead(pages()) as read:
    ...     async for page in read:
    ...         await store(page)
    """
    reading = _Ahead(items)
    try:
        yield reading
    finally:
        await reading.stop()
        await items.aclose()


class _Ahead(AsyncIterator[T]):
    """Holds the task that fetches the next item."""

    def __init__(self, items: AsyncGenerator[T, None]) -> None:
        self._items = items
        self._next: asyncio.Task[T] = asyncio.create_task(self._fetch())

    async def __anext__(self) -> T:
        item = await self._next
        self._next = asyncio.create_task(self._fetch())
        return item

    async def stop(self) -> None:
        """End the fetching; its error, if it has one, is of an item that nobody asked for."""
        self._next.cancel()
        await asyncio.wait([self._next])
        if not self._next.cancelled():
            self._next.exception()

    async def _fetch(self) -> T:
        return await anext(self._items)
