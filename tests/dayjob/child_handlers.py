"""Handlers for `run_in="process"`: the child imports them from here. Most are not what one wants in one's process."""

from __future__ import annotations

import asyncio
import ctypes
import dataclasses
import datetime
import logging
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

from dayjob import Fail, JobContext, ProgressReporter, Retry


def report(ctx: JobContext, n: int = 5) -> dict[str, Any]:
    for number in range(1, n + 1):
        ctx.progress.update(1, f"at {number}", total=n)
    return {"pid": os.getpid(), "attempt": ctx.attempt, "type": ctx.job_type}


async def coroutine(job_id: str, n: int = 3) -> int:
    progress = ProgressReporter(job_id, total_items=n)
    for _ in range(n):
        await asyncio.sleep(0)
        await progress.update()
    return n


@dataclasses.dataclass
class Summary:
    """A result with what only Python has."""

    n: int
    day: datetime.date
    prices: dict[Path, list[Decimal]]


def summary(n: int) -> Summary:
    return Summary(n, datetime.date(2026, 3, 12), {Path("a"): [Decimal("1.10")]})


async def summary_in_task(n: int) -> Summary:
    return summary(n)


def pooled(ctx: JobContext, job_id: str, threads: int = 4) -> int:
    """Counts in threads that know nothing of the job but what they are given."""

    def work(number: int) -> int:
        ctx.progress.update(1, total=2 * threads)
        ProgressReporter(job_id).update(1)
        return number

    with ThreadPoolExecutor(threads) as pool:
        return sum(pool.map(work, range(threads)))


async def pooled_in_task(ctx: JobContext, job_id: str, threads: int = 4) -> int:
    loop = asyncio.get_running_loop()

    def work(number: int) -> int:
        ctx.progress.update(1, total=2 * threads)
        ProgressReporter(job_id).update(1)
        return number

    return sum(await asyncio.gather(*(loop.run_in_executor(None, work, n) for n in range(threads))))


def tracked(ctx: JobContext, total: int = 20, sized: bool = True) -> Any:
    """Makes a checkpoint in its loop's body, and fails there now and then."""
    left = range(ctx.restored or 0, total)
    for number in ctx.progress.track(left if sized else iter(left), total=total):
        ctx.checkpoint(number + 1)
        if number + 1 == 5 * ctx.attempt:
            raise Retry(after=0)
    return ctx.attempt


async def tracked_in_task(ctx: JobContext, total: int = 20, sized: bool = True) -> Any:
    left = range(ctx.restored or 0, total)
    async for number in ctx.progress.track(left if sized else iter(left), total=total):
        await ctx.checkpoint(number + 1)
        if number + 1 == 5 * ctx.attempt:
            raise Retry(after=0)
    return ctx.attempt


def spin(ready: str) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(ready).write_text(f"{os.getpid()} {child.pid}")
    while True:
        pass


def deaf(ready: str) -> None:
    """Ignores SIGTERM and swallows everything."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(ready).write_text(f"{os.getpid()} {child.pid}")
    while True:
        time.sleep(1)


async def sleep_for_ever(ready: str) -> None:
    Path(ready).write_text(str(os.getpid()))
    await asyncio.sleep(600)


def tidy(ready: str, done: str, ctx: JobContext) -> None:
    Path(ready).write_text(str(os.getpid()))
    try:
        time.sleep(600)
    finally:
        Path(done).write_text(str(ctx.stop_reason))


def stop_its_group() -> str:
    """Ends helpers of its own as one does: by the group, of which it is one itself."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    os.killpg(os.getpgrp(), signal.SIGTERM)
    return signal.Signals(-child.wait()).name


async def stop_its_group_in_task() -> str:
    ended = stop_its_group()
    await asyncio.sleep(0)  # here the event loop hears the signal
    await asyncio.sleep(0)
    return ended


def get_away(how: str, ledger: str, ready: str = "") -> None:
    """Leaves the process group, also by being another process from now on, and goes on writing."""
    if how == "setpgid":
        os.setpgid(0, 0)
    else:
        os.setsid()
    if how == "twice" and (os.fork() or os.fork()):
        os._exit(0)
    if how == "without a supervisor":
        os.kill(os.getppid(), signal.SIGKILL)
    if how == "supervisor stopped":
        os.kill(os.getppid(), signal.SIGSTOP)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    Path(ready or f"{ledger}.ready").write_text(f"{os.getpid()}")
    while True:
        with open(ledger, "a") as lines:
            lines.write("x")
        time.sleep(0.005)


def put_away(ready: str) -> int:
    """Starts something in a session of its own, whose parent ends at once."""
    program = "import os, sys, time\nif os.fork(): os._exit(0)\nopen(sys.argv[1], 'w').write(str(os.getpid()))\n"
    subprocess.run([sys.executable, "-c", f"{program}time.sleep(600)", ready], start_new_session=True, check=True)
    while not (Path(ready).exists() and Path(ready).read_text()):
        time.sleep(0.01)
    return int(Path(ready).read_text())


