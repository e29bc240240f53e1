"""What a sync costs beyond the server's own time, and how much memory the application takes for 100,000 scenes."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from stashwork.demo.schema import OLD_VERSION
from stashwork.library.mirror import SLICE
from stashwork.stash import Parts, StashClient, queries, transport
from stashwork.stash.client import INDEX_PAGE

SCENES = 100_000
SYNCS = 3  # that find nothing new, of which the median counts


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of the first sync, of one that finds nothing new, and of the bare requests of both; MiB at most."""

    first: float
    first_requests: float
    second: float
    second_requests: float
    peak_rss: float


async def measure(folder: Path, scenes: int = SCENES, version: str = OLD_VERSION) -> Measured:
    """Sync a demo Stash of that size with the real application, each in a process of its own."""
    with _demo(scenes, version) as url:
        before = await _requests(url, scenes)
        with _application(folder, url) as (http, pid):
            first = _seconds(http.get("/api/library").json()["last_sync"])
            seconds = [_ended(http, http.post("/jobs/sync_all").json()["id"]) for _ in range(SYNCS)]
            second = statistics.median(seconds)
            peak = int(re.findall(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0]) / 1024
        after = await _requests(url, scenes)
    asked = [(one + two) / 2 for one, two in zip(before, after, strict=True)]
    return Measured(first, asked[0] + asked[1], second, asked[0], peak)


async def _requests(url: str, scenes: int) -> tuple[float, float]:
    """Seconds that the server takes to answer a sync's requests one by one: for what every sync asks, for the rest."""
    every: dict[str, Any] = {"filter": {"per_page": -1, "sort": "id", "direction": "ASC"}}
    async with StashClient(url) as client:
        known = client._documents()
        common = [(queries.COUNTS, {}), (known.performers, every), (known.tags, every), (known.studios, every)]
        for after in range(0, scenes, INDEX_PAGE):
            page = {**every["filter"], "per_page": INDEX_PAGE}
            higher = {"id": {"value": after, "modifier": "GREATER_THAN"}}
            common.append((known.scene_index[Parts.DATES], {"filter": page, "scenes": higher}))
        ids = [list(range(low, min(low + SLICE, scenes + 1))) for low in range(1, scenes + 1, SLICE)]
        whole = [(known.scenes_by_id, {"ids": part}) for part in ids]
        return await _answered(client, common), await _answered(client, whole)


async def _answered(client: StashClient, requests: Sequence[tuple[str, Any]]) -> float:
    began = time.perf_counter()
    for document, variables in requests:
        body = json.dumps({"query": document, "variables": variables}).encode()
        status, _ = await client._transport._exchange(body, None, transport.MAX_ANSWER_BYTES)
        assert status == 200
    return time.perf_counter() - began


@contextmanager
def _demo(scenes: int, version: str) -> Iterator[str]:
    command = [sys.executable, "-m", "stashwork.demo", "--with-parent", "--scenes", str(scenes)]
    command += ["--stash-version", version]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.stdin.close()


@contextmanager
def _application(folder: Path, stash: str) -> Iterator[tuple[httpx2.Client, int]]:
    """`stashwork serve --sync` when its sync is done: a client of it, and its process id."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
    environment = {"STASH_URL": stash, "STASHWORK_PORT": port, "STASHWORK_DATA": str(folder / "data")}
    command = [sys.executable, "-m", "stashwork", "serve", "--sync"]
    with subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.startswith("stashwork is at"):
                    break
            token = (folder / "data" / "token").read_text().strip()
            headers = {"Authorization": f"Bearer {token}"}
            with httpx2.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as http:
                yield http, process.pid
        finally:
            process.send_signal(signal.SIGINT)


def _ended(http: httpx2.Client, job_id: str) -> float:
    while (job := http.get(f"/jobs/{job_id}").json())["status"] in ("pending", "running"):
        time.sleep(0.05)
    return _seconds(job)


def _seconds(ended: dict[str, Any]) -> float:
    if ended["status"] != "completed":
        raise RuntimeError(f"the sync {ended['status']}: {ended['error']}")
    return float(ended["result"]["duration_seconds"])
