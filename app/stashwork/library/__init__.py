"""The local copy of a Stash library; knows nothing of jobs."""

from .browse import Named, SceneDetail, SceneLine, ScenePage, find_names, find_scene, find_scenes, scene_lines
from .counts import LastSync, LibraryCounts, library_counts
from .deletion_limit import NO_LIMIT, DeletionLimit
from .history import close_interrupted_runs, moment
from .identity import OtherLibrary, WhichLibrary, ensure_same_library
from .results import Failure, KindCounts, SyncResult
from .run import Checkpoints, ProgressCallback, TooManyGone, no_progress
from .scene_identity import SceneIdentity, is_same_moment
from .store import store_entity, store_scenes
from .sync import SyncService

__all__ = [
    "NO_LIMIT",
    "Checkpoints",
    "DeletionLimit",
    "Failure",
    "KindCounts",
    "LastSync",
    "LibraryCounts",
    "Named",
    "OtherLibrary",
    "ProgressCallback",
    "SceneDetail",
    "SceneIdentity",
    "SceneLine",
    "ScenePage",
    "SyncResult",
    "SyncService",
    "TooManyGone",
    "WhichLibrary",
    "close_interrupted_runs",
    "ensure_same_library",
    "find_names",
    "find_scene",
    "find_scenes",
    "is_same_moment",
    "library_counts",
    "moment",
    "no_progress",
    "scene_lines",
    "store_entity",
    "store_scenes",
]
