"""Keeps the checkpoints of one running attempt, for handlers on the event loop and for those in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ..errors import Stopped
from .portal import Portal


class Checkpoints:
    """Where ``ctx.checkpoint`` goes to: ``write`` (on the event loop) stores, and answers whether it could."""

    def __init__(self, portal: Portal, write: Callable[[str], asyncio.Future[bool]]) -> None:
        self._portal = portal
        self._write: Callable[[str], asyncio.Future[bool]] | None = write

    def keep(self, checkpoint: str) -> Awaitable[None]:
        """On the event loop something to await; in any other thread it is kept when this returns."""
        return self._portal.carry_out(self.store(checkpoint))

    async def store(self, checkpoint: str) -> None:
        """Return when ``checkpoint`` (JSON) is on disk; raises `Stopped` if this attempt has lost its job."""
        if self._write is None:
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
        self._write = None
