"""The command ``dayjob worker``: a process that runs jobs, without a web server."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from ..job_queue import JobQueue
from .exits import OK, WrongUse
from .output import notice, print_json
from .target import load_queue

log = logging.getLogger("dayjob.worker")


async def worker(options: argparse.Namespace) -> int:
    """``dayjob worker``: until SIGTERM or SIGINT. A second signal ends it at once."""
    _log_to_stderr(options.log_level)  # before the app's code is loaded, which may do it otherwise
    queue = _queue(options)
    with _stopped_by_signals() as stopped:
        async with queue:
            _tell_started(queue, options)
            await stopped.wait()
            log.info("stopping; running jobs have %g s", queue.grace)
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
    logging.basicConfig(
        stream=sys.stderr, level=level.upper(), format="%(asctime)s %(levelname)-8s %(name)s: %(message)s"
    )


def _tell_started(queue: JobQueue, options: argparse.Namespace) -> None:
    types = sorted(queue.registry.job_types)
    log.info("pid %d works on %s, %d at once: %s", os.getpid(), queue.url, queue.max_workers, ", ".join(types))
    if options.json:
        started = {"pid": os.getpid(), "database": queue.url, "slots": queue.max_workers, "types": types}
        print_json(started, indent=None)


@contextmanager
def _stopped_by_signals() -> Iterator[asyncio.Event]:
    """An event that the first signal sets; the second ends the process, whose jobs another one rescues."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(number: signal.Signals) -> None:
        if stopped.is_set():
            notice("ends at once; what it ran is run again")
            os._exit(128 + number)
        stopped.set()

    numbers = (signal.SIGINT, signal.SIGTERM)
    for number in numbers:
        try:
            loop.add_signal_handler(number, stop, number)
        except NotImplementedError:  # Windows: its loops have no signals, so Python's own have to do
            signal.signal(number, lambda got, _frame: loop.call_soon_threadsafe(stop, signal.Signals(got)))
    try:
        yield stopped
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)
