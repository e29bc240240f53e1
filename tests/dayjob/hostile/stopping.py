"""Handlers that do not stop, or not as they were asked to."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from typing import Any

from tests.dayjob.hostile.table import GRACE, LOOPS, PROCESS, TASK, THREAD, app, hostile

from dayjob import JobContext


def _in_a_child() -> bool:
    return app.queue is None


OFF = "did not stop within 0.3 s, so its slot was written off"
OVER = "The job ran longer than its timeout."


@hostile({"thread": OFF}, on=("thread", "process"), status="cancelled", act="cancel")
def burns_the_processor() -> None:
    began = time.monotonic()
    while time.monotonic() - began < 2 or _in_a_child():
        pass


@hostile({"thread": OFF}, on=("thread", "process"), status="cancelled", act="cancel")
def sleeps() -> None:
    time.sleep(8)


@hostile(on=TASK, status="completed", act="cancel")
def sleeps_on_the_loop() -> None:
    time.sleep(0.5)


@hostile({"thread": f"{OVER} The handler {OFF}", "process": OVER}, on=("thread", "process"), act="timeout")
def burns_the_processor_for_too_long() -> None:
    began = time.monotonic()
    while time.monotonic() - began < 2 or _in_a_child():
        pass


@hostile(OVER, on=LOOPS, act="timeout")
async def waits_for_too_long() -> None:
    await asyncio.Event().wait()


@hostile(on=LOOPS, status="cancelled", act="cancel")
async def swallows_the_cancel_once() -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(30)
    raise asyncio.CancelledError


@hostile({"task": OFF}, on=LOOPS, status="cancelled", act="cancel")
async def swallows_every_cancel() -> None:
    while not app.finish.is_set():
        with contextlib.suppress(BaseException):
            await asyncio.sleep(0.05)


@hostile({"task": OFF}, on=LOOPS, status="cancelled", act="cancel")
async def waits_on_in_finally() -> None:
    try:
        await asyncio.sleep(30)
    finally:
        while not app.finish.is_set():
            await asyncio.sleep(0.05)


@hostile("ValueError: instead of a cancel", on=LOOPS, status="cancelled", act="cancel")
async def answers_a_cancel_with_an_error() -> None:
    try:
        await asyncio.sleep(30)
    finally:
        raise ValueError("instead of a cancel")


@hostile("SystemExit: 4", on=LOOPS, status="cancelled", act="cancel")
async def answers_a_cancel_with_an_exit() -> None:
    try:
        await asyncio.sleep(30)
    finally:
        sys.exit(4)


@hostile(on=LOOPS, status="completed", act="cancel")
async def is_done_in_spite_of_a_cancel() -> str:
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(30)
    return "done"


@hostile(OFF, on=TASK, status="cancelled", act="cancel")
async def returns_too_late_what_exits_when_shown() -> Any:
    class Exits:
        def __repr__(self) -> str:
            sys.exit(6)

    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(30)
    await asyncio.sleep(GRACE + 0.2)
    return Exits()


@hostile("CancelledError: the handler stopped itself", on=LOOPS)
async def cancels_its_own_task() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(30)


@hostile(on=TASK, status="cancelled")
async def cancels_its_own_job(job_id: str) -> None:
    assert app.queue is not None
    assert await app.queue.cancel_job(job_id)
    await asyncio.sleep(30)


@hostile(on=THREAD, status="cancelled")
def cancels_its_own_job_from_a_thread(ctx: JobContext) -> None:
    assert app.queue is not None
    assert app.loop is not None
    asyncio.run_coroutine_threadsafe(app.queue.cancel_job(ctx.job_id), app.loop).result()
    while True:
        ctx.check()


@hostile(OVER, on=TASK, act="timeout")
async def waits_for_itself(job_id: str) -> None:
    assert app.queue is not None
    await app.queue.wait(job_id)


@hostile(on=PROCESS, status="cancelled", act="cancel")
def ignores_the_signal() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(1)


@hostile(OVER, on=PROCESS, act="timeout")
def stands_still() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


@hostile(OVER, on=PROCESS, act="timeout")
def stops_who_watches_it() -> None:
    os.kill(os.getppid(), signal.SIGSTOP)
    time.sleep(30)
