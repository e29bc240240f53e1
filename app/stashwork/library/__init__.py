"""The local copy of a Stash library; knows nothing of jobs."""

from .fuse import DeletionFuse
from .history import close_interrupted_runs, moment
from .read import LastSync, LibraryCounts, library_counts
from .results import Failure, KindCounts, SyncResult
from .run import ProgressCallback, no_progress
from .store import store_entity, store_scenes
from .sync import SyncService

__all__ = [
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
    "moment",
    "no_progress",
    "store_entity",
    "store_scenes",
]
