"""The command ``dayjob schedules``."""

from __future__ import annotations

import argparse

from ..schedule import ScheduleStatus
from .exits import OK, WrongUse
from .output import print_either
from .reports import schedule_row
from .source import Source
from .target import source_of


async def schedules(options: argparse.Namespace) -> int:
    """``dayjob schedules``."""
    if (options.name is None) != (options.action == "list"):
        raise WrongUse("use `dayjob schedules`, or `dayjob schedules pause|resume|run NAME`")
    async with source_of(options) as source:
        if options.action == "run":
            job = await source.run_schedule(options.name)
            print_either(job, [job.id], options)
            return OK
        if options.action == "list":
            found = await source.schedules()
        else:
            found = [await _change(source, options)]
    print_either(found, [schedule_row(each) for each in found] or ["No schedules."], options)
    return OK


async def _change(source: Source, options: argparse.Namespace) -> ScheduleStatus:
    change = source.pause_schedule if options.action == "pause" else source.resume_schedule
    return await change(options.name)
