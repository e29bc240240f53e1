"""What happens in a run, as data: made from a seed, replayed exactly, and made smaller when it fails."""

from __future__ import annotations

import asyncio
import random
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from dayjob import DayjobError, JobRequest
from dayjob.errors import IdempotencyConflict, JobNotFound, QueueNotRunning, StorageError

from .handlers import KINDS
from .scheduler import Violation
from .store import COMMIT_FAULTS, Rates
from .world import Process, World

_MOST_PROCESSES = 3
_AT_REST = 900.0  # virtual seconds after which everything has to be over
Step = tuple[str, float, float]  # what, and two numbers in [0, 1) that say the details

STEPS = {
    "enqueue": 10, "enqueue unique": 2, "enqueue keyed": 2, "enqueue many": 2, "enqueue later": 3, "cancel": 8,
    "follow": 4, "wait": 2, "crash": 2, "pause": 2, "resume": 3, "zombie": 1, "jump": 1, "stop": 4, "start": 4,
    "prune": 1, "time": 5,
}  # fmt: skip


@dataclass(frozen=True)
class Scenario:
    """A seed for the order of things, the faults, and the steps."""

    seed: int
    rates: Rates
    machines: int
    schedule: bool
    steps: tuple[Step, ...]
    kinds: tuple[str, ...] = KINDS

    @classmethod
    def of(cls, seed: int) -> Scenario:
        """The scenario of a seed."""
        r = random.Random(f"scenario {seed}")
        level = r.choice((0.0, 0.02, 0.05, 0.15))
        kinds = r.sample(COMMIT_FAULTS, r.randrange(1, len(COMMIT_FAULTS) + 1))
        rates = Rates(
            dict.fromkeys(kinds, level) if level else {}, level * r.random(), level * r.random(), min(0.5, level * 5)
        )
        steps = r.choices(list(STEPS), list(STEPS.values()), k=r.randrange(8, 32))
        drawn = tuple((step, r.random(), r.random()) for step in steps)
        kinds = tuple(r.sample(KINDS, 8))
        return cls(seed, rates, r.choice((1, 1, 2)), r.random() < 0.2, drawn, kinds)

    def run(self) -> World:
        """Play it; the world is closed. ``violation`` says whether something was wrong."""
        world = World(
            self.seed, self.rates, schedule=self.schedule, machines=self.machines, kinds=(*self.kinds, "tick")
        )
        try:
            _Play(world, self).run()
        except Violation as violation:
            world.violation = world.violation or violation
        except Exception as error:  # noqa: BLE001 (of the simulation itself, or out of a client: a finding like others)
            world.violation = world.violation or Violation(f"{error!r} at {_place(error)}")
        finally:
            world.close()
        return world

    def shrunk(self, tries: int = 400) -> Scenario:
        """A smaller scenario that still fails: steps are left out as long as that works (ddmin)."""
        best, size = self, max(1, len(self.steps) // 2)
        while tries > 0:
            smaller = None
            for at in range(0, len(best.steps), size):
                tries -= 1
                candidate = replace(best, steps=best.steps[:at] + best.steps[at + size :])
                if candidate.run().violation is not None:
                    smaller = candidate
                    break
                if tries <= 0:
                    break
            if smaller is not None:
                best = smaller
            elif size == 1:
                break
            else:
                size //= 2
        return best


@dataclass
class _Play:
    world: World
    scenario: Scenario
    jobs: list[str] = field(default_factory=list)
    kept: list[tuple[int, str]] = field(default_factory=list)

    def run(self) -> None:
        world = self.world
        world.start_process()
        world.run(1.0)
        for what, a, b in self.scenario.steps:
            world.say(None, "step", what)
            getattr(self, "_" + what.replace(" ", "_"))(a, b)
            self._supervise(b)
            world.run(a * a * 3)
        self._come_to_rest()

    # --- steps ---

    def _enqueue(self, a: float, b: float, **options: Any) -> None:
        self._client(
            b,
            lambda p: self._ask(
                p, self.scenario.kinds[int(a * len(self.scenario.kinds))], world_token(self.world), **options
            ),
        )

    def _enqueue_unique(self, a: float, b: float) -> None:
        kind = self.scenario.kinds[int(a * len(self.scenario.kinds))]
        self._client(b, lambda p: self._ask(p, kind, world_token(self.world), unique_key=f"{kind} is alone"))

    def _enqueue_keyed(self, a: float, b: float) -> None:
        """With an idempotency key: repeated until it is answered, now or by another process later."""
        if not self.kept or a < 0.6:
            self.kept.append((world_token(self.world), self.scenario.kinds[int(b * len(self.scenario.kinds))]))
        token, kind = self.kept[int(a * len(self.kept))]
        self._client(b, lambda p: self._insist(p, kind, token))

    def _enqueue_later(self, a: float, b: float) -> None:
        self._enqueue(a, b, delay=b * 20, priority=int(a * 3))

    def _enqueue_many(self, a: float, b: float) -> None:
        kinds = [self.scenario.kinds[int((a + n * b) % 1 * len(self.scenario.kinds))] for n in range(2 + int(b * 8))]
        self._client(b, lambda p: self._ask_many(p, [(kind, world_token(self.world)) for kind in kinds]))

    def _cancel(self, a: float, b: float) -> None:
        self._about_a_job(a, b, self._cancel_it)

    def _follow(self, a: float, b: float) -> None:
        self._about_a_job(a, b, self._follow_it)

    def _wait(self, a: float, b: float) -> None:
        self._about_a_job(a, b, self._wait_for_it)

    def _crash(self, a: float, b: float) -> None:
        self._some(a, lambda p: not p.ended, self.world.crash)

    def _pause(self, a: float, b: float) -> None:
        self._some(a, lambda p: not p.paused and not p.ended, self.world.pause)

    def _resume(self, a: float, b: float) -> None:
        self._some(a, lambda p: p.paused, self.world.resume)

    def _zombie(self, a: float, b: float) -> None:
        """Away for so long that others take its jobs, and back."""
        paused: list[Process] = []
        self._some(a, lambda p: p.usable, lambda p: (self.world.pause(p), paused.append(p)))
        self._supervise(0.0)
        self.world.run(7 + b * 6)
        for process in paused:
            self.world.resume(process)

    def _jump(self, a: float, b: float) -> None:
        seconds = (5, 60, 3600, 4 * 3600)[int(a * 4)] * (1 if b < 0.5 else -1)
        if abs(self.world.wall + seconds) < 8 * 3600:
            self.world.jump(seconds)

    def _stop(self, a: float, b: float) -> None:
        self._some(a, lambda p: p.usable, self._stop_it)

    def _stop_it(self, process: Process) -> None:
        self.world.fault("stop", process)
        process.spawn(process.stop(), "client-stop")

    def _start(self, a: float, b: float) -> None:
        if len(self._alive()) < _MOST_PROCESSES:
            self.world.start_process()

    def _prune(self, a: float, b: float) -> None:
        self._client(b, _tolerant(lambda p: p.queue.prune()))

    def _time(self, a: float, b: float) -> None:
        self.world.run(b * b * 20)

    # --- clients ---

    def _client(self, b: float, make: Callable[[Process], Any]) -> None:
        def spawn(process: Process) -> None:
            process.spawn(make(process), "client")

        self._some(b, lambda p: p.usable, spawn)

    def _about_a_job(self, a: float, b: float, make: Callable[[Process, str], Any]) -> None:
        if self.jobs:
            children = [job.id for job in self.world.audit.jobs.values() if job.parent is not None and b < 0.2]
            found = children or self.jobs
            job_id = found[-1 - int(a * a * len(found))]
            self._client(b, lambda p: make(p, job_id))

    def _some(self, a: float, condition: Callable[[Process], bool], act: Callable[[Process], Any]) -> None:
        found = [p for p in self._alive() if condition(p)]
        if found:
            act(found[int(a * len(found))])

    async def _ask(self, process: Process, kind: str, token: int, **options: Any) -> None:
        audit = self.world.audit
        audit.asks(token)
        try:
            job_id = await process.queue.enqueue(kind, job_args={"token": token}, **options)
        except (StorageError, QueueNotRunning):
            return
        self._accepted(token, job_id, options.get("unique_key"))

    async def _ask_many(self, process: Process, wanted: list[tuple[str, int]]) -> None:
        for _, token in wanted:
            self.world.audit.asks(token)
        try:
            found = await process.queue.enqueue_many([JobRequest(kind, {"token": token}) for kind, token in wanted])
        except (StorageError, QueueNotRunning):
            stored = {self.world.audit.stored.get(token) is not None for _, token in wanted}
            if len(stored) > 1:
                self.world.violated(f"of {wanted} only a part was stored")
            return
        for (_, token), job_id in zip(wanted, found, strict=True):
            self._accepted(token, job_id, None)

    async def _insist(self, process: Process, kind: str, token: int) -> None:
        for _ in range(20):
            self.world.audit.asks(token)
            try:
                job_id = await process.queue.enqueue(
                    kind, job_args={"token": token}, idempotency_key=f"request {token}"
                )
            except IdempotencyConflict as error:
                self.world.unexpected(f"request {token} conflicts with itself: {error}")
                return
            except (StorageError, QueueNotRunning):
                await asyncio.sleep(1.0)
            else:
                self._accepted(token, job_id, None)
                return

    def _accepted(self, token: int, job_id: str, unique_key: str | None) -> None:
        self.world.say(self.world.scheduler.current, "accepted", token, job_id)
        self.world.audit.accept(token, job_id, None if unique_key is None else unique_key)
        self.jobs.append(job_id)

    async def _cancel_it(self, process: Process, job_id: str) -> None:
        try:
            done = await process.queue.cancel_job(job_id)
        except (StorageError, QueueNotRunning):
            return
        self.world.say(process, "cancel accepted" if done else "cancel refused", job_id)

    async def _follow_it(self, process: Process, job_id: str) -> None:
        last: Any = None
        self.world.audit.followers[id(asyncio.current_task())] = (process, job_id)
        try:
            async for status in process.queue.updates(job_id):
                if last is not None and status.rev < last.rev:
                    self.world.violated(f"who followed job {job_id} was sent back from {last.rev} to {status.rev}")
                last = status
            self.world.audit.followed_to(job_id, last.status.value)
        except (StorageError, QueueNotRunning):
            pass
        except JobNotFound:
            if job_id not in self.world.audit.removed:
                self.world.violated(f"job {job_id} is not found")
        finally:
            self.world.audit.followers.pop(id(asyncio.current_task()), None)

    async def _wait_for_it(self, process: Process, job_id: str) -> None:
        me = id(asyncio.current_task())
        self.world.audit.followers[me] = (process, job_id)
        try:
            ended = await process.queue.wait(job_id)
            self.world.audit.followed_to(job_id, ended.status.value)
        except (StorageError, QueueNotRunning):
            pass
        except JobNotFound:
            if job_id not in self.world.audit.removed:
                self.world.violated(f"job {job_id} is not found")
        finally:
            self.world.audit.followers.pop(me, None)

    # --- the world around ---

    def _alive(self) -> list[Process]:
        return [p for p in self.world.processes if not p.dead and not p.ended]

    def _supervise(self, b: float) -> None:
        """Somebody starts what is gone, as a supervisor would."""
        if not [p for p in self._alive() if not p.stopping and not p.paused] and b < 0.7:
            self.world.start_process()

    def _come_to_rest(self) -> None:
        """No more faults: all that was accepted has to end, and nothing may be left."""
        world = self.world
        world.say(None, "comes to rest")
        world.rates = Rates()
        for process in world.processes:
            world.resume(process)
        world.wall = world.furthest
        ends = world.scheduler.now + _AT_REST
        if world.schedule:
            self._pause_schedule()
        while world.scheduler.now < ends:
            if not any(p.usable for p in self._alive()):
                world.start_process()
            world.run(5.0, self._at_rest)
            if self._at_rest():
                break
        self._two_beats()
        world.run(20.0, self._all_is_written)  # ends are tried again every 10 seconds
        self._nothing_is_left()
        for process in self._alive():
            if not process.stopping:
                process.spawn(process.stop(), "client-stop")
        world.run(30.0, lambda: all(p.ended or p.dead for p in world.processes))
        world.run(20.0, self._nobody_works)  # handlers that were written off end when they want to
        self._all_has_ended()
        world.audit.ended_well(world.path)

    def _two_beats(self) -> None:
        """In which all hear what became of their jobs; whose loop is blocked hears it when it is free again."""
        for _ in range(20):
            self.world.run(60.0, self._all_loops_answer)
            self.world.run(5.0)
            if self._all_loops_answer():
                return

    def _all_loops_answer(self) -> bool:
        return not any(process.blocked for process in self._alive())

    def _pause_schedule(self) -> None:
        """By whoever lives long enough for it."""

        async def pause(process: Process) -> bool:
            while not process.started:
                await asyncio.sleep(0.1)
            if any(each.name == "tick" for each in await process.queue.schedules()):
                await process.queue.pause_schedule("tick")
            return True

        for _ in range(20):
            process = self.world.start_process()
            task = process.spawn(pause(process), "client-pause")
            self.world.run(60.0, lambda: process.dead or task.done())  # noqa: B023 (called here only)
            if task.done() and task.result():
                return
        self.world.violated("nobody could pause the schedule")

    def _at_rest(self) -> bool:
        if self.world.audit.unfinished() or not all(p.started for p in self._alive()):
            return False
        return not any(not task.done() for p in self._alive() for task in p.loop.tasks if task.get_name() == "client")

    def _nothing_is_left(self) -> None:
        world = self.world
        if world.audit.unfinished():
            world.violated(f"never ended: {world.audit.unfinished()}")
        for process, job_id in world.audit.followers.values():
            if not process.dead:
                world.violated(
                    f"who follows job {job_id} on {process} still waits, and it is {world.audit.jobs.get(job_id)}"
                )
        for process in self._alive():
            if process.stopping:
                continue
            held = process.queue._get_engine().executions
            if held.prefetched.jobs or held.running or held.unsettled:
                world.violated(f"{process} holds {held.prefetched.jobs} {held.running} {held.unsettled}")

    def _all_is_written(self) -> bool:
        return not any(p.queue._get_engine().executions.unsettled for p in self._alive() if p.usable)

    def _nobody_works(self) -> bool:
        return all(task.done() for p in self.world.processes if not p.dead for task in p.loop.tasks)

    def _all_has_ended(self) -> None:
        for process in self.world.processes:
            if process.dead:
                continue
            threads = [thread.name for thread in process.threads if not thread.ended]
            tasks = [task for task in process.loop.tasks if not task.done()]
            if not process.ended or threads or tasks or process.files:
                self.world.violated(f"{process} was stopped, and has {threads} {tasks} {process.files}")


def _tolerant(make: Callable[[Process], Any]) -> Callable[[Process], Any]:
    async def tried(process: Process) -> None:
        try:
            await make(process)
        except DayjobError:
            return

    return tried


def _place(error: BaseException) -> str:
    return " < ".join(f"{f.filename}:{f.lineno}" for f in reversed(traceback.extract_tb(error.__traceback__)))


def world_token(world: World) -> int:
    """A number for a request."""
    return world.next_token()
