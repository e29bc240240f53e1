"""What the steps of one sync share: whom to ask, where to write, what to tell."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from stashwork.stash import Batch, StashClient

from .fuse import DeletionFuse
from .history import moment
from .mirror import Mirror, Written
from .results import SyncResult


class ProgressCallback(Protocol):
    """Hears that `processed` more items are done, of `total` if that is given.

    It may raise to stop the sync: all that is written by then stays, and is right.
    """

    def __call__(
        self, processed: int = 1, message: str | None = None, *, total: int | None = None
    ) -> Awaitable[None]: ...


async def no_progress(processed: int = 1, message: str | None = None, *, total: int | None = None) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the sync."""

    reader: AsyncEngine
    writer: AsyncEngine
    client: StashClient
    fuse: DeletionFuse
    progress: ProgressCallback
    result: SyncResult

    def count(self, kind: str, written: Written) -> None:
        """Add what was written to the result."""
        counts = self.result.counts(kind)
        counts.created += written.created
        counts.updated += written.updated
        counts.unchanged += written.unchanged

    def count_rejected(self, kind: str, batch: Batch[Any]) -> None:
        """Add the unreadable items of an answer to the failures."""
        for rejected in batch.rejected:
            self.result.fail(kind, rejected.id, rejected.reason)

    async def confirmed_gone(
        self,
        kind: str,
        before: Collection[int],
        batch: Batch[Any],
        ask_again: Callable[[], Awaitable[Batch[Any]]],
    ) -> set[int]:
        """Which ids from before the run two answers of the server lack; none if an answer is not whole."""
        gone = set(before) - _ids(batch)
        if not gone:
            return gone
        again = await ask_again()
        if not (_is_whole(batch) and _is_whole(again)):
            self.result.warnings.append(f"The server's list of {kind} was not whole, so none were removed.")
            return set()
        return gone - _ids(again)

    async def remove(self, connection: AsyncConnection, kind: str, mirror: Mirror, gone: set[int], known: int) -> None:
        """Remove what is gone; if that is suspiciously much of what is known, only mark it as missing."""
        if self.fuse.holds(gone=len(gone), known=known):
            await mirror.mark_missing(connection, gone, moment())
            self.result.counts(kind).missing = len(gone)
            self.result.warnings.append(
                f"{len(gone):,} of {known:,} {kind} are no longer on the server. "
                "That is more than the deletion limit, so they were kept and marked as missing."
            )
            return
        await mirror.remove(connection, gone)
        self.result.counts(kind).removed = len(gone)


def _ids(batch: Batch[Any]) -> set[int]:
    rejected = {item.id for item in batch.rejected if item.id is not None}
    return rejected | {item.id for item in batch.items}


def _is_whole(batch: Batch[Any]) -> bool:
    return batch.is_complete and all(item.id is not None for item in batch.rejected)
