"""`make bench`: measures everything, prints a table, writes bench/results.json."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

from . import crowd, jobs, sockets, sync
from .figures import Figure, figure, percentile, save, table

_RESULTS = Path(__file__).with_name("results.json")


def main() -> None:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="runs per figure; the median counts (default 5)")
    runs = parser.parse_args().runs
    figures = []
    for found in _measure(runs):
        figures.append(found)
        print(f"{found.name}: {found.median:,.2f} {found.unit}", flush=True)
    print("\n" + table(figures))
    save(figures, _RESULTS)


def _measure(runs: int) -> Iterator[Figure]:
    yield from _throughput(runs)
    yield from _latency(runs)
    yield from _stalled_sockets(runs)
    yield from _crowd(runs)
    yield from _syncs()


def _throughput(runs: int) -> Iterator[Figure]:
    enqueued, drained, floors = [], [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            floors.append(jobs.floor(Path(folder)))
            rates = asyncio.run(jobs.throughput(Path(folder)))
            enqueued.append(rates[0])
            drained.append(rates[1])
    yield figure("20,000 no-op jobs drained, 10 workers, FULL", "/s", drained, "20,000")
    yield figure("the same as a share of the floor", "", [d / f for d, f in zip(drained, floors, strict=True)], "0.6")
    yield figure("floor: bare sqlite3, three changes per job", "/s", floors, "")
    yield figure("many concurrent durable enqueue()", "/s", enqueued, "40,000")


def _latency(runs: int) -> Iterator[Figure]:
    singles: list[list[float]] = []
    starts: list[list[float]] = []
    updates: list[float] = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            singles.append(asyncio.run(jobs.single_enqueues(Path(folder))))
            starts.append(asyncio.run(jobs.start_latencies(Path(folder))))
            updates.append(asyncio.run(jobs.progress_cost(Path(folder))))
    yield figure("one enqueue() alone, p50", "ms", [percentile(s, 50) for s in singles], "0.6")
    yield figure("one enqueue() alone, p99", "ms", [percentile(s, 99) for s in singles], "2")
    yield figure("enqueue to first line of the handler, p50", "ms", [percentile(s, 50) for s in starts], "0.9")
    yield figure("enqueue to first line of the handler, p99", "ms", [percentile(s, 99) for s in starts], "2.3")
    yield figure("one progress.update()", "us", updates, "5")


def _stalled_sockets(runs: int) -> Iterator[Figure]:
    slower = []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            alone = asyncio.run(sockets.seconds(Path(folder), stalled=0))
            beside = asyncio.run(sockets.seconds(Path(folder), stalled=sockets.STALLED))
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


def _syncs() -> Iterator[Figure]:
    """Once: 100,000 scenes take minutes."""
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(sync.measure(Path(folder)))
    yield figure("first sync of 100,000 scenes / server's own time", "", [found.first / found.first_requests], "1.5")
    yield figure("sync that finds nothing new / the same", "", [found.second / found.second_requests], "1.5")
    yield figure("memory of stashwork at its peak", "MiB", [found.peak_rss], "150")


if __name__ == "__main__":
    main()
