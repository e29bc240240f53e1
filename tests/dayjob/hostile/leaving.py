"""Handlers that leave something behind."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import time
from typing import Any

from tests.dayjob.hostile.table import LOOPS, app, hostile

from dayjob import JobContext
from dayjob.errors import NotInJob


@hostile(on=LOOPS)
async def leaves_a_thousand_tasks() -> None:
    kept.extend(asyncio.create_task(asyncio.sleep(30)) for _ in range(1000))


kept: list[asyncio.Task[Any]] = []


@hostile(on=LOOPS)
async def leaves_a_task_that_fails() -> None:
    async def fails() -> None:
        raise ValueError("nobody hears it")

    asyncio.create_task(fails())  # noqa: RUF006 (that is the misbehaviour)
    await asyncio.sleep(0)


@hostile(on=LOOPS)
async def leaves_a_callback_that_fails() -> None:
    asyncio.get_running_loop().call_soon(lambda: 1 / 0)
    await asyncio.sleep(0)


@hostile()
def leaves_a_thread_that_reports_on(ctx: JobContext) -> None:
    progress = ctx.progress
    began = threading.Event()

    def report() -> None:
        try:
            while not app.finish.is_set():
                progress.update(1, f"{time.monotonic()}")
                began.set()
                time.sleep(0.001)
        except NotInJob as error:
            app.late.append(str(error))

    threading.Thread(target=report, daemon=True).start()
    began.wait()


@hostile()
def leaves_a_thread_that_is_no_daemon() -> None:
    threading.Thread(target=lambda: app.finish.wait(20)).start()


@hostile(on=LOOPS)
async def leaves_a_generator_open() -> None:
    async def endless() -> Any:
        try:
            while True:
                yield 1
        finally:
            raise ValueError("closed")

    async for _ in endless():
        break


@hostile()
def leaves_what_fails_in_its_destructor() -> None:
    class Bad:
        def __del__(self) -> None:
            logging.getLogger().warning("logged by a destructor")
            raise ValueError("in a destructor")

    knot = [Bad()]
    knot.append(knot)  # type: ignore[arg-type]
    del knot
    gc.collect()
