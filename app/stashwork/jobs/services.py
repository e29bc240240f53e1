"""What job handlers work with: the application provides it when it starts, and handlers ask for it here."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from stashwork.connection import stash_client
from stashwork.library import DeletionLimit, SyncService
from stashwork.plans import AiClient, AiSettings, AnalysisOptions, AnalysisService, ApplyService, ReviewService
from stashwork.settings import Settings
from stashwork.settings_store import SettingsStore


@dataclass(frozen=True, slots=True)
class Services:
    """The settings and the database of the running application."""

    store: SettingsStore
    engine: AsyncEngine

    @property
    def settings(self) -> Settings:
        """The settings as they are now."""
        return self.store.current

    def ai_settings(self) -> AiSettings | None:
        """The language model that the settings name, or None."""
        settings = self.settings
        if settings.ai_url is None or settings.ai_model is None:
            return None
        key = settings.ai_api_key.get_secret_value() if settings.ai_api_key else None
        return AiSettings(settings.ai_url, settings.ai_model, key, settings.ai_input_price, settings.ai_output_price)


_provided: list[Services] = []


@contextmanager
def provide(services: Services) -> Iterator[None]:
    """Make `services` the ones that handlers find, until the block ends."""
    _provided.append(services)
    try:
        yield
    finally:
        _provided.remove(services)


def _current() -> Services:
    if not _provided:
        raise RuntimeError("No application runs in this process: jobs of stashwork run between its start and its end.")
    return _provided[-1]


@asynccontextmanager
async def get_sync_service(deletion_limit: DeletionLimit | None = None) -> AsyncIterator[SyncService]:
    """A sync service for the Stash server; `deletion_limit` replaces that of the settings. Raises StashError.

    It connects when it syncs, so that a server that cannot be reached is in the history of the syncs, too.
    """
    services = _current()
    client = stash_client(services.settings)
    try:
        default = DeletionLimit(services.settings.deletion_limit)
        yield SyncService(services.engine, client, deletion_limit=deletion_limit or default)
    finally:
        await client.aclose()


@asynccontextmanager
async def get_analysis_service(options: AnalysisOptions) -> AsyncIterator[AnalysisService]:
    """An analysis service; with the language model of the settings if the options want one."""
    services = _current()
    async with AsyncExitStack() as stack:
        settings = services.ai_settings() if options.use_ai else None
        ai = await stack.enter_async_context(AiClient(settings)) if settings else None
        yield AnalysisService(services.engine, ai)


@asynccontextmanager
async def get_apply_service() -> AsyncIterator[ApplyService]:
    """An apply service that is connected to the Stash server. Raises StashError."""
    services = _current()
    async with stash_client(services.settings) as client:
        yield ApplyService(services.engine, client)


def get_review_service() -> ReviewService:
    """The decisions about plans."""
    return ReviewService(_current().engine)


def get_settings() -> Settings:
    """The settings as they are now."""
    return _current().settings
