"""The application: the only file that sees everything (settings, database, queue, routes, start and stop)."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import Depends, FastAPI, Request, Response
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import JSONResponse, RedirectResponse

from dayjob import JobQueue, registry
from dayjob.web import Token, health_router, jobs_router

from . import __version__
from . import jobs as jobs  # importing them registers the job types
from .api import library_router, plans_router, settings_router
from .database import make_engine, upgrade
from .jobs.schedules import change_schedules, declare_schedules
from .jobs.services import Services, provide
from .library import close_interrupted_runs
from .owner_token import make_auth
from .pages import pages_router
from .settings import Settings
from .settings_store import SettingsStore

_GRACE = 5.0  # seconds that a sync gets to stop when the application does


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application for `settings` (default: from the environment). Its databases are made when it starts.

    What `settings` leaves open may be in `settings.json` in its folder. `app.state.auth` is the `Token` that all
    routes but the health checks ask for. Raises SettingsFileError, and OSError if the folder cannot be used.

    >>> app = create_app(Settings(stashwork_data="data"))     # uvicorn --factory stashwork.main:create_app
    """
    settings = settings or Settings()
    store = SettingsStore(settings)
    engine = make_engine(settings.databases)
    queue = JobQueue(f"sqlite:///{settings.databases}/jobs.db", max_workers=3, registry=registry, grace=_GRACE)
    declare_schedules(queue, store.current)
    auth = make_auth(settings)
    app = FastAPI(
        title="stashwork",
        version=__version__,
        lifespan=_lifespan(Services(store, engine)),
        # These pages load scripts from a CDN; the document itself is at /openapi.json.
        docs_url=None,
        redoc_url=None,
    )
    app.state.auth = auth
    _include_routers(app, auth, store, engine, queue)
    return app


def _include_routers(app: FastAPI, auth: Token, store: SettingsStore, engine: AsyncEngine, queue: JobQueue) -> None:
    app.include_router(jobs_router(queue, auth=auth), prefix="/jobs")
    library, guard = library_router(engine), [Depends(auth)]
    app.include_router(library, prefix="/api", dependencies=guard)
    app.include_router(library, dependencies=guard, include_in_schema=False)  # where it was first: /library
    app.include_router(
        settings_router(store, lambda: change_schedules(queue, store.current)), prefix="/api", dependencies=guard
    )
    app.include_router(plans_router(engine, queue), prefix="/api", dependencies=guard)
    app.include_router(health_router(queue))
    app.include_router(pages_router(auth))
    _add_index(app, auth)


def _lifespan(services: Services) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        try:
            await upgrade(services.engine)
            await close_interrupted_runs(services.engine)
            with provide(services):
                yield
        finally:
            await services.engine.dispose()

    return lifespan


def _add_index(app: FastAPI, auth: Token) -> None:
    addresses = {
        "pages": "/ui/",
        "library": "/api/library",
        "plans": "/api/plans",
        "settings": "/api/settings",
        "jobs": "/jobs",
        "live": "/jobs/ws",
        "openapi": "/openapi.json",
    }

    @app.get("/", summary="Where to go from here; browsers go to the pages", response_model=dict[str, str])
    async def index(request: Request) -> Response:
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse("ui/", 307)  # relative: right under every prefix, and it asks who it is
        await auth(request)
        return JSONResponse(addresses)
