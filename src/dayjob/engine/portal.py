"""How the code of one running attempt has something done on the event loop, from there and from any thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from ..context import Done
from ..errors import Stopped

T = TypeVar("T")


class Portal:
    """``home`` is the thread of ``loop``. ``check`` is called in any other one when a call is done, and may raise."""

    def __init__(self, loop: asyncio.AbstractEventLoop, check: Callable[[], None], home: int) -> None:
        self._loop = loop
        self._check = check
        self._home = home

    def close(self) -> None:
        """The attempt ended: nothing has to be looked at any more."""
        self._check = _nothing  # which would keep the whole attempt, in a circle

    def carry_out(self, doing: Coroutine[Any, Any, T]) -> Awaitable[T]:
        """On the event loop ``doing`` itself, to be awaited; in any other thread it is over when this returns."""
        if threading.get_ident() == self._home:
            return doing
        try:
            done = asyncio.run_coroutine_threadsafe(doing, self._loop)
        except RuntimeError:  # the app has ended, and this thread was left behind
            doing.close()
            raise Stopped("shutdown") from None
        value = done.result()
        self._check()
        return Done(value)


def _nothing() -> None:
    """The code of an attempt that was written off is not stopped here; what it asks for is refused."""
