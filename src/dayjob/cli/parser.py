"""The options of all commands."""

from __future__ import annotations

import argparse
import contextlib
import re
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

from .. import crashtest
from ..errors import InvalidOption
from ..options import RUN_OPTIONS, Duration, Kind, Moment, Text, Whole
from ..request import check_owner
from ..states import Status
from ..version import __version__
from . import jobs, upkeep
from .follow import logs, watch
from .schedules import schedules
from .worker import worker

# How a text becomes an option of this kind, and what its place is called in the help.
_READ: dict[type, tuple[Callable[[str], Any], str]] = {
    Whole: (int, "N"),
    Duration: (float, "SECONDS"),
    Moment: (datetime.fromisoformat, "TIME"),
    Text: (str, "TEXT"),
}
Command = Callable[[argparse.Namespace], Coroutine[Any, Any, int]]
_ID = "its id, or the end of it"
_ENDING = (
    "exit codes: 0 done; 1 it did not work (the job failed or had ended, the doctor found trouble); 2 wrong use; "
    "3 no such job, type or schedule; 4 the database or the server cannot be used; 130 cancelled or interrupted"
)


def make_parser() -> argparse.ArgumentParser:
    """The parser; ``options.command(options)`` of what it parsed is the command's coroutine."""
    parser = argparse.ArgumentParser(
        prog="dayjob", description="Durable background jobs: look, run, follow, stop, work.", epilog=_ENDING
    )
    parser.add_argument("--version", action="version", version=f"dayjob {__version__}")
    _add_target(parser, default=None)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(commands)
    _add_list(commands)
    _add_job(commands, "show", jobs.show, "show one job")
    _add_watch(commands)
    _add_logs(commands)
    _add_job(commands, "cancel", jobs.cancel, "cancel a job")
    _add_retry(commands)
    _add(commands, "stats", upkeep.stats, "count the jobs of each status, and how those of the last hour ended")
    _add(commands, "workers", upkeep.workers, "list the processes that work on the database")
    _add_worker(commands)
    _add_prune(commands)
    _add_doctor(commands)
    _add_crashtest(commands)
    _add_schedules(commands)
    return parser


def _add_target(parser: argparse.ArgumentParser, default: Any) -> None:
    """Which jobs are meant; before the command or after it."""
    where = parser.add_argument_group("which jobs", "one of --db, --app and --url")
    where.add_argument(
        "--db", metavar="URL", default=default, help="a database file, as in sqlite:///jobs.db (the default)"
    )
    where.add_argument(
        "--app", metavar="MODULE:QUEUE", default=default, help="a JobQueue to import: its database and its job types"
    )
    where.add_argument(
        "--url", default=default, help="a server, as in http://127.0.0.1:8000/jobs; or DAYJOB_URL in the environment"
    )
    where.add_argument(
        "--token", default=default, help="for --url; better DAYJOB_TOKEN, which other users of the machine cannot see"
    )


