"""Single items that come in the same turn of the event loop, written together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

A = TypeVar("A")
T = TypeVar("T")
_MOST = 512  # items handed on at once


class Batcher(Generic[A, T]):
    """Hands what was added during one turn of the event loop to ``write``; what that answers for each goes back.

    So a thousand concurrent callers cost one operation, and a single one waits for nobody.
    """

    def __init__(self, write: Callable[[Sequence[A]], asyncio.Future[list[T | BaseException]]]) -> None:
        self._write = write
        self._items: list[A] = []
        self._futures: list[asyncio.Future[T]] = []

    def add(self, item: A) -> asyncio.Future[T]:
        """A future of what becomes of ``item``."""
        loop = asyncio.get_running_loop()
        if not self._items:
            loop.call_soon(self.flush)
        future: asyncio.Future[T] = loop.create_future()
        self._items.append(item)
        self._futures.append(future)
        if len(self._items) == _MOST:
            self.flush()
        return future

    def flush(self) -> None:
        """Hand on what there is."""
        items, futures, self._items, self._futures = self._items, self._futures, [], []
        if items:
            self._write(items).add_done_callback(lambda written: _spread(written, futures))


def _spread(written: asyncio.Future[list[T | BaseException]], futures: list[asyncio.Future[T]]) -> None:
    failure = asyncio.CancelledError() if written.cancelled() else written.exception()
    results = [failure] * len(futures) if failure is not None else written.result()
    for future, result in zip(futures, results, strict=True):
        if future.done():  # who waited has gone away; the item is written all the same
            continue
        if isinstance(result, BaseException):
            future.set_exception(result)
        else:
            future.set_result(result)
