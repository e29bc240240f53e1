"""A mailbox keeps the newest item of each key, for a reader that takes its time.

So its size is bounded by the number of jobs that somebody can look at, not by how slowly they look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """The newest item per key, for one reader that takes its time.

    At most ``slots`` keys and ``size`` bytes; what would not fit empties the box and sets ``overflowed``, which tells
    the reader that it missed something and has to look at the whole again.
    """

    def __init__(self, slots: int = 256, size: int = 64 * 1024) -> None:
        self.overflowed = False
        self._slots = slots
        self._size = size
        self._items: dict[str, tuple[T, int]] = {}
        self._used = 0
        self._filled = asyncio.Event()

    def put(self, key: str, item: T, size: int = 0) -> None:
        """Lay ``item`` (of ``size`` bytes) in; it takes the place, and the turn, of an older one with this key."""
        replaced = self._items.get(key)
        self._used += size - (replaced[1] if replaced else 0)
        others = len(self._items) - bool(replaced)
        if others and (others + 1 > self._slots or self._used > self._size):
            self._items.clear()
            self._used = size
            self.overflowed = True
        self._items[key] = (item, size)
        self._filled.set()

    async def get(self) -> T:
        """The oldest item; waits for one."""
        while not self._items:
            self._filled.clear()
            await self._filled.wait()
        key = next(iter(self._items))
        item, size = self._items.pop(key)
        self._used -= size
        return item

    def discard(self, key: str) -> None:
        """Take the item of ``key`` out, if there is one."""
        if (item := self._items.pop(key, None)) is not None:
            self._used -= item[1]

    def drop(self, unwanted: Callable[[T], bool]) -> None:
        """Take out all items that are ``unwanted``."""
        for key in [key for key, (item, _) in self._items.items() if unwanted(item)]:
            self.discard(key)

    def __len__(self) -> int:
        return len(self._items)
