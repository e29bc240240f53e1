"""A demo Stash that notes what is written to it, and jobs of stashwork that work on it in processes of their own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.stashwork.plans.support import add_scene, library

from stashwork.demo import DemoStash, Faults, Library, serve_demo

LATENCY = 0.02  # seconds per request: room for a kill between two of them
_CHILD = Path(__file__).with_name("plan_child.py")


def run_job(folder: Path, url: str, job_type: str, job_id: str, arguments: dict[str, Any]) -> subprocess.Popen[str]:
    """Run a job, or go on with it; the process ends with 0 if it completes."""
    command = [sys.executable, str(_CHILD), str(folder), url, job_type, job_id, json.dumps(arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def unnamed_library(scenes: int) -> Library:
    """Scenes of which only the files' names tell something; some name a studio that does not exist yet."""
    made = library()
    for number in range(scenes):
        words = ("[Copper Lantern] Marla Quenby", "[Zephyr Row] Tess Orvane", "Tess Orvane & Marla Quenby")
        add_scene(made, f"/m/{words[number % 3]} - Night {chr(97 + number % 26)}{number // 26} [2023-05-01].mp4")
    return made


@contextlib.contextmanager
def served_library(made: Library) -> Iterator[tuple[str, list[int]]]:
    """The demo in a thread of this process; yields its URL, and the scenes that mutations name, as they come."""
    sent: list[int] = []
    update = made.bulk_update_scenes

    def noted(entry: Any) -> Any:
        sent.extend(map(int, entry["ids"]))
        return update(entry)

    made.bulk_update_scenes = noted  # type: ignore[method-assign]
    ready, stop, address = threading.Event(), asyncio.Event(), []

    async def serve() -> None:
        async with serve_demo(DemoStash(made, faults=Faults(latency=LATENCY))) as url:
            address.append((url, asyncio.get_running_loop()))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait(30)
    url, loop = address[0]
    try:
        yield url, sent
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
