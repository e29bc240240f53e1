"""The drain on an ordinary disk: 5 ms more for each fsync. ``python -m bench.slow_disk`` is the measured process.

It runs under ``strace``, which holds every fsync and fdatasync back at its return (``inject=...:delay_exit``); only
these two calls are stopped (``--seccomp-bpf``), so the rest runs at full speed. Not measured where strace is missing
or may not trace.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from . import jobs
from .child import answer
from .floor import floor

_SYNCS = "fsync,fdatasync"
_STRACE = ["strace", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e", f"trace={_SYNCS}"]
_DELAY = ["-e", f"inject={_SYNCS}:delay_exit=5000"]


def rates() -> dict[str, float] | None:
    """Jobs per second of queue and floor, and milliseconds of a fdatasync; None where that cannot be measured."""
    if shutil.which("strace") is None or subprocess.run([*_STRACE, "true"], check=False).returncode:
        return None
    found: dict[str, float] = answer("slow_disk", before=[*_STRACE, *_DELAY])
    return found


def _sync_ms(folder: Path) -> float:
    with open(folder / "sync", "wb", buffering=0) as file:
        began = time.perf_counter()
        for _ in range(20):
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
        return (time.perf_counter() - began) / 20 * 1000


def main() -> None:
    """In the process under strace."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bare = floor(folder, jobs.JOBS, jobs.WORKERS)
        _, drained = asyncio.run(jobs.throughput(folder))
        print(json.dumps({"sync_ms": _sync_ms(folder), "floor": bare, "drained": drained}))


if __name__ == "__main__":
    main()
