"""`make bench`: measures everything, prints a table with the goal beside each figure, writes bench/results.json.

Default configuration: SQLite in WAL mode, synchronous=FULL, results and history kept, FastAPI loaded. A figure is the
median of ``--runs`` runs, each on a new database; what takes minutes is done fewer times, which the table shows. What
is compared is measured in the same run, one right after the other: a busy or slow machine slows both. Absolute figures
are only as good as the machine is quiet. ``--only NAME`` measures a part: its figures replace the older ones in the
results, the others stay. The method of each part is in the docstring of its file.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import fastapi  # noqa: F401 (the usual company of a queue)

from stashwork.demo.schema import NEW_VERSION

from . import crowd, detection, frames, jobs, processes, slow_disk, sockets, start, sync, volume
from .child import answer
from .figures import Figure, figure, percentile, save, table
from .floor import floor

_RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure dayjob and stashwork.")
    parser.add_argument("--runs", type=int, default=5, help="runs per figure; the median counts (default 5)")
    parser.add_argument("--only", action="append", choices=_PARTS, help="measure this part (may be given repeatedly)")
    options = parser.parse_args()
    figures = []
    for name in options.only or _PARTS:
        for found in _PARTS[name](options.runs):
            figures.append(found)
            print(f"{found.name}: {found.median:,.2f} {found.unit}", flush=True)
    print("\n" + table(figures))
    save(figures, _RESULTS)


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="dayjob-bench-") as name:
        yield Path(name)


def _throughput(runs: int) -> Iterator[Figure]:
    enqueued, drained, floors, many = [], [], [], []
    for _ in range(runs):
        with _folder() as folder:
            floors.append(floor(folder, jobs.JOBS, jobs.WORKERS))
            rates = asyncio.run(jobs.throughput(folder))
            enqueued.append(rates[0])
            drained.append(rates[1])
            many.append(asyncio.run(jobs.at_once(folder)))
    yield figure("20,000 no-op jobs drained, 10 workers, FULL", "/s", drained, "20,000")
    yield figure(
        "20,000 jobs drained: share of the floor", "", [d / f for d, f in zip(drained, floors, strict=True)], "0.6"
    )
    yield figure("floor: a bare prototype with the same promises", "/s", floors, "")
    yield figure("many concurrent durable enqueue()", "/s", enqueued, "40,000")
    yield figure("enqueue_many(), 10,000 at once, durable", "/s", many, "100,000")


def _slow_disk(runs: int) -> Iterator[Figure]:
    found = [rates for _ in range(runs) if (rates := slow_disk.rates()) is not None]
    if not found:
        print("not measured: a slow disk (strace is missing, or may not trace here)")
        return
    yield figure("5 ms more per fsync: 20,000 jobs drained", "/s", [f["drained"] for f in found], "12,000")
    yield figure("5 ms more per fsync: share of the floor", "", [f["drained"] / f["floor"] for f in found], "0.6")
    yield figure("5 ms more per fsync: the floor", "/s", [f["floor"] for f in found], "")
    yield figure("5 ms more per fsync: one fdatasync takes", "ms", [f["sync_ms"] for f in found], "")


def _latency(runs: int) -> Iterator[Figure]:
    singles: list[list[float]] = []
    starts: list[list[float]] = []
    for _ in range(runs):
        with _folder() as folder:
            singles.append(asyncio.run(jobs.single_enqueues(folder)))
            starts.append(asyncio.run(jobs.start_latencies(folder)))
    yield from _percentiles("one enqueue() alone", singles, "0.6", "2")
    yield from _percentiles("enqueue to first line of the handler", starts, "0.9", "2.3")


def _percentiles(name: str, found: list[list[float]], p50: str, p99: str) -> Iterator[Figure]:
    yield figure(f"{name}, p50", "ms", [percentile(each, 50) for each in found], p50)
    yield figure(f"{name}, p99", "ms", [percentile(each, 99) for each in found], p99)


def _progress(runs: int) -> Iterator[Figure]:
    updates = []
    for _ in range(runs):
        with _folder() as folder:
            updates.append(asyncio.run(jobs.progress_cost(folder)))
    yield figure("one progress.update()", "us", updates, "5")
    for messages, name in ((False, "updates in a loop"), (True, "updates in a loop, each with a new message")):
        told = []
        for _ in range(min(runs, 3)):
            with _folder() as folder:
                told.append(asyncio.run(frames.told(folder, messages=messages)))
        yield figure(f"{name}: frames of one job", "/s", [each.frames for each in told], "4" if messages else "2")
        yield figure(f"{name}: writes of its row", "/s", [each.writes for each in told], "1")


def _sleeps(runs: int) -> Iterator[Figure]:
    seconds = []
    for _ in range(runs):
        with _folder() as folder:
            seconds.append(asyncio.run(jobs.sleeps(folder)))
    yield figure("2,000 jobs of sleep(1), max_workers=1000", "s", seconds, "2.1")


def _idle(runs: int) -> Iterator[Figure]:
    yield figure("idle CPU, one process", "%", [answer("processes", "alone") for _ in range(runs)], "0.05")


def _two_processes(runs: int) -> Iterator[Figure]:
    found = [asyncio.run(processes.two()) for _ in range(runs)]
    latencies = [each.latencies for each in found]
    yield from _percentiles("enqueue to first line in another process", latencies, "3", "10")
    yield figure("idle CPU beside another process: who works", "%", [each.worker for each in found], "0.3")
    yield figure("idle CPU beside another process: who enqueues", "%", [each.front for each in found], "0.3")


def _start(runs: int) -> Iterator[Figure]:
    with _folder() as folder:
        volume.make_table(folder / "history.db")
        volume.add_rows(folder / "history.db", "completed", start.HISTORY)
        seconds = []
        for _ in range(runs):
            start.interrupt(folder / "history.db")
            volume.add_rows(folder / "history.db", "running", start.INTERRUPTED)
            seconds.append(answer("start", folder))
    yield figure("import, open, rescue with 100,000 rows of history", "s", seconds, "0.15")


def _pending(_runs: int) -> Iterator[Figure]:
    """Once."""
    with _folder() as folder:
        found = answer("volume", folder)
    yield figure("1,000,000 pending jobs: memory grows by", "MiB", [found["grown"]], "20")
    yield figure("the same: on disk, each, beside its arguments", "B", [found["bytes"]], "300")
    yield figure("the same: enqueue_many()", "/s", [found["enqueued"]], "100,000")
    yield figure("memory that is left of a job that ended", "B", [found["left"]], "0")


def _history(_runs: int) -> Iterator[Figure]:
    """Once."""
    with _folder() as folder:
        full = folder / "full.db"
        volume.make_table(full)
        volume.add_rows(full, "completed", volume.MILLION)
        volume.add_rows(full, "pending", volume.MILLION)
        found = asyncio.run(volume.reads_and_claims(folder / "empty.db", full))
    name = "1,000,000 ended and 1,000,000 for later"
    for claim in ("claim 1", "claim 100"):
        yield figure(f"{name}: {claim}, as x of the empty table", "x", [found[claim][1] / found[claim][0]], "1.3")
        yield figure(f"{name}: {claim}", "ms", found[claim][1:], "")
    yield figure(f"{name}: newest page of 50", "ms", found["page"][1:], "2")
    yield figure(
        f"{name}: counts by status, as x of the empty table", "x", [found["counts"][1] / found["counts"][0]], "1.3"
    )


def _stalled_sockets(runs: int) -> Iterator[Figure]:
    slower = []
    for _ in range(runs):
        with _folder() as folder:
            alone = asyncio.run(sockets.seconds(folder, stalled=0))
            beside = asyncio.run(sockets.seconds(folder, stalled=sockets.STALLED))
            slower.append((beside / alone - 1) * 100)
    yield figure("job slowed by 20 stalled sockets beside 100 live ones", "%", slower, "2")


def _crowd(runs: int) -> Iterator[Figure]:
    ends = [asyncio.run(crowd.endings()) for _ in range(min(runs, 3))]
    yield figure("1,000 live beside 50 stalled sockets: told the end", "", [e["told"] for e in ends], "1,000")
    yield figure("the same: first to last of them", "s", [e["spread"] for e in ends], "0.5")
    yield figure("the same: job slowed", "%", [e["slower"] for e in ends], "2")
    yield figure("the same: memory of the server, each", "KB", [e["memory"] for e in ends], "64")
    yield figure("the same: file descriptors of the stalled are back after", "s", [e["freed"] for e in ends], "30")
    streams = [asyncio.run(crowd.stream()) for _ in range(min(runs, 3))]
    yield figure("1,000 sockets, 20 frames a second: frames that came", "/s", [s["rate"] for s in streams], "20")
    yield figure("the same: share of a core", "%", [s["core"] for s in streams], "60")
    yield figure("the same: CPU of the server, each frame", "us", [s["cost"] for s in streams], "30")
    yield figure("the same: lag, p99", "ms", [s["p99"] for s in streams], "50")


def _syncs(_runs: int) -> Iterator[Figure]:
    """Once: 100,000 scenes take minutes."""
    with _folder() as folder:
        found = asyncio.run(sync.measure(folder))
    yield figure("first sync of 100,000 scenes / server's own time", "", [found.first / found.first_requests], "1.5")
    yield figure("sync that finds nothing new / the same", "", [found.second / found.second_requests], "20")
    with _folder() as folder:
        newer = asyncio.run(sync.measure(folder, 10_000, NEW_VERSION))
    yield figure("the same from v0.29 on, 10,000 scenes", "", [newer.second / newer.second_requests], "1.5")
    yield figure("memory of stashwork at its peak", "MiB", [found.peak_rss], "150")


def _detection(runs: int) -> Iterator[Figure]:
    for name, value, goal in detection.quality():
        yield figure(name, "", [value], goal)
    rates = [detection.scenes_per_second() for _ in range(min(runs, 3))]
    yield figure("scenes that one core analyses, 10,000 performers", "/s", rates, "1,000")


_PARTS: dict[str, Callable[[int], Iterator[Figure]]] = {
    "throughput": _throughput,
    "slow-disk": _slow_disk,
    "latency": _latency,
    "two-processes": _two_processes,
    "idle": _idle,
    "progress": _progress,
    "sleeps": _sleeps,
    "start": _start,
    "pending": _pending,
    "history": _history,
    "stalled-sockets": _stalled_sockets,
    "crowd": _crowd,
    "detection": _detection,
    "syncs": _syncs,
}

if __name__ == "__main__":
    main()
