"""A Stash media server over GraphQL; imports nothing of the rest of stashwork."""

from .client import SAME_SECOND, StashClient
from .errors import (
    StashAnswerTooLarge,
    StashError,
    StashRefusedQuery,
    StashServerError,
    StashUnauthorized,
    StashUnreachable,
)
from .models import (
    Batch,
    Counts,
    FileDates,
    FileFigures,
    FilePart,
    IndexEntry,
    LinkFigures,
    Links,
    Parts,
    Performer,
    Rejected,
    Scene,
    SceneFile,
    Studio,
    Tag,
    Version,
)
from .transport import Answer, RetryPolicy

__all__ = [
    "SAME_SECOND",
    "Answer",
    "Batch",
    "Counts",
    "FileDates",
    "FileFigures",
    "FilePart",
    "IndexEntry",
    "LinkFigures",
    "Links",
    "Parts",
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
