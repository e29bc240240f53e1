"""Keeps the checkpoints of one running attempt, for handlers on the event loop and for those in threads."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

from .context import Kept
from .errors import Stopped


class Checkpoints:
    """Where ``ctx.checkpoint`` goes to: ``write`` (on the event loop) stores, and answers whether it could.

    ``check`` is called in a plain function's thread after a checkpoint, and may raise.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        write: Callable[[str], asyncio.Future[bool]],
        check: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._write = write
        self._check = check
        self._home = threading.get_ident()
        self._closed = False

    def keep(self, checkpoint: str) -> Awaitable[None]:
        """On the event loop something to await; in any other thread it is kept when this returns."""
        if threading.get_ident() == self._home:
            return self.store(checkpoint)
        storing = self.store(checkpoint)
        try:
            stored = asyncio.run_coroutine_threadsafe(storing, self._loop)
        except RuntimeError:  # the app has ended, and this thread was left behind
            storing.close()
            raise Stopped("shutdown") from None
        stored.result()
        self._check()
        return Kept()

    async def store(self, checkpoint: str) -> None:
        """Return when ``checkpoint`` (JSON) is on disk; raises `Stopped` if this attempt has lost its job."""
        if self._closed:
            raise Stopped("lease_lost")
        written = self._write(checkpoint)
        try:
            kept = await written
        except asyncio.CancelledError:
            if not written.done() or written.cancelled() or written.exception() or written.result():
                raise
            kept = False  # cancelled because this very write found the job lost: the handler is told why
        if not kept:
            raise Stopped("lease_lost")

    def close(self) -> None:
        """The attempt ended: what is left of its handler keeps nothing any more."""
        self._closed = True
