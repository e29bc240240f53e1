"""The commands about the whole: stats, workers, prune, doctor."""

from __future__ import annotations

import argparse

from . import reports
from .exits import FAILED, OK
from .output import print_either
from .target import source_of


async def stats(options: argparse.Namespace) -> int:
    """``dayjob stats``."""
    async with source_of(options) as source:
        found = await source.stats()
    print_either(found, reports.stats_lines(found), options)
    return OK


async def workers(options: argparse.Namespace) -> int:
    """``dayjob workers``."""
    async with source_of(options) as source:
        found = await source.workers()
    print_either(found, [reports.worker_row(each) for each in found] or ["No processes."], options)
    return OK


async def prune(options: argparse.Namespace) -> int:
    """``dayjob prune``."""
    async with source_of(options) as source:
        removed = await source.prune(dry_run=options.dry_run)
    print_either(dict(removed), reports.prune_lines(removed, dry_run=options.dry_run), options)
    return OK


async def doctor(options: argparse.Namespace) -> int:
    """``dayjob doctor``."""
    if options.fix:
        async with source_of(options) as source:
            await source.fix()
    findings = await source_of(options).examine(thorough=options.thorough)
    print_either(findings, map(reports.finding_line, findings), options)
    return FAILED if reports.is_broken(findings) else OK
