"""``stashwork``: the command line of the application.

Exit codes: 0 done, 1 the sync failed or its numbers are wrong, 2 wrong usage or settings.
"""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import httpx2
from fastapi import FastAPI
from pydantic import SecretStr, ValidationError

from dayjob import Fail, Retry
from dayjob.own_log import LineFormatter

from . import __version__
from .commands import Running, add_commands, address_of
from .demo_process import demo_process
from .door import FILE_NAME as TOKEN_FILE
from .door import is_local, owner_token
from .journey import demo_journey, first_sync
from .main import create_app
from .server import AddressError, Server, bind, make_server, url_of
from .settings import Settings
from .settings_store import SettingsFileError, SettingsStore
from .stash import StashError

_DEMO = "demo"  # folder of the demo's databases, in that of the others


def main(arguments: Sequence[str] | None = None) -> int:
    """The ``stashwork`` command; returns its exit code."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], Coroutine[None, None, int]] = options.run
    _log_to_stderr(options.log_level)
    try:
        code = asyncio.run(run(options))
        sys.stdout.flush()  # here, where a reader that went away is noticed
        return code
    except BrokenPipeError:  # `stashwork plan show 1 | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:  # before the server was there to take it
        return 0
    except ValidationError as error:
        for fault in error.errors():
            print(f"stashwork: {str(fault['loc'][0]).upper()}: {fault['msg']}", file=sys.stderr)
    except httpx2.TransportError:
        print(
            f"stashwork: nothing answers at {address_of(Settings())}. Start it first: stashwork serve", file=sys.stderr
        )
        return 1
    except RuntimeError as error:  # the application refused it, in its own words
        print(f"stashwork: {error}", file=sys.stderr)
        return 1
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
    serve.add_argument("--once", action="store_true", help="end after it; on the demo: go the whole way to the undo")
    serve.add_argument("--demo-latency", type=float, default=0.05, metavar="SECONDS", help="per request of the demo")
    serve.add_argument("--demo-scenes", type=int, default=2000, metavar="N", help="size of the demo's library")
    add_commands(commands)
    return parser


async def _serve(options: argparse.Namespace) -> int:
    async with AsyncExitStack() as stack:
        is_demo = SettingsStore(Settings()).current.stash_url is None
        settings = await stack.enter_async_context(_with_stash(Settings(), options))
        listener = stack.enter_context(bind(settings))
        app = create_app(settings)
        server = make_server(app)
        serving = asyncio.create_task(server.serve([listener]))
        code = 0
        if options.sync or options.once:
            journey = options.demo_scenes if options.once and is_demo else None
            code = await _work(settings, server, url_of(listener), serving, journey)
        if options.once:
            server.should_exit = True
        elif not serving.done():
            _print_address(settings, app, url_of(listener))
        await serving
        # Without --once the command is the server, and a server that was asked to end has done its work.
        return code if options.once else 0 if server.started else 1


def _log_to_stderr(level: str) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    handler.addFilter(_tell_sentences)
    logging.basicConfig(level=level.upper(), handlers=[handler])


def _tell_sentences(record: logging.LogRecord) -> bool:
    """A job that fails with a sentence for its owner needs no traceback; it is kept with the job."""
    if record.exc_info and record.exc_info[0] is not None and issubclass(record.exc_info[0], (Fail, Retry)):
        record.exc_info = record.exc_text = None
    return True


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
        print(f"Sign in, once and within five minutes: {url}{app.state.door.one_time_link()}")
        print(f"Later, and for scripts: {later}", flush=True)
    else:
        print(f"Sign in with STASHWORK_TOKEN at {url}/ui/login", flush=True)


async def _work(settings: Settings, server: Server, url: str, serving: asyncio.Task[None], journey: int | None) -> int:
    """Sync, or the whole journey on a demo of so many scenes, over our own front door; ends when the server stops."""
    running = Running(url, owner_token(settings))
    work = demo_journey(running, settings, journey) if journey else first_sync(running, settings)
    working = asyncio.create_task(work)
    await asyncio.wait([working, serving], return_when=asyncio.FIRST_COMPLETED)
    if working.done():
        return working.result()
    working.cancel()
    await asyncio.wait([working])
    return 1
