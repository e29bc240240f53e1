"""An app that runs hostile handlers: ``python -m tests.dayjob.hostile RUNNER FOLDER``.

It is a process of its own, so that it may be spoilt as a whole: standard output, signals, warnings, logging. It runs
every behaviour in its queue, a good job after each, and prints one line of JSON about both.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.dayjob.hostile.behaviours import CASES
from tests.dayjob.hostile.table import GRACE, Case, app, in_task

from dayjob import JobQueue, JobRegistry


@dataclass
class Seen:
    """What became of one behaviour, and of the good job after it."""

    name: str
    status: str
    error: str | None
    result: Any
    good: Any
    seconds: float
    problems: list[str] = field(default_factory=list)


def good(number: int) -> int:
    return number + 1


async def good_in_task(number: int) -> int:
    return number + 1


class Trial:
    """A queue with one slot (four for child processes, which take their time), in which all behaviours are tried."""

    def __init__(self, runner: str, folder: Path) -> None:
        self._runner = runner
        self._out = os.fdopen(os.dup(1), "w")
        self._lanes = 4 if runner == "process" else 1
        self._registry = JobRegistry()
        self._registry.register("good", good_in_task if runner != "thread" else good)
        url = f"sqlite:///{folder}/{runner}.db"
        self._queue = JobQueue(url, registry=self._registry, max_workers=self._lanes, grace=GRACE, durability="process")

    async def run(self) -> None:
        app.queue, app.loop = self._queue, asyncio.get_running_loop()
        async with self._queue:
            cases = iter([case for case in CASES.values() if self._runner in case.runners])
            await asyncio.gather(*(self._lane(cases) for _ in range(self._lanes)))
            began = time.monotonic()
        self._tell({"stopped_in": time.monotonic() - began, "late": len(app.late)})
        app.finish.set()

    async def _lane(self, cases: Iterator[Case]) -> None:
        for case in cases:
            began = time.monotonic()
            try:
                seen = await self._try(case)
            except TimeoutError:
                seen = Seen(case.name, "hangs", None, None, None, 0)
            seen.seconds = round(time.monotonic() - began, 2)
            self._tell(vars(seen))

    async def _try(self, case: Case) -> Seen:
        handler = in_task(case.handler) if self._runner == "task" else case.handler
        options: dict[str, Any] = {"run_in": "process"} if self._runner == "process" else {}
        if case.act == "timeout":
            options["timeout"] = 1.0 if self._runner == "process" else 0.1
        self._registry.register(case.name, handler, **options)
        job_id = await self._queue.enqueue(case.name)
        if case.act == "cancel":
            await self._begun(job_id)
            await self._queue.cancel_job(job_id)
        job = await self._queue.wait(job_id, timeout=15)
        after = await self._queue.result(await self._queue.enqueue("good", job_args={"number": 1}), timeout=15)
        shown = job.result if len(repr(job.result)) < 100 else "(long)"
        return Seen(case.name, job.status.value, job.error, shown, after, 0)

    async def _begun(self, job_id: str) -> None:
        async for status in self._queue.updates(job_id):
            if status.message == "began":
                break

    def _tell(self, seen: dict[str, Any]) -> None:
        self._out.write(json.dumps(seen) + "\n")
        self._out.flush()


if __name__ == "__main__":
    asyncio.run(Trial(sys.argv[1], Path(sys.argv[2])).run())
