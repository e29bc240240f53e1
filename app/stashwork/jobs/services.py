"""What job handlers work with: the application provides it when it starts, and handlers ask for it here."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from stashwork.library import DeletionFuse, SyncService
from stashwork.settings import Settings
from stashwork.settings_store import SettingsStore
from stashwork.stash import RetryPolicy, StashClient, StashUnreachable

TIMEOUT = 60.0  # seconds for each wait on the network: a small machine with a large library is slow
PATIENCE = RetryPolicy(attempts=12)  # about a minute: Stash may be restarted in the middle of a sync


@dataclass(frozen=True, slots=True)
class Services:
    """The settings and the database of the running application."""

    store: SettingsStore
    engine: AsyncEngine

    @property
    def settings(self) -> Settings:
        """The settings as they are now."""
        return self.store.current

    def stash_client(self) -> StashClient:
        """A client of the Stash server that the settings name. Raises StashUnreachable if they name none."""
        if self.settings.stash_url is None:
            raise StashUnreachable(
                "No Stash server is set. Set STASH_URL, and STASH_API_KEY if it wants a key, or use the settings page."
            )
        key = self.settings.stash_api_key
        secret = key.get_secret_value() if key else None
        return StashClient(self.settings.stash_url, secret, timeout=TIMEOUT, patience=PATIENCE)


_provided: list[Services] = []


@contextmanager
def provide(services: Services) -> Iterator[None]:
    """Make `services` the ones that handlers find, until the block ends."""
    _provided.append(services)
    try:
        yield
    finally:
        _provided.remove(services)


@asynccontextmanager
async def get_sync_service(fuse: DeletionFuse | None = None) -> AsyncIterator[SyncService]:
    """A sync service that is connected to the Stash server; `fuse` replaces that of the settings. Raises StashError."""
    services = _provided[-1]
    async with services.stash_client() as client:
        limit = DeletionFuse(services.settings.deletion_limit)
        yield SyncService(services.engine, client, fuse=fuse or limit)
