"""``dayjob``: look at the jobs of a database, add some, follow them, stop them.

Exit codes: 0 done, 1 it did not work (the job failed, is unknown, ...), 2 wrong usage, 130 cancelled or interrupted.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import importlib
import json
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import crashtest, payload, reports
from .errors import DayjobError, InvalidArguments, JobNotFound, StorageError, StorageFull
from .job_queue import Accepted, JobQueue
from .models import JobStatus, LogLine
from .progress import Meter
from .repository import SqliteRepository, examine, open_repository, read_workers
from .request import LONGEST_DELAY, JobRequest, new_job_elsewhere
from .retention import Pruner, Retention
from .schedule import ScheduleStatus
from .states import Status
from .stats import read_stats
from .terminal import ProgressLine, Shown, duration, printable
from .ticker import find_schedule, pause_schedule, resume_schedule
from .version import __version__

_EXIT = {Status.COMPLETED: 0, Status.FAILED: 1, Status.CANCELLED: 130}
_LINES = 500  # of a log that are read at once
_NEWEST = 1000  # jobs that an abbreviated id is looked for in


def main(argv: Sequence[str] | None = None) -> int:
    """The ``dayjob`` command; returns its exit code."""
    options = _parser().parse_args(argv)
    try:
        code = asyncio.run(options.command(options))
        sys.stdout.flush()  # here, where a reader that went away is noticed
    except (DayjobError, ValueError) as error:
        print(f"dayjob: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `dayjob list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return int(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="dayjob", description="Durable background jobs: look, run, follow, stop.")
    parser.add_argument("--version", action="version", version=f"dayjob {__version__}")
    parser.add_argument("--db", metavar="URL", help="database, as in sqlite:///jobs.db (the default)")
    parser.add_argument("--app", metavar="MODULE:QUEUE", help="a JobQueue to import: its database and its job types")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_list(commands)
    show = _add(commands, "show", _show, "show one job")
    show.add_argument("id", help="its id, or the end of it")
    _add_run(commands)
    watch = _add(commands, "watch", _watch, "follow a job to its end, or all running jobs until Ctrl-C")
    watch.add_argument("id", nargs="?", help="its id, or the end of it")
    cancel = _add(commands, "cancel", _cancel, "cancel a job")
    cancel.add_argument("id", help="its id, or the end of it")
    _add_logs(commands)
    prune = _add(commands, "prune", _prune, "remove old jobs, by the retention of --app's queue (or the default one)")
    prune.add_argument("--dry-run", action="store_true", help="only count them")
    _add(commands, "stats", _stats, "count the jobs of each status, and how those of the last hour ended")
    doctor = _add(commands, "doctor", _doctor, "look whether the database is well; exit code 1 if something is broken")
    doctor.add_argument("--thorough", action="store_true", help="read all of the file")
    _add_schedules(commands)
    _add_crashtest(commands)
    return parser


Command = Callable[[argparse.Namespace], Coroutine[Any, Any, int]]


def _add(commands: Any, name: str, command: Command, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(command=command)
    return parser


def _add_list(commands: Any) -> None:
    parser = _add(commands, "list", _list, "list jobs, newest first")
    parser.add_argument("--status", action="append", choices=[s.value for s in Status], default=[])
    parser.add_argument("--type", action="append", default=[])
    parser.add_argument("--parent", metavar="ID", help="only the children of this job; its id, or the end of it")
    parser.add_argument("--limit", type=_limit, default=20)


def _add_run(commands: Any) -> None:
    parser = _add(commands, "run", _run, "add a job; a process that works on the database runs it")
    parser.add_argument("type")
    parser.add_argument("--arg", action="append", default=[], metavar="NAME=VALUE", help="VALUE is JSON, or else text")
    parser.add_argument("--args", default="{}", metavar="JSON", help="all arguments as a JSON object")
    parser.add_argument("--id", help="an id of your own: the same id again gives the same job")
    parser.add_argument("--priority", type=_priority, default=0)
    parser.add_argument("--delay", type=_delay, default=None, metavar="SECONDS")
    parser.add_argument("--watch", action="store_true", help="follow it to its end")


def _add_logs(commands: Any) -> None:
    parser = _add(commands, "logs", _logs, "print what a job logged")
    parser.add_argument("id", help="its id, or the end of it")
    parser.add_argument("--follow", action="store_true", help="go on until the job ends")


def _add_schedules(commands: Any) -> None:
    parser = _add(commands, "schedules", _schedules, "list the schedules, pause or resume one, run one now")
    parser.add_argument("action", nargs="?", choices=["list", "pause", "resume", "run"], default="list")
    parser.add_argument("name", nargs="?", help="of the schedule; for pause, resume and run")


def _add_crashtest(commands: Any) -> None:
    parser = _add(
        commands, "crashtest", _crashtest, "try out on your disk what dayjob promises: about a minute of kill -9"
    )
    crashtest.add_options(parser)


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise argparse.ArgumentTypeError("use 1 to 1000")
    return int(text)


def _priority(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,4}", text) or abs(int(text)) > 1000:
        raise argparse.ArgumentTypeError("use -1000 (last) to 1000 (first)")
    return int(text)


def _delay(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 <= float(text) <= LONGEST_DELAY:
            return float(text)
    raise argparse.ArgumentTypeError("use 0 to ten years, in seconds")


async def _list(options: argparse.Namespace) -> int:
    async with _repository(options) as repository:
        parent = (await _find(repository, options.parent)).id if options.parent else None
        statuses = [Status(s) for s in options.status]
        page = await repository.list_jobs(statuses, options.type, options.limit, parent=parent)
    if options.json:
        _print_json([_document(job) for job in page.items])
        return 0
    if not page.items:
        print("No jobs match." if options.status or options.type or options.parent else "No jobs.")
    for job in page.items:
        print(_row(job))
    return 0


async def _show(options: argparse.Namespace) -> int:
    async with _repository(options) as repository:
        job = await _find(repository, options.id)
        attempts = await repository.list_attempts(job.id)
    if options.json:
        _print_json(_document(job) | {"attempts": [reports.attempt_document(record) for record in attempts]})
        return 0
    for name, value in _document(job).items():
        if value is not None:
            shown = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
            print(f"{name + ':':20} {printable(shown)}")
    _print_lines(reports.attempt_lines(attempts))
    return 0


async def _run(options: argparse.Namespace) -> int:
    request = JobRequest(
        options.type, _arguments(options), job_id=options.id, priority=options.priority, delay=options.delay
    )
    async with _repository(options, create=True) as repository:
        queue = _queue(options)
        if queue is not None:
            async with JobQueue(queue.url, max_workers=0, registry=queue.registry) as client:
                job = (await client.accept(request)).job
        else:
            job = await _create_elsewhere(repository, request)
        if not options.watch:
            if options.json:
                _print_json(_document(job))
            else:
                print(job.id)
            return 0
        return await _follow(repository, job.id, options)


async def _watch(options: argparse.Namespace) -> int:
    async with _repository(options) as repository:
        if options.id:
            job = await _find(repository, options.id)
            return await _follow(repository, job.id, options)
        return await _follow_all(repository, options)


async def _cancel(options: argparse.Namespace) -> int:
    async with _repository(options) as repository:
        job = await _find(repository, options.id)
        told = await repository.request_cancel(job.id)
    if told is None:
        raise JobNotFound(f"There is no job '{options.id}'.")
    if options.json:
        _print_json(_document(told))
    else:
        print(f"{told.id}: {'stopping' if told.status is Status.RUNNING else told.status}")
    return 0 if told.status in (Status.RUNNING, Status.CANCELLED) else 1


async def _logs(options: argparse.Namespace) -> int:
    async with _repository(options) as repository:
        job = await _find(repository, options.id)
        changes, after = _changes(repository), 0
        while True:
            await anext(changes)
            job = await _find(repository, job.id)  # before its lines: nothing comes after the end
            while lines := await repository.list_logs(job.id, after, _LINES):
                after = lines[-1].seq
                for line in lines:
                    _print_log(line, options)
            if job.finished or not options.follow:
                return 0


def _print_log(line: LogLine, options: argparse.Namespace) -> None:
    if options.json:
        _print_json(reports.log_document(line), indent=None)
    else:
        print(reports.log_line(line), flush=options.follow)


async def _prune(options: argparse.Namespace) -> int:
    queue = _queue(options)
    async with _repository(options) as repository:
        pruner = Pruner(repository, queue.retention if queue else Retention())
        removed = await (pruner.due() if options.dry_run else pruner.run())
    _print(dict(removed), reports.prune_lines(removed, dry_run=options.dry_run), options)
    return 0


async def _stats(options: argparse.Namespace) -> int:
    async with _repository(options) as repository:
        stats = await read_stats(repository)
    _print(reports.stats_document(stats), reports.stats_lines(stats), options)
    return 0


async def _doctor(options: argparse.Namespace) -> int:
    path = _unopened(options).path
    findings = examine(path, thorough=options.thorough)
    if reports.exit_code(findings) == 0:
        findings.append(reports.workers_finding(read_workers(path), path))
    _print([dataclasses.asdict(f) for f in findings], map(reports.finding_line, findings), options)
    return reports.exit_code(findings)


async def _crashtest(options: argparse.Namespace) -> int:
    return await crashtest.run(options)


async def _schedules(options: argparse.Namespace) -> int:
    if (options.name is None) != (options.action == "list"):
        print("dayjob: use `dayjob schedules`, or `dayjob schedules pause|resume|run NAME`", file=sys.stderr)
        return 2
    async with _repository(options) as repository:
        if options.action == "run":
            return await _run_schedule(repository, options)
        if options.action == "list":
            found = [row.status() for row in await repository.schedules.list()]
        else:
            change = pause_schedule if options.action == "pause" else resume_schedule
            found = [await change(repository, options.name)]
    if options.json:
        _print_json([_document(schedule) for schedule in found])
        return 0
    if not found:
        print("No schedules.")
    for schedule in found:
        print(_schedule_row(schedule))
    return 0


async def _run_schedule(repository: SqliteRepository, options: argparse.Namespace) -> int:
    schedule = await find_schedule(repository, options.name)
    queue = _queue(options)
    if queue is not None:
        async with JobQueue(queue.url, max_workers=0, registry=queue.registry) as client:
            job = await client.run_schedule_now(options.name)
    else:
        job = await _create_elsewhere(repository, JobRequest(schedule.type, dict(schedule.args)))
    if options.json:
        _print_json(_document(job))
    else:
        print(job.id)
    return 0


@asynccontextmanager
async def _repository(options: argparse.Namespace, *, create: bool = False) -> AsyncIterator[SqliteRepository]:
    repository = _unopened(options, create=create)
    await repository.open()
    try:
        yield repository
    finally:
        await repository.close()


def _unopened(options: argparse.Namespace, *, create: bool = False) -> SqliteRepository:
    queue = _queue(options)
    repository = open_repository(queue.url if queue else options.db or "sqlite:///jobs.db")
    if not create and not repository.path.exists():
        raise StorageError(f"There is no database {repository.path}. Name yours with --db sqlite:///path or --app.")
    return repository


def _queue(options: argparse.Namespace) -> JobQueue | None:
    if options.app is None:
        return None
    module, _, name = options.app.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        queue = getattr(importlib.import_module(module), name or "queue")
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise ValueError(f"--app {options.app}: {error}. Use MODULE:QUEUE, as in main:queue.") from error
    if not isinstance(queue, JobQueue):
        raise ValueError(f"--app {options.app} is a {type(queue).__name__}, not a JobQueue.")
    return queue


def _arguments(options: argparse.Namespace) -> dict[str, Any]:
    args = payload.parse(options.args.encode())
    if not isinstance(args, dict):
        raise InvalidArguments("--args is a JSON object, as in --args '{\"force\": true}'.")
    for pair in options.arg:
        name, equals, value = pair.partition("=")
        if not equals:
            raise InvalidArguments(f"--arg {pair} lacks a value; use --arg NAME=VALUE.")
        try:
            args[name] = payload.parse(value.encode())
        except DayjobError:
            args[name] = value
    return args


async def _create_elsewhere(repository: SqliteRepository, request: JobRequest) -> JobStatus:
    """Add a job whose type only the working processes know; they check its arguments before they run it."""
    new = new_job_elsewhere(request)
    known = {name for worker in await repository.list_workers() for name in json.loads(worker.types)}
    if new.type not in known:
        listed = ", ".join(sorted(known)) or "none (no process is working on this database)"
        print(f"dayjob: '{new.type}' waits until a process knows this type. Known now: {listed}", file=sys.stderr)
    if isinstance(trouble := repository.trouble, StorageFull):
        raise trouble
    (stored,) = await repository.create_jobs([new])
    return Accepted(*stored).job


async def _find(repository: SqliteRepository, wanted: str) -> JobStatus:
    """The job with this id, or the one among the newest whose id ends so."""
    if (job := await repository.get_job(wanted)) is not None:
        return job
    page = await repository.list_jobs(limit=_NEWEST)
    matching = [job for job in page.items if wanted and job.id.endswith(wanted)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise JobNotFound(f"{len(matching)} jobs end with '{wanted}'; give more of the id.")
    raise JobNotFound(f"There is no job '{wanted}'. `dayjob list` shows what there is.")


async def _follow(repository: SqliteRepository, job_id: str, options: argparse.Namespace) -> int:
    drawing, meter = ProgressLine(sys.stderr if options.json else sys.stdout), Meter()
    changes = _changes(repository)
    while True:
        await anext(changes)
        job = await _find(repository, job_id)
        drawing.show(_shown(job, meter), final=job.finished)
        if job.finished:
            break
    if options.json:
        _print_json(_document(job))
    else:
        print(_ending(job))
    return _EXIT[job.status]


async def _follow_all(repository: SqliteRepository, options: argparse.Namespace) -> int:
    meters: dict[str, Meter] = {}
    drawings: dict[str, ProgressLine] = {}
    async for _ in _changes(repository):
        page = await repository.list_jobs([Status.RUNNING], limit=50)
        running = {job.id: job for job in page.items}
        for gone in meters.keys() - running.keys():
            del meters[gone]
            drawings.pop(gone).leave()
            print(_ending(await _find(repository, gone)))
        for job in running.values():
            meter = meters.setdefault(job.id, Meter())
            drawings.setdefault(job.id, ProgressLine(sys.stdout)).show(_shown(job, meter))
    return 0


async def _changes(repository: SqliteRepository) -> AsyncIterator[None]:
    """Once now, and then whenever somebody changed the database."""
    changed = asyncio.Event()
    repository.on_foreign = lambda _after, _upto: changed.set()
    while True:
        yield
        await changed.wait()
        changed.clear()


def _shown(job: JobStatus, meter: Meter) -> Shown:
    meter.feed(time.monotonic(), job.processed_items)
    rate, eta = meter.read(job.processed_items, job.total_items)
    label = f"{job.type} {job.id[-8:]}"
    counts = (job.progress, job.processed_items, job.total_items)
    return Shown(label, job.status, *counts, job.message, rate, eta, job.stage, job.stalled)


def _ending(job: JobStatus) -> str:
    detail = job.error or json.dumps(job.result, ensure_ascii=False)
    return f"{job.type} {job.id[-8:]} {job.status}: {printable(detail)}"


def _row(job: JobStatus) -> str:
    age = duration((datetime.now(UTC) - job.created_at).total_seconds())
    note = printable(_note(job))[:60]
    return f"{job.id[-8:]}  {job.status:9}  {job.progress:3} %  {job.type:24}  {age:>10} ago  {note}".rstrip()


def _note(job: JobStatus) -> str:
    waits = f"waits for {job.waits_for} child{'' if job.waits_for == 1 else 'ren'}" if job.waits_for else ""
    parts = [
        waits,
        "stalled" if job.stalled else "",
        "" if job.finished else job.stage or "",
        job.error or job.message or "",
    ]
    return ": ".join(filter(None, parts))


def _schedule_row(schedule: ScheduleStatus) -> str:
    if schedule.next_run_at is None:
        coming = "paused"
    elif schedule.orphaned:
        coming = "nobody runs it"
    else:
        coming = f"{schedule.next_run_at:%Y-%m-%d %H:%M:%S} UTC"
    last = f"last job {schedule.last_job_id[-8:]}" if schedule.last_job_id else "no job yet"
    return f"{schedule.name:24}  {coming:23}  {last:17}  {printable(schedule.words)} ({schedule.time_zone})"


def _document(job: JobStatus | ScheduleStatus) -> dict[str, Any]:
    document = {field.name: getattr(job, field.name) for field in dataclasses.fields(job)}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in document.items()}


def _print(document: Any, lines: Iterable[str], options: argparse.Namespace) -> None:
    if options.json:
        _print_json(document)
    else:
        _print_lines(lines)


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def _print_json(document: Any, indent: int | None = 2) -> None:
    """JSON in which what would move a cursor is escaped (what json leaves as it is: C1, bidi)."""
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    print("".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text))


if __name__ == "__main__":
    sys.exit(main())
