"""What the steps of one sync share: whom to ask, where to write, what to tell."""

from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from stashwork.stash import Batch, StashClient, StashError

from .deletion_limit import DeletionLimit
from .mirror import Mirror, Written
from .results import SyncResult

START_ANEW = (
    "if it is a new library, start anew: the local copy is made again, and old plans are closed "
    "(stashwork sync --new-library)."
)


class TooManyGone(StashError):
    """The server lacks more than the deletion limit lets a sync remove."""

    code = "too_many_gone"


class ProgressCallback(Protocol):
    """Hears that `processed` more items are done, of `total` if that is given.

    It may raise to stop the sync: all that is written by then stays, and is right.
    """

    def __call__(
        self, processed: int = 1, message: str | None = None, *, total: int | None = None
    ) -> Awaitable[None]: ...


async def no_progress(processed: int = 1, message: str | None = None, *, total: int | None = None) -> None:
    """Tell nobody."""


class Checkpoints(Protocol):
    """Where a run keeps how far it is, and finds that after a crash: a job's context is one."""

    @property
    def restored(self) -> Any:
        """What was kept last, or None."""

    def checkpoint(self, value: Any) -> Awaitable[None]:
        """Keep a JSON value."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the sync. `resumed` after a crash: what it has counted and told before, it does not tell again."""

    reader: AsyncEngine
    writer: AsyncEngine
    client: StashClient
    deletion_limit: DeletionLimit
    progress: ProgressCallback
    result: SyncResult
    resumed: bool = False

    def count(self, kind: str, written: Written) -> None:
        """Add what was written to the result."""
        counts = self.result.counts(kind)
        counts.created += written.created
        counts.updated += written.updated
        counts.unchanged += written.unchanged

    def count_all(self, kind: str, written: Written, total: int) -> None:
        """Add what was written of a kind that is written whole: what was made before a crash is not unchanged."""
        counts = self.result.counts(kind)
        counts.created += written.created
        counts.updated += written.updated
        counts.unchanged = max(0, total - counts.created - counts.updated)

    def count_rejected(self, kind: str, batch: Batch[Any]) -> None:
        """Add the unreadable items of an answer to the failures."""
        for rejected in batch.rejected:
            self.result.fail(kind, rejected.id, rejected.reason)

    async def confirm_gone(
        self, kind: str, gone: set[int], whole: bool, ask_again: AsyncIterator[Batch[Any]]
    ) -> set[int]:
        """Which of the ids a second answer lacks too; none if one of the answers was not whole."""
        if not gone:
            return gone
        async for batch in ask_again:
            gone = gone - ids_of(batch)
            whole = whole and is_whole(batch)
        if whole:
            return gone
        self.result.warnings.append(f"The server's list of {kind} was not whole, so none were removed.")
        return set()

    async def remove(self, connection: AsyncConnection, kind: str, mirror: Mirror, gone: set[int], known: int) -> None:
        """Remove what is gone. Raises TooManyGone if that is suspiciously much of what is known."""
        if self.deletion_limit.is_exceeded(gone=len(gone), known=known):
            raise TooManyGone(
                f"{len(gone):,} of {known:,} {kind} are no longer on Stash at {self.client.url}. That is more than the "
                "deletion limit, so none were removed, and the sync was stopped. If they are meant to be gone, allow "
                f"that (stashwork sync --allow-removals); {START_ANEW}"
            )
        await mirror.remove(connection, gone)
        self.result.counts(kind).removed = len(gone)


def ids_of(batch: Batch[Any]) -> set[int]:
    """The ids in an answer, also of what could not be read."""
    rejected = {item.id for item in batch.rejected if item.id is not None}
    return rejected | {item.id for item in batch.items}


def is_whole(batch: Batch[Any]) -> bool:
    """Whether the answer holds all that it owes: the base for any removal."""
    return batch.is_complete and all(item.id is not None for item in batch.rejected)
