"""``stashwork``: the command line of the application.

Exit codes: 0 done, 1 the sync failed or its numbers are wrong, 2 wrong usage or settings.
"""

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Callable, Coroutine, Sequence

import httpx2
from pydantic import ValidationError

from dayjob import Fail, Retry
from dayjob.logging import LineFormatter
from stashwork import __version__
from stashwork.server import AddressError, address_of
from stashwork.settings import Settings
from stashwork.settings_store import SettingsFileError
from stashwork.stash import StashError

from .client import RequestRefused
from .commands import add_commands
from .serve import add_serve


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
    except RequestRefused as error:
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
    add_serve(commands.add_parser("serve", help="start the application (with a demo Stash unless STASH_URL is set)"))
    add_commands(commands)
    return parser


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
