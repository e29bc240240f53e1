"""The command ``dayjob worker``: a process that runs jobs, without a web server."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ..job_queue import JobQueue
from ..logging import LineFormatter
from .exits import OK, WrongUse
from .output import print_json
from .target import load_queue

log = logging.getLogger("dayjob.worker")


async def worker(options: argparse.Namespace) -> int:
    """``dayjob worker``: until SIGTERM or SIGINT. A second signal ends it at once."""
    _log_to_stderr(options.log_level)  # before the app's code is loaded, which may do it otherwise
    queue = _queue(options)
    with _stop_on_signals(queue.grace) as stopped:
        async with queue:
            _report_start(queue, options)
            await stopped.wait()
    log.info("stopped")
    return OK


def _queue(options: argparse.Namespace) -> JobQueue:
    if options.db is not None or options.url is not None:
        raise WrongUse("A worker needs the code of the jobs: use `dayjob worker MODULE:QUEUE`, without --db and --url.")
    if options.queue and options.app:
        raise WrongUse("Use --app or MODULE:QUEUE, not both.")
    if not (name := options.queue or options.app):
        raise WrongUse("Say which queue, as in `dayjob worker main:queue`.")
    queue = load_queue(name)
    queue.max_workers = queue.max_workers if options.workers is None else options.workers
    if not queue.max_workers:
        raise WrongUse(f"{name} has max_workers=0, so it only enqueues and watches: use --workers N.")
    if not queue.registry.job_types:
        raise WrongUse(f"{name} knows no types of jobs: its module has to import those that declare them.")
    return queue


def _log_to_stderr(level: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter("%(asctime)s %(levelname)-8s %(name)s: %(message)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler])


def _report_start(queue: JobQueue, options: argparse.Namespace) -> None:
    types = sorted(queue.registry.job_types)
    log.info("pid %d works on %s, %d at once: %s", os.getpid(), queue.url, queue.max_workers, ", ".join(types))
    if options.json:
        started = {"pid": os.getpid(), "database": queue.url, "slots": queue.max_workers, "types": types}
        print_json(started, indent=None)


@contextmanager
def _stop_on_signals(grace: float) -> Iterator[asyncio.Event]:
    """An event that the first signal sets; the second ends the process, whose jobs another one rescues.

    Not by ``loop.add_signal_handler``: a handler that blocks the loop would keep it from hearing the second.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    heard: list[int] = []

    def stop(number: int, _frame: object) -> None:
        heard.append(number)
        if len(heard) > 1:
            _say("ends at once; what it ran is run again")
            os._exit(128 + number)
        _say(f"stopping; running jobs have {grace:g} s, and none after a second signal")
        loop.call_soon_threadsafe(stopped.set)

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(text: str) -> None:
    """To stderr, past its buffer: the signal may have come in the middle of another line, where print would raise."""
    with suppress(OSError):
        os.write(2, f"dayjob: {text}\n".encode())
