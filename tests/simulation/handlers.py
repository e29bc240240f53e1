"""The handlers of the simulated processes: quick, slow, failing, deaf, deadly."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Iterable, Iterator
from typing import Any

from dayjob import JobContext, JobRegistry, Retry, constant
from dayjob.errors import Stopped, Waiting

from .threads import this_thread

KINDS = (
    "quick", "slow", "failing_for_good", "failing", "again", "deaf", "hears_twice", "resuming", "threaded", "poison",
    "blocking", "tardy", "limited", "limited", "keyed", "fragile", "family", "family_in_thread",
)  # fmt: skip
_FAMILIES = ("family", "family_in_thread")


class Now:
    """In which world handlers run. The types are made once, for that takes longer than a run."""

    world: Any = None


now = Now()


class _Odd(BaseException):
    """No `Exception`."""


def registry(kinds: Iterable[str] = ()) -> JobRegistry:
    """Some of the job types, or all; each type costs each claim two statements."""
    chosen = JobRegistry()
    wanted = {*kinds, *(each for kind in kinds if kind in _FAMILIES for each in ("family", "child"))}
    chosen.job_types = {name: kind for name, kind in _all().job_types.items() if name in wanted or not kinds}
    return chosen


@functools.cache
def _all() -> JobRegistry:
    """The job types of all simulated processes; the world learns what their handlers do."""
    types = JobRegistry()

    @contextlib.contextmanager
    def attempt(ctx: JobContext) -> Iterator[dict[str, Any]]:
        world, process = now.world, now.world.scheduler.current
        run = world.audit.began(ctx.job_id, ctx.attempt, process)
        how = "stopped"
        try:
            yield {"attempt": ctx.attempt}
            how = "returned"
        except (asyncio.CancelledError, Stopped, GeneratorExit):
            raise
        except Waiting:
            how = "waits"
            raise
        except BaseException:
            how = "raised"
            raise
        finally:
            if not (world.scheduler.over or process.dead):
                run.how = how
                world.say(process, how, ctx.job_id, ctx.attempt)

    async def work(ctx: JobContext, steps: int, longest: float) -> None:
        for step in range(steps):
            await asyncio.sleep(now.world.random.random() * longest)
            await ctx.progress.update(1, f"{ctx.attempt}:{step}", total=steps)
            if now.world.random.random() < 0.2:
                ctx.log.info("attempt %d, step %d", ctx.attempt, step)

    @types.job("quick")
    async def quick(ctx: JobContext, token: int) -> Any:
        with attempt(ctx) as result:
            return result

    @types.job("slow", timeout=60)
    async def slow(ctx: JobContext, token: int) -> Any:
        with attempt(ctx) as result:
            await work(ctx, now.world.random.randrange(1, 8), 2.0)
            return result

    @types.job("failing", max_attempts=3, backoff=constant(1))
    async def failing(ctx: JobContext, token: int) -> Any:
        with attempt(ctx) as result:
            await work(ctx, 1, 1.0)
            if now.world.random.random() < 0.7:
                raise ValueError("it does not work")
            return result

    @types.job("again", max_attempts=4)
    async def again(ctx: JobContext, token: int) -> Any:
        with attempt(ctx) as result:
            if now.world.random.random() < 0.6:
                raise Retry("not yet", after=now.world.random.random() * 5)
            return result

    @types.job("deaf")
    async def deaf(ctx: JobContext, token: int) -> Any:
        with attempt(ctx) as result:
            ends = now.world.scheduler.now + now.world.random.random() * 15
            while now.world.scheduler.now < ends:
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.sleep(ends - now.world.scheduler.now)
            return result

    @types.job("hears_twice")
    async def hears_twice(ctx: JobContext, token: int) -> Any:
        with attempt(ctx) as result:
            try:
                await asyncio.sleep(now.world.random.random() * 5)
            except asyncio.CancelledError:
                await asyncio.sleep(now.world.random.random() * 3)
                if now.world.random.random() < 0.5:
                    raise
            return result

    @types.job("resuming", max_attempts=2, backoff=constant(1))
    async def resuming(ctx: JobContext, token: int) -> Any:
        with attempt(ctx) as result:
            done = ctx.restored["done"] if ctx.restored else 0
            for step in range(done, 5):
                await ctx.progress.update(1, f"{ctx.attempt}:{step}", total=5)
                await asyncio.sleep(now.world.random.random())
                await ctx.checkpoint({"attempt": ctx.attempt, "done": step + 1})
                if now.world.random.random() < 0.1:
                    raise ValueError("it broke off")
            return result

    @types.job("threaded", max_attempts=2, backoff=constant(1))
    def threaded(ctx: JobContext, token: int) -> Any:
        with attempt(ctx) as result:
            for step in range(now.world.random.randrange(1, 5)):
                this_thread().nap(now.world.random.random() * 2)  # type: ignore[union-attr]
                if now.world.random.random() < 0.8:
                    ctx.check()
                ctx.progress.update(1, f"{ctx.attempt}:{step}")
                if now.world.random.random() < 0.2:
                    ctx.checkpoint({"attempt": ctx.attempt, "done": step})
            return result

    @types.job("poison")
    async def poison(ctx: JobContext, token: int) -> Any:
        with attempt(ctx) as result:
            await work(ctx, 1, 0.3)
            now.world.crash(now.world.scheduler.current)
            await asyncio.sleep(0)
            return result

    @types.job("blocking")
    async def blocking(ctx: JobContext, token: int) -> Any:
        with attempt(ctx) as result:
            now.world.block_loop(now.world.scheduler.current, now.world.random.random() * 9)
            await asyncio.sleep(0)
            return result

    @types.job("tardy", timeout=1.5, max_attempts=2, backoff=constant(1))
    async def tardy(ctx: JobContext, token: int) -> Any:
        with attempt(ctx) as result:
            await work(ctx, 3, 1.5)
            return result

    @types.job("limited", max_concurrency=2)
    async def limited(ctx: JobContext, token: int) -> Any:
        with attempt(ctx) as result:
            await work(ctx, 1, 2.0)
            return result

    @types.job("keyed", max_concurrency=1, concurrency_key="one at a time")
    async def keyed(ctx: JobContext, token: int) -> Any:
        with attempt(ctx) as result:
            await work(ctx, 1, 1.0)
            return result

    @types.job("fragile", on_orphan="fail")
    async def fragile(ctx: JobContext, token: int) -> Any:
        with attempt(ctx) as result:
            await work(ctx, 2, 2.0)
            return result

    @types.job("child", max_attempts=2, backoff=constant(1))
    async def child(ctx: JobContext, token: int) -> Any:
        with attempt(ctx) as result:
            await work(ctx, now.world.random.randrange(3), 1.5)
            if now.world.random.random() < 0.2:
                raise ValueError("it does not work")
            return result | {"token": token}

    @types.job("family", max_attempts=9, backoff=constant(1))
    async def family(ctx: JobContext, token: int, depth: int = 1) -> Any:
        with attempt(ctx) as result:
            wanted = _wanted(token, depth)
            children = []
            for each in wanted:
                children.append(await ctx.enqueue_child(*each))
                await asyncio.sleep(now.world.random.random() * 0.3)
            ended = await ctx.join(children, return_exceptions=True)
            now.world.audit.joined(ctx.job_id, [each["token"] for _, each in wanted], ended)
            return result | {"token": token}

    @types.job("family_in_thread", max_attempts=9, backoff=constant(1))
    def family_in_thread(ctx: JobContext, token: int) -> Any:
        with attempt(ctx) as result:
            wanted = _wanted(token, depth=1)
            ended = ctx.join([ctx.enqueue_child(*each) for each in wanted], return_exceptions=True)
            now.world.audit.joined(ctx.job_id, [each["token"] for _, each in wanted], ended)
            return result

    @types.job("held")
    async def held(ctx: JobContext, token: int) -> Any:
        with attempt(ctx):
            await asyncio.Event().wait()

    @types.job("odd")
    async def odd(ctx: JobContext, token: int) -> Any:
        with attempt(ctx):
            raise _Odd

    @types.job("failing_for_good")
    async def failing_for_good(ctx: JobContext, token: int) -> Any:
        with attempt(ctx):
            raise ValueError("no")

    @types.job("blocking_long")
    async def blocking_long(ctx: JobContext, token: int) -> Any:
        with attempt(ctx) as result:
            now.world.block_loop(now.world.scheduler.current, 25.0)
            await asyncio.sleep(0)
            return result

    @types.job("tick")
    async def tick(ctx: JobContext) -> Any:
        with attempt(ctx) as result:
            return result

    return types


def _wanted(token: int, depth: int) -> list[tuple[str, dict[str, int]]]:
    """The children of a parent, the same at each attempt; some have children of their own."""
    wanted = []
    for number in range(1 + token % 3):
        child = {"token": (token + 1) * 1_000_000 + number}
        now.world.audit.asks(child["token"])
        wanted.append(("family", child | {"depth": depth - 1}) if depth and number == 1 else ("child", child))
    return wanted
