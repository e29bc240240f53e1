"""A Stash media server over GraphQL; imports nothing of the rest of stashwork."""

from .client import StashClient
from .errors import (
    StashAnswerTooLarge,
    StashError,
    StashRefusedQuery,
    StashServerError,
    StashUnauthorized,
    StashUnreachable,
)
from .models import Batch, Counts, IndexEntry, Performer, Rejected, Scene, SceneFile, Studio, Tag, Version
from .transport import Answer, RetryPolicy

__all__ = [
    "Answer",
    "Batch",
    "Counts",
    "IndexEntry",
    "Performer",
    "Rejected",
    "RetryPolicy",
    "Scene",
    "SceneFile",
    "StashAnswerTooLarge",
    "StashClient",
    "StashError",
    "StashRefusedQuery",
    "StashServerError",
    "StashUnauthorized",
    "StashUnreachable",
    "Studio",
    "Tag",
    "Version",
]
