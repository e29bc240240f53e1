"""The local copy of a Stash library; knows nothing of jobs."""

from .fuse import OPEN_FUSE, DeletionFuse
from .history import close_interrupted_runs
from .read import LastSync, LibraryCounts, library_counts
from .results import Failure, KindCounts, SyncResult
from .run import Checkpoints, ProgressCallback
from .sync import SyncService

__all__ = [
    "OPEN_FUSE",
    "Checkpoints",
    "DeletionFuse",
    "Failure",
    "KindCounts",
    "LastSync",
    "LibraryCounts",
    "ProgressCallback",
    "SyncResult",
    "SyncService",
    "close_interrupted_runs",
    "library_counts",
]