async def fail_in_a_group(how: str) -> None:
    async def one() -> None:
        raise Retry("down", after=3600) if how == "retry" else Fail("Set the key.")

    async def other() -> None:
        await asyncio.sleep(0)
        raise ValueError("also this")

    async with asyncio.TaskGroup() as group:
        group.create_task(one())
        group.create_task(other())


async def check_in_a_group(ready: str, ctx: JobContext) -> None:
    async def one() -> None:
        try:
            await asyncio.sleep(600)
        finally:
            ctx.check()

    async with asyncio.TaskGroup() as group:
        group.create_task(one())
        group.create_task(one())
        Path(ready).write_text(str(os.getpid()))


def leave_a_child(ready: str) -> int:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(ready).write_text(f"{child.pid}")
    return child.pid


def segfault() -> None:
    ctypes.string_at(0)


def leave() -> None:
    os._exit(3)


def kill_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def raise_value_error() -> None:
    raise ValueError("no such thing")


def raise_system_exit() -> None:
    sys.exit(4)


def raise_fail() -> None:
    raise Fail("Set the key.")


def raise_retry(ctx: JobContext) -> int:
    if ctx.attempt == 1:
        raise Retry("not yet", after=0)
    return ctx.attempt


def return_nan() -> float:
    return float("nan")


def return_text(size: int) -> str:
    return "x" * size


def close_everything() -> str:
    os.closerange(3, 256)
    return "never heard"


def say_rubbish() -> int:
    print("this goes to the terminal, not into the pipe")
    return 1


def say(ctx: JobContext, n: int = 1) -> None:
    for number in range(1, n + 1):
        logging.getLogger("somewhere").warning("line %d", number)
    ctx.log.debug("by ctx")


def say_and_wait_for_a_kill() -> None:
    logging.getLogger("somewhere").warning("about to crash")
    while True:
        pass


def count_quietly(go_on: str, ctx: JobContext) -> int:
    """Counts up without a message until a file is there."""
    while not Path(go_on).exists():
        ctx.progress.update(1)
        time.sleep(0.01)
    return ctx.progress.processed_items


def let_a_tool_read(ctx: JobContext) -> str:
    """Starts a tool that reads standard input up to its end, as some do without being asked."""
    told = subprocess.run(["cat"], capture_output=True, text=True, check=True).stdout
    ctx.checkpoint(told)
    return told


def count_on(ledger: str, to: int, ctx: JobContext, die_at: int = -1) -> Any:
    """Counts to ``to`` over several attempts, a checkpoint for each number; its process dies at ``die_at``."""
    begins = ctx.restored or 0
    for number in range(begins + 1, to + 1):
        with Path(ledger).open("a") as lines:
            lines.write(f"{number}\n")
        ctx.progress.update(1, total=to)
        ctx.checkpoint(number)
        if number == die_at and ctx.attempt == 1:
            os._exit(1)
    return [begins, ctx.progress.processed_items]


async def count_on_in_task(ledger: str, to: int, ctx: JobContext, die_at: int = -1) -> Any:
    begins = ctx.restored or 0
    for number in range(begins + 1, to + 1):
        with Path(ledger).open("a") as lines:
            lines.write(f"{number}\n")
        await ctx.progress.update(1, total=to)
        await ctx.checkpoint(number)
        if number == die_at and ctx.attempt == 1:
            os._exit(1)
    return [begins, ctx.progress.processed_items]


def boom() -> None:
    raise KeyError("where")


def boom_with(password: str) -> None:
    raise KeyError(password)


def exit_hard() -> None:
    os._exit(7)


def say_quietly() -> None:
    logging.info("to be %s", "seen")
    logging.getLogger("its.module").info("by the module")
    logging.getLogger("its.module").debug("nor this")
    logging.getLogger("its.module").warning("loud")


def tell_all(ctx: JobContext, password: str, spelled: list[str], before: int, over: str) -> None:
    """Writes its password everywhere, so often that every limit cuts one: in two; ``before`` says where."""
    texts = ["_" * before + (each + "_") * (6000 // len(each)) for each in spelled]
    for text in texts:
        ctx.log.warning("%s", text)
        logging.getLogger("elsewhere").error("___" + text)
    if over == "checkpoint":
        ctx.checkpoint({"_" * before + password: object()})
    ctx.progress.stage(texts[0])
    ctx.progress.update(1, "____" + texts[0])
    kind: Any = {"fail": Fail, "retry": Retry}.get(over, KeyError)
    raise kind(texts[ctx.attempt % len(texts)])


def tell_all_in_result(password: str, before: int) -> Any:
    return {"_" * before + password: object()}
