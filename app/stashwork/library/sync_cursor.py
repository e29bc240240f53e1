"""How far a sync has come, kept now and then, so that after a crash the next attempt goes on there."""

from dataclasses import asdict, replace
from time import monotonic

from .results import SyncResult
from .run import Checkpoints

_EVERY = 1.0  # seconds between two checkpoints: each waits for the disk
_FAILURES = 20  # that are kept: a checkpoint is small


class SyncCursor:
    """All scenes up to the id `after` are done; `scenes` of them were told as progress, and `result` is the count.

    >>> cursor = SyncCursor.restore(ctx, SyncResult("job-1", force=True))
    >>> cursor.after
    0
    """

    def __init__(self, checkpoints: Checkpoints | None, result: SyncResult, after: int = 0, scenes: int = 0) -> None:
        self.result = result
        self.after = after
        self.scenes = scenes
        self._checkpoints = checkpoints
        self._kept_at = monotonic()

    @classmethod
    def restore(cls, checkpoints: Checkpoints | None, new: SyncResult) -> "SyncCursor":
        """Where an earlier attempt came to; else the beginning, with the `new` result."""
        kept = checkpoints.restored if checkpoints else None
        if kept is None:
            return cls(checkpoints, new)
        return cls(checkpoints, SyncResult.from_dict(kept["result"]), kept["after"], kept["scenes"])

    @property
    def is_resumed(self) -> bool:
        """Whether an earlier attempt got to the scenes."""
        return self.after > 0

    async def advance(self, scene_id: int, scenes: int, result: SyncResult) -> None:
        """Note that all scenes up to this one are done; a checkpoint is made if the last one is a while ago."""
        self.after, self.scenes = max(self.after, scene_id), scenes
        if self._checkpoints is None or monotonic() - self._kept_at < _EVERY:
            return
        kept = asdict(replace(result, failures=result.failures[:_FAILURES]))
        await self._checkpoints.checkpoint({"after": self.after, "scenes": scenes, "result": kept})
        self._kept_at = monotonic()
