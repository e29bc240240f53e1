"""`stashwork serve`: the application on its address, with a demo Stash if there is no other, and its first sync."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from pydantic import SecretStr

from stashwork.main import create_app
from stashwork.owner_token import TOKEN_FILE, is_local, owner_token
from stashwork.server import bind, make_server, url_of
from stashwork.settings import Settings
from stashwork.settings_store import SettingsStore

from .client import Client
from .demo_check import check_demo, first_sync
from .demo_process import demo_process

_DEMO = "demo"  # folder of the demo's databases, in that of the others


def add_serve(serve: argparse.ArgumentParser) -> None:
    """Add the options of `serve`; sets `run` to its coroutine."""
    serve.set_defaults(run=_serve)
    serve.add_argument("--sync", action="store_true", help="sync the library at once and show the progress")
    serve.add_argument("--once", action="store_true", help="end after it; on the demo: go the whole way to the undo")
    serve.add_argument("--demo-latency", type=float, default=0.05, metavar="SECONDS", help="per request of the demo")
    serve.add_argument("--demo-scenes", type=int, default=2000, metavar="N", help="size of the demo's library")


async def _serve(options: argparse.Namespace) -> int:
    async with AsyncExitStack() as stack:
        is_demo = SettingsStore(Settings()).current.stash_url is None
        listener = stack.enter_context(bind(Settings()))
        settings = await stack.enter_async_context(_with_stash(Settings(), options))
        app = create_app(settings)
        server = make_server(app)
        serving = asyncio.create_task(server.serve([listener]))
        code = 0
        if options.sync or options.once:
            demo_scenes = options.demo_scenes if options.once and is_demo else None
            code = await _work(settings, url_of(listener), serving, demo_scenes)
        if options.once:
            server.should_exit = True
        elif not serving.done():
            _print_address(settings, app, url_of(listener))
        await serving
        # Without --once the command is the server, and a server that was asked to end has done its work.
        return code if options.once else 0 if server.started else 1


@asynccontextmanager
async def _with_stash(settings: Settings, options: argparse.Namespace) -> AsyncIterator[Settings]:
    """The settings with a Stash server: the user's own, or the demo, which runs until the block ends."""
    if SettingsStore(settings).current.stash_url is not None:
        yield settings
        return
    size = ["--latency", str(options.demo_latency), "--scenes", str(options.demo_scenes)]
    async with demo_process(size) as demo:
        print(f"No STASH_URL is set, so here is a demo Stash: {demo.url}", flush=True)
        # Its scenes and those of a real server have the same numbers, and nothing else in common.
        own = {"stash_url": demo.url, "stash_api_key": SecretStr(demo.api_key)}
        yield settings.model_copy(update={**own, "stashwork_databases": settings.databases / _DEMO})


def _print_address(settings: Settings, app: FastAPI, url: str) -> None:
    print(f"stashwork is at {url}  (Ctrl-C ends it)")
    if is_local(settings):
        known = settings.stashwork_token is not None
        later = "STASHWORK_TOKEN" if known else f"the token is in {settings.stashwork_data / TOKEN_FILE}"
        print(f"Sign in, once and within five minutes: {url}{app.state.auth.one_time_link()}")
        print(f"Later, and for scripts: {later}", flush=True)
    else:
        print(f"Sign in with STASHWORK_TOKEN at {url}/ui/login", flush=True)


async def _work(settings: Settings, url: str, serving: asyncio.Task[None], demo_scenes: int | None) -> int:
    """Sync, or check the whole way on a demo of so many scenes, as any client; ends when the server stops."""
    client = Client(url, owner_token(settings))
    work = check_demo(client, settings, demo_scenes) if demo_scenes else first_sync(client, settings)
    working = asyncio.create_task(work)
    await asyncio.wait([working, serving], return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        return working.result()
    working.cancel()
    await asyncio.wait([working])
    return 1
