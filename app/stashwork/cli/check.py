"""Checks a finished sync against the server: the numbers here and there have to be the same."""

from stashwork.connection import stash_client
from stashwork.database import open_database
from stashwork.library import library_counts
from stashwork.library.mirror import slices
from stashwork.library.results import KINDS
from stashwork.settings import Settings
from stashwork.settings_store import SettingsStore
from stashwork.stash import Scene

_PART = 500  # scenes of one request


async def check_numbers(settings: Settings) -> list[str]:
    """A sentence for each number that differs. Raises StashError if the server cannot be asked."""
    async with open_database(settings.databases) as engine, stash_client(SettingsStore(settings).current) as client:
        here, there = await library_counts(engine), await client.counts()
    pairs = {kind: (getattr(here, kind), getattr(there, kind)) for kind in KINDS}
    return [
        f"{ours:,} {kind} here, but {theirs:,} on the server."
        for kind, (ours, theirs) in pairs.items()
        if ours != theirs
    ]


async def server_scenes(settings: Settings) -> list[Scene]:
    """All scenes as the server has them now. Raises StashError."""
    async with stash_client(SettingsStore(settings).current) as client:
        ids = [entry.id async for page in client.scene_index() for entry in page.items]
        return [scene for part in slices(ids, _PART) for scene in (await client.scenes_by_id(part)).items]
