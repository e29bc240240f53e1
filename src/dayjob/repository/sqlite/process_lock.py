"""A file that a living process holds locked: others see its death at once, and no clock is involved.

The lock is POSIX's (``lockf``): the kernel drops it when the process ends, however it ends, and a child process does
not inherit it. A stopped process keeps it, as it should: it may wake up. Such a lock is lost as soon as the process
closes *any* descriptor of the file, so nothing else in the holder may open it; `_held` sees to that.
"""

from __future__ import annotations

import os
from pathlib import Path

from ...errors import StorageError
from ..database import ProcessLock

try:
    import fcntl

    _CAN_LOCK = True
except ImportError:  # Windows has no lockf; there the counter of beats has to do
    _CAN_LOCK = False

_held: set[Path] = set()


class FileLock(ProcessLock):
    """The locked file ``folder/name`` of this process."""

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder.resolve() / name
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Make the file and lock it. Raises StorageError where this user may not write."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise StorageError(
                f"Cannot write to {self._path.parent} ({error.strerror}). Every process of the queue announces itself "
                "there: allow it to all users that may write the database."
            ) from error
        _held.add(self._path)
        if _CAN_LOCK:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX)

    def renew(self) -> None:
        """Make the file again if it is gone. Raises StorageError like `acquire`."""
        if not self._path.exists():
            self.release()
            self.acquire()

    def release(self, *, remove: bool = True) -> None:
        """Let the lock go; ``remove`` the file unless others still have this process listed and have to see it end."""
        if self._descriptor is None:
            return
        if remove:
            self._path.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = None
        _held.discard(self._path)


def is_dead(folder: Path, name: str) -> bool:
    """Whether the process that locked ``name`` in ``folder``, which is resolved, ended and left its file there.

    A file that is missing (there are cleaners of folders) or is another user's says nothing: the beats have to.
    """
    path = folder / name
    if not _CAN_LOCK or path in _held:
        return False
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError):
        return False
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)
