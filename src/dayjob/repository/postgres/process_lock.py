"""The advisory lock of a process: the others see at once that its session is gone, and its beats tell the rest.

It is shared, for two processes may get the same number by their ids: then the death of one shows by its beats only.
"""

from __future__ import annotations

import zlib

from ..database import ProcessLock
from .listener import Listener


class AdvisoryLock(ProcessLock):
    """The lock of the process ``worker``, held by the session of ``listener``."""

    def __init__(self, listener: Listener, worker: str) -> None:
        self._listener = listener
        self._number = number_of(worker)

    def acquire(self) -> None:
        """As soon as there is a session: a process that nobody sees is found by its beats."""
        self._listener.hold(self._number)

    def renew(self) -> None:
        """The listener does it."""
        self._listener.hold(self._number)

    def release(self, *, remove: bool = True) -> None:
        """There is nothing to remove."""
        self._listener.drop(self._number)


def number_of(text: str) -> int:
    """A number of 31 bits."""
    return zlib.crc32(text.encode()) & 0x7FFFFFFF