def _add(commands: Any, name: str, command: Command, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.add_argument("--json", action="store_true", help="print JSON")
    _add_target(parser, default=argparse.SUPPRESS)  # what was given before the command stays
    parser.set_defaults(command=command)
    return parser


def _add_job(commands: Any, name: str, command: Command, text: str) -> argparse.ArgumentParser:
    parser = _add(commands, name, command, text)
    parser.add_argument("id", help=_ID)
    return parser


def _add_list(commands: Any) -> None:
    parser = _add(commands, "list", jobs.list_jobs, "list jobs, newest first")
    parser.add_argument("--status", action="append", choices=[s.value for s in Status], default=[])
    parser.add_argument("--type", action="append", default=[])
    parser.add_argument("--parent", metavar="ID", help="only the children of this job; its id, or the end of it")
    parser.add_argument("--owner", metavar="NAME", type=_owner, help="only the jobs of this owner")
    parser.add_argument("--limit", type=_count, default=20)


def _add_run(commands: Any) -> None:
    parser = _add(commands, "run", jobs.run, "add a job; a process that works on the database runs it")
    parser.add_argument("type")
    parser.add_argument("--arg", action="append", default=[], metavar="NAME=VALUE", help="VALUE is JSON, or else text")
    parser.add_argument("--args", default="{}", metavar="JSON", help="all arguments as a JSON object")
    parser.add_argument("--id", help="an id of your own: the same id again gives the same job; not with --url")
    parser.add_argument("--idempotency-key", metavar="KEY", help="the same key within 24 hours gives the same job")
    for name, kind in RUN_OPTIONS.items():
        _add_run_option(parser, name, kind)
    parser.add_argument("--any-type", action="store_true", help="also if no process knows the type yet; not with --url")
    parser.add_argument("--watch", action="store_true", help="follow it to its end")


def _add_run_option(parser: argparse.ArgumentParser, name: str, kind: Kind) -> None:
    read, metavar = _READ[type(kind)]

    def parse(text: str) -> Any:
        value: Any = text
        with contextlib.suppress(ValueError):
            value = read(text)
        try:
            kind.check(name, value)
        except InvalidOption as error:
            raise argparse.ArgumentTypeError(str(error)) from error
        return value

    flag = "--" + name.replace("_", "-")
    parser.add_argument(flag, type=parse, metavar=metavar, help=kind.help, default=argparse.SUPPRESS)


def _add_retry(commands: Any) -> None:
    parser = _add_job(commands, "retry", jobs.retry, "run a job that ended again, as a new job with its arguments")
    parser.add_argument("--watch", action="store_true", help="follow it to its end")


def _add_watch(commands: Any) -> None:
    parser = _add(commands, "watch", watch, "follow a job to its end, or all running jobs until Ctrl-C")
    parser.add_argument("id", nargs="?", help=_ID)


def _add_logs(commands: Any) -> None:
    parser = _add_job(commands, "logs", logs, "print what a job logged")
    parser.add_argument("--follow", action="store_true", help="go on until the job ends")


def _add_worker(commands: Any) -> None:
    parser = _add(commands, "worker", worker, "work on the jobs of a queue, without a web server")
    parser.add_argument("queue", nargs="?", metavar="MODULE:QUEUE", help="a JobQueue to import")
    parser.add_argument("--workers", type=_count, metavar="N", help="jobs at once (default: the queue's)")
    levels = ["debug", "info", "warning", "error"]
    parser.add_argument("--log-level", choices=levels, default="info", help="of what is logged to stderr")


def _add_prune(commands: Any) -> None:
    parser = _add(
        commands, "prune", upkeep.prune, "remove old jobs, by the retention of --app's queue (or the default one)"
    )
    parser.add_argument("--dry-run", action="store_true", help="only count them")


def _add_doctor(commands: Any) -> None:
    text = "look whether the database, or the server, is well; exit code 1 if something is broken"
    parser = _add(commands, "doctor", upkeep.doctor, text)
    parser.add_argument("--thorough", action="store_true", help="read all of the file")
    parser.add_argument("--fix", action="store_true", help="wake schedules that a wrong clock has put to sleep")


def _add_crashtest(commands: Any) -> None:
    text = "try out on your disk what dayjob promises: about a minute of kill -9"
    parser: argparse.ArgumentParser = commands.add_parser("crashtest", help=text, description=text)
    parser.add_argument("--json", action="store_true", help="print JSON")
    crashtest.add_options(parser)
    parser.set_defaults(command=crashtest.run)


def _add_schedules(commands: Any) -> None:
    parser = _add(commands, "schedules", schedules, "list the schedules, pause or resume one, run one now")
    parser.add_argument("action", nargs="?", choices=["list", "pause", "resume", "run"], default="list")
    parser.add_argument("name", nargs="?", help="of the schedule; for pause, resume and run")


def _count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError("use 1 to 1000")
    return int(text)


def _owner(text: str) -> str:
    try:
        check_owner(text)
    except InvalidOption as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text
