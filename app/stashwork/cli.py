"""``stashwork``: the command line of the application.

Exit codes: 0 done, 1 the sync failed or its numbers are wrong, 2 wrong usage or settings.
"""

import argparse
import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import httpx2
from fastapi import FastAPI
from pydantic import SecretStr, ValidationError

from . import __version__
from .check import check_numbers
from .demo_process import demo_process
from .door import FILE_NAME as TOKEN_FILE
from .door import is_local, owner_token
from .follow import Job, enqueue, follow
from .main import create_app
from .server import AddressError, Server, bind, make_server, url_of
from .settings import Settings
from .settings_store import SettingsFileError, SettingsStore
from .stash import StashError

_KINDS = ("performers", "tags", "studios", "scenes")
_COUNTS = ("created", "updated", "unchanged", "removed", "missing", "failed")


def main(arguments: Sequence[str] | None = None) -> int:
    """The ``stashwork`` command; returns its exit code."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], Coroutine[None, None, int]] = options.run
    logging.basicConfig(level=options.log_level.upper(), format="%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    try:
        return asyncio.run(run(options))
    except KeyboardInterrupt:  # before the server was there to take it
        return 0
    except ValidationError as error:
        for fault in error.errors():
            print(f"stashwork: {str(fault['loc'][0]).upper()}: {fault['msg']}", file=sys.stderr)
    except (AddressError, SettingsFileError, StashError, OSError) as error:
        print(f"stashwork: {error}", file=sys.stderr)
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="stashwork", description="Keeps the metadata of a Stash library in order.")
    parser.add_argument("--version", action="version", version=f"stashwork {__version__}")
    parser.add_argument("--log-level", default="warning", choices=("debug", "info", "warning", "error"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="start the application (with a demo Stash unless STASH_URL is set)")
    serve.set_defaults(run=_serve)
    serve.add_argument("--sync", action="store_true", help="sync the library at once and show the progress")
    serve.add_argument("--once", action="store_true", help="end after the sync; 0 only if the numbers are right")
    serve.add_argument("--demo-latency", type=float, default=0.15, metavar="SECONDS", help="per request of the demo")
    serve.add_argument("--demo-scenes", type=int, default=2000, metavar="N", help="size of the demo's library")
    _add_sync(commands.add_parser("sync", help="have the running application sync, and show the progress"))
    return parser


def _add_sync(sync: argparse.ArgumentParser) -> None:
    sync.set_defaults(run=_sync_running)
    sync.add_argument("--force", action="store_true", help="read every scene, changed or not")
    sync.add_argument("--allow-removals", action="store_true", help="remove also what the deletion limit keeps")
    sync.add_argument("--scene", type=int, action="append", metavar="ID", help="only this scene; may be repeated")


async def _serve(options: argparse.Namespace) -> int:
    async with AsyncExitStack() as stack:
        settings = await stack.enter_async_context(_with_stash(Settings(), options))
        listener = stack.enter_context(bind(settings))
        app = create_app(settings)
        server = make_server(app)
        serving = asyncio.create_task(server.serve([listener]))
        code = 0
        if options.sync or options.once:
            code = await _sync(settings, server, url_of(listener), serving)
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
        yield settings.model_copy(update={"stash_url": demo.url, "stash_api_key": SecretStr(demo.api_key)})


def _print_address(settings: Settings, app: FastAPI, url: str) -> None:
    print(f"stashwork is at {url}  (Ctrl-C ends it)")
    if is_local(settings):
        print(f"Sign in, once and within five minutes: {url}/jobs{app.state.door.one_time_link()}")
        print(f"Later, and for scripts: the token is in {settings.stashwork_data / TOKEN_FILE}", flush=True)
    else:
        print(f"Sign in with STASHWORK_TOKEN at {url}/jobs/ui/login", flush=True)


async def _sync_running(options: argparse.Namespace) -> int:
    """`stashwork sync`: the application that runs does it, since one program writes the library."""
    job_type, arguments = "sync_all", {"force": options.force, "allow_removals": options.allow_removals}
    if options.scene:
        job_type, arguments = "sync_scenes", {"scene_ids": options.scene}
    settings = Settings()
    url, token = _running(settings), owner_token(settings)
    try:
        job = await enqueue(url, token, job_type, arguments)
    except httpx2.TransportError:
        print(f"stashwork: nothing answers at {url}. Start it first: stashwork serve", file=sys.stderr)
        return 1
    except RuntimeError as error:  # it refused, in its own words
        print(f"stashwork: {error}", file=sys.stderr)
        return 1
    job = await follow(url, token, job["id"], sys.stdout)
    print(_summary(job), flush=True)
    return 0 if job["status"] == "completed" else 1


def _running(settings: Settings) -> str:
    """Where the application of these settings is reached from this machine."""
    host = settings.stashwork_host.replace("0.0.0.0", "127.0.0.1")  # noqa: S104 (all addresses: also this one)
    return f"http://[{host}]:{settings.stashwork_port}" if ":" in host else f"http://{host}:{settings.stashwork_port}"


async def _sync(settings: Settings, server: Server, url: str, serving: asyncio.Task[None]) -> int:
    """Sync over our own front door, and show it; gives up when the server stops."""
    following = asyncio.create_task(_enqueue_and_follow(url, owner_token(settings)))
    await asyncio.wait([following, serving], return_when=asyncio.FIRST_COMPLETED)
    if not following.done():
        following.cancel()
        await asyncio.wait([following])
        return 1
    job = following.result()
    print(_summary(job), flush=True)
    if job["status"] != "completed":
        return 1
    wrong = await check_numbers(settings)
    for sentence in wrong:
        print(f"stashwork: {sentence}", file=sys.stderr)
    return 1 if wrong else 0


async def _enqueue_and_follow(url: str, token: str) -> Job:
    job = await enqueue(url, token, "sync_all")
    return await follow(url, token, job["id"], sys.stdout)


def _summary(job: Job) -> str:
    if job["status"] != "completed":
        return f"The sync {job['status']}: {job['error'] or 'no reason was given'}"
    result = job["result"]
    lines = [f"The sync completed in {result['duration_seconds']:.1f} s:"]
    for kind in _KINDS:
        counts = ", ".join(f"{result[kind][name]:,} {name}" for name in _COUNTS if result[kind][name])
        lines.append(f"  {kind:<11} {counts or 'none'}")
    return "\n".join(lines + [f"  note: {warning}" for warning in result["warnings"]])
