"""The local copy of a Stash library; knows nothing of jobs."""

from .browse import SceneDetail, SceneLine, ScenePage, find_scene, find_scenes
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
    "SceneDetail",
    "SceneLine",
    "ScenePage",
    "SyncResult",
    "SyncService",
    "close_interrupted_runs",
    "find_scene",
    "find_scenes",
    "library_counts",
]
