"""Handlers that spoil progress, checkpoints and context."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import math
import threading

from tests.dayjob.hostile.table import LOOPS, hostile
from tests.dayjob.hostile.values import LyingClass, SlyNumber, SlyText, circular

from dayjob import JobContext, ProgressReporter


@hostile()
def counts_nan(ctx: JobContext) -> None:
    ctx.progress.update(math.nan)
    assert ctx.progress.processed_items == 0


@hostile()
def counts_what_is_no_number(ctx: JobContext) -> None:
    for odd in (SlyNumber(-3), SlyText("3"), LyingClass(), 10**5000, object(), print):
        ctx.progress.update(odd, odd, total=odd)  # type: ignore[arg-type]
        ctx.progress.stage(odd, total=odd, share=odd)  # type: ignore[arg-type]
    assert ctx.progress.processed_items == 0


@hostile()
def counts_backwards(ctx: JobContext) -> None:
    ctx.progress.update(-1)


@hostile()
def counts_for_ever(ctx: JobContext) -> None:
    for _ in range(100):
        ctx.progress.update(10**18, total=10**18)
    assert ctx.progress.processed_items == 9 * 10**18


@hostile()
def has_less_than_nothing_to_do(ctx: JobContext) -> None:
    ctx.progress.update(1, total=-5)


@hostile()
def has_much_to_say(ctx: JobContext) -> None:
    for _ in range(20):
        ctx.progress.update(1, 1_000_000 * "\ud800\0x")
    ctx.progress.update(1, SlyText("sly"))
    assert ctx.progress.processed_items == 21
    ctx.progress.stage(100_000 * "\0", total=10)


@hostile()
def says_what_is_no_message(ctx: JobContext) -> None:
    ctx.progress.update(1, ["a list"])


@hostile("NotInJob")
def reports_for_another_job(ctx: JobContext) -> None:
    ProgressReporter(ctx.job_id + "0").update(1)


@hostile()
def reports_from_many_threads(ctx: JobContext) -> int:
    progress = ctx.progress

    def report() -> None:
        for _ in range(200):
            progress.update(1)

    threads = [threading.Thread(target=report) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return progress.processed_items


@hostile({"task": "NotInJob"})  # the event loop is everybody's
def steps_out_of_its_context(ctx: JobContext) -> None:
    contextvars.Context().run(ProgressReporter, ctx.job_id)


@hostile()
def steps_out_of_its_context_with_what_it_has(ctx: JobContext) -> None:
    contextvars.Context().run(ctx.progress.update, 1)
    assert ctx.progress.processed_items == 1


@hostile()
def enters_its_context_again() -> None:
    contextvars.copy_context().run(lambda: list(contextvars.copy_context()))


@hostile("InvalidPayload: The checkpoint is nan")
def keeps_nan(ctx: JobContext) -> None:
    ctx.checkpoint(math.nan)


@hostile("deeper than 64 levels")
def keeps_what_contains_itself(ctx: JobContext) -> None:
    ctx.checkpoint(circular())


@hostile("PayloadTooLarge: The checkpoint is larger than 65,536 bytes")
def keeps_too_much(ctx: JobContext) -> None:
    ctx.checkpoint(1_000_000 * "x")


@hostile(on=LOOPS)
async def keeps_everything(ctx: JobContext) -> None:
    await asyncio.gather(*(ctx.checkpoint(number) for number in range(200)))


@hostile(on=LOOPS)
async def keeps_something_and_does_not_wait(ctx: JobContext) -> None:
    storing = ctx.checkpoint(1)
    if inspect.iscoroutine(storing):
        storing.close()
