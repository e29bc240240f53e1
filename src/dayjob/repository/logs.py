"""The log lines of jobs in the database: numbered, fenced, and bounded by dropping the oldest."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

from ..models import JobDefinition, LogLine, NewLines
from .transaction import Transaction

MAX_LINES = 1000  # of a job
MAX_LOG = 256 * 1024  # bytes of a job's lines


def add_lines(tx: Transaction, job: JobDefinition, new: NewLines) -> bool:
    """Number and store lines of a running attempt; False if ``job`` is not that any more."""
    fence = {"id": job.id, "worker": job.worker, "attempt": job.attempt}
    found = tx.run("log_total", fence)
    if not found:
        return False
    owner, seq, kept, size = found[0]
    first = seq + new.dropped + 1
    numbered = [(number, *line) for number, line in enumerate(new.lines, first)]
    lines = json.dumps(numbered, ensure_ascii=False)
    tx.run("add_lines", {"job": owner, "attempt": job.attempt, "lines": lines})
    size += sum(len(text.encode()) for _, _, text in new.lines)
    kept, size = _trim(tx, owner, kept + len(new.lines), size)
    last = first + len(new.lines) - 1
    tx.run("set_log_total", {"job": owner, "seq": last, "lines": kept, "bytes": size})
    tx.update_jobs("touch_job", fence, announce=False)
    return True


def _trim(tx: Transaction, owner: int, kept: int, size: int) -> tuple[int, int]:
    """Drop the oldest lines until the rest fits; how many lines and bytes that is."""
    if kept <= MAX_LINES and size <= MAX_LOG:
        return kept, size
    upto = 0
    for seq, length in tx.run("log_sizes", {"job": owner, "limit": kept}):
        if kept <= MAX_LINES and size <= MAX_LOG:
            break
        upto, kept, size = seq, kept - 1, size - length
    tx.run("drop_logs", {"job": owner, "upto": upto})
    return kept, size


def with_gaps(lines: Sequence[LogLine], after: int) -> list[LogLine]:
    """``lines``, with one that says how many are missing wherever numbers are: after ``after`` and between them."""
    told = []
    for line in lines:
        missing = line.seq - after - 1
        if missing > 0:
            text = f"{missing:,} lines dropped"
            told.append(dataclasses.replace(line, seq=line.seq - 1, level="WARNING", text=text))
        told.append(line)
        after = line.seq
    return told
