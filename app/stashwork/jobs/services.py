"""What job handlers work with: the application provides it when it starts, and handlers ask for it here."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from stashwork.library import SyncService
from stashwork.plans import AiClient, AiSettings, AnalysisOptions, AnalysisService, ApplyService
from stashwork.settings import Settings
from stashwork.stash import StashClient, StashUnreachable


@dataclass(frozen=True, slots=True)
class Services:
    """The settings and the database of the running application."""

    settings: Settings
    engine: AsyncEngine

    def stash_client(self) -> StashClient:
        """A client of the Stash server that the settings name. Raises StashUnreachable if they name none."""
        if self.settings.stash_url is None:
            raise StashUnreachable("No Stash server is set. Set STASH_URL, and STASH_API_KEY if it wants a key.")
        key = self.settings.stash_api_key
        return StashClient(self.settings.stash_url, key.get_secret_value() if key else None)

    def ai_settings(self) -> AiSettings | None:
        """The language model that the settings name, or None."""
        settings = self.settings
        if settings.stashwork_ai_url is None:
            return None
        key = settings.stashwork_ai_key
        return AiSettings(
            settings.stashwork_ai_url,
            settings.stashwork_ai_model,
            key.get_secret_value() if key else None,
            settings.stashwork_ai_input_price,
            settings.stashwork_ai_output_price,
        )


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
async def get_sync_service() -> AsyncIterator[SyncService]:
    """A sync service that is connected to the Stash server. Raises StashError."""
    services = _provided[-1]
    async with services.stash_client() as client:
        yield SyncService(services.engine, client)


@asynccontextmanager
async def get_analysis_service(options: AnalysisOptions) -> AsyncIterator[AnalysisService]:
    """An analysis service; with the language model of the settings if the options want one."""
    services = _provided[-1]
    async with AsyncExitStack() as stack:
        settings = services.ai_settings() if options.use_ai else None
        ai = await stack.enter_async_context(AiClient(settings)) if settings else None
        yield AnalysisService(services.engine, ai)


@asynccontextmanager
async def get_apply_service() -> AsyncIterator[ApplyService]:
    """An apply service that is connected to the Stash server. Raises StashError."""
    services = _provided[-1]
    async with services.stash_client() as client:
        yield ApplyService(services.engine, client)
