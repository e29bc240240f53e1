"""The commands that go on until a job ends: watch, logs."""

from __future__ import annotations

import argparse
import sys

from ..models import JobStatus, LogLine
from ..states import Status
from ..terminal import JobView, ProgressBar, ProgressBars
from .exits import OF_STATUS, OK
from .output import print_json, summary
from .pace import Pace
from .reports import ending_line, log_line
from .source import Source, find
from .target import source_of

_LINES = 500  # of a log that are read at once
_MOST = 50  # running jobs that are followed at once


async def watch(options: argparse.Namespace) -> int:
    """``dayjob watch``."""
    async with source_of(options) as source:
        if options.id:
            return await follow(source, (await find(source, options.id)).id, options)
        return await _follow_all(source, options)


async def follow(source: Source, job_id: str, options: argparse.Namespace) -> int:
    """Draw one job until it ends; the exit code says how."""
    drawing, pace = ProgressBar(sys.stderr if options.json else sys.stdout), Pace()
    changes = source.changes()
    while True:
        await anext(changes)
        job = await find(source, job_id)
        drawing.show(_view_of(job, pace), final=job.finished)
        if job.finished:
            break
    if options.json:
        print_json(job)
    else:
        print(ending_line(job))
    return OF_STATUS[job.status]


async def logs(options: argparse.Namespace) -> int:
    """``dayjob logs``."""
    async with source_of(options) as source:
        job = await find(source, options.id)
        changes, after = source.changes(), 0
        while True:
            await anext(changes)
            job = await find(source, job.id)  # before its lines: nothing comes after the end
            while lines := await source.get_logs(job.id, after, _LINES):
                after = lines[-1].seq
                for line in lines:
                    _print_log(line, options)
            if job.finished or not options.follow:
                return OK


def _print_log(line: LogLine, options: argparse.Namespace) -> None:
    if options.json:
        print_json(line, indent=None)
    else:
        print(log_line(line), flush=options.follow)


async def _follow_all(source: Source, options: argparse.Namespace) -> int:
    """Until Ctrl-C: what runs as lines that are drawn again, what ended above them."""
    drawing = ProgressBars(sys.stdout)
    paces: dict[str, Pace] = {}
    told: dict[str, int] = {}
    async for _ in source.changes():
        running = {job.id: job for job in await source.list_jobs([Status.RUNNING], (), _MOST)}
        left = [await source.get_job(job_id) for job_id in told.keys() - running.keys()]
        ended = [job for job in left if job is not None and job.finished]
        if options.json:
            _print_changed([*running.values(), *ended], told)
        else:
            paces = {job_id: paces.get(job_id) or Pace() for job_id in running}
            views = {job_id: _view_of(job, paces[job_id]) for job_id, job in running.items()}
            drawing.show(views, [ending_line(job) for job in ended])
        told = {job.id: job.rev for job in running.values()}
    return OK


def _print_changed(jobs: list[JobStatus], told: dict[str, int]) -> None:
    """A line of JSON for each job that is not as it was told."""
    for job in jobs:
        if told.get(job.id) != job.rev:
            print_json(summary(job), indent=None)


def _view_of(job: JobStatus, pace: Pace) -> JobView:
    rate, eta = pace.read(job)
    label = f"{job.type} {job.id[-8:]}"
    counts = (job.progress, job.processed_items, job.total_items)
    return JobView(label, job.status, *counts, job.message, rate, eta, job.stage, job.stalled)
