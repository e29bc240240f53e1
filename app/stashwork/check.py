"""Checks a finished sync against the server: the numbers here and there have to be the same."""

from .database import open_database
from .jobs.services import Services
from .library import library_counts
from .settings import Settings
from .settings_store import SettingsStore


async def check_numbers(settings: Settings) -> list[str]:
    """A sentence for each number that differs. Raises StashError if the server cannot be asked."""
    async with open_database(settings.stashwork_data) as engine:
        here = await library_counts(engine)
        async with Services(SettingsStore(settings), engine).stash_client() as client:
            there = await client.counts()
    kinds = ("performers", "tags", "studios", "scenes")
    pairs = {kind: (getattr(here, kind), getattr(there, kind)) for kind in kinds}
    return [
        f"{ours:,} {kind} here, but {theirs:,} on the server."
        for kind, (ours, theirs) in pairs.items()
        if ours != theirs
    ]
