"""The free space on the disk of a database."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from ...errors import StorageError, StorageFull

_SPARE = 64 * 1024 * 1024  # bytes of free space below which no new job is taken
_LOOK_EVERY = 0.1  # seconds


class Space:
    """Room is kept for what runs: its end has to be written, and a full disk takes not even a deletion."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder = str(path.parent)
        self._free = 0
        self._looked_at = 0.0

    def trouble(self) -> StorageError | None:
        """Why no new job should be taken. Enough room is not looked at again for a tenth of a second."""
        now = time.monotonic()
        if self._free >= _SPARE and now - self._looked_at < _LOOK_EVERY:
            return None
        try:
            self._free, self._looked_at = shutil.disk_usage(self._folder).free, now
        except OSError as error:
            return StorageError(f"The folder of the job database {self._path} cannot be read: {error}.")
        if self._free >= _SPARE:
            return None
        return StorageFull(
            f"Only {self._free >> 20} MiB are free on the disk of the job database {self._path}, and "
            f"{_SPARE >> 20} MiB are kept for the jobs that run. Make room; nothing needs to be restarted."
        )
