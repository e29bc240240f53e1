"""A file that a living process holds locked: others see its death at once, and no clock is involved.

The lock is POSIX's (``lockf``): the kernel drops it when the process ends, however it ends, and a child process does
not inherit it. A stopped process keeps it, as it should: it may wake up. Such a lock is lost as soon as the process
closes *any* descriptor of the file, so nothing else in the holder may open it; `_held` sees to that.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

try:
    import fcntl

    _CAN_LOCK = True
except ImportError:  # Windows has no lockf; there the counter of beats has to do
    _CAN_LOCK = False

_held: set[Path] = set()


class Presence:
    """The locked file ``folder/name`` of this process."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder.resolve() / name
        self._descriptor: int | None = None

    def announce(self) -> None:
        """Make the file and lock it."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        _held.add(self._path)
        if _CAN_LOCK:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX)

    def leave(self) -> None:
        """Remove the file and let the lock go."""
        if self._descriptor is None:
            return
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = None
        _held.discard(self._path)


def is_gone(folder: Path, name: str) -> bool:
    """Whether the process that announced ``name`` in ``folder``, which is resolved, ended. Its file is removed then."""
    path = folder / name
    if not _CAN_LOCK or path in _held:
        return False
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        return True
    finally:
        os.close(descriptor)
