"""One apply or undo at a time for one database, in all processes together."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncEngine

_NAP = 0.1  # seconds between two looks


@asynccontextmanager
async def only_writer(engine: AsyncEngine) -> AsyncIterator[None]:
    """Wait for the turn, and keep others waiting. The kernel lets go of the lock when the process ends, however."""
    path = f"{engine.url.database}.apply.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not _try_lock(descriptor):  # noqa: ASYNC110 (another process tells nobody)
            await asyncio.sleep(_NAP)
        yield
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    # Not lockf: that would let two tasks of one process have the lock at the same time.
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
