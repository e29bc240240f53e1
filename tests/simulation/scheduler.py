"""Virtual time, and the seeded order in which everything happens.

An *actor* is a queue of calls that happen in order: the event loop of a process, one task of a handler or of a client,
one thread. Between actors the seed decides. When nobody has anything to do, time goes on to the next timer.
"""

from __future__ import annotations

import asyncio
import contextvars
import heapq
import itertools
import random
from collections import deque
from collections.abc import Callable
from typing import Any

import greenlet

_ENGINE = tuple(
    f"dayjob-{name}"
    for name in ("worker-", "feeder", "rescuer", "scheduler", "pruner", "registrar", "housekeeper", "change-reader")
)


class Violation(AssertionError):
    """Something happened that must not."""


class Actor:
    """Calls of one process that happen in their order."""

    __slots__ = ("calls", "host", "listed", "on_loop")

    def __init__(self, host: Any, *, on_loop: bool) -> None:
        self.host = host
        self.calls: deque[Callable[[], Any]] = deque()
        self.listed = False
        self.on_loop = on_loop


class Scheduler:
    """Picks who goes on. Must be made in the greenlet that calls `run`."""

    def __init__(self, seed: int) -> None:
        self.now = 0.0
        self.random = random.Random(seed)
        self.current: Any = None  # the process that runs right now
        self.over = False
        self.hub = greenlet.getcurrent()
        self.calls = 0
        self._ready: list[Actor] = []
        self._timers: list[tuple[float, int, Actor, Callable[[], Any]]] = []
        self._numbers = itertools.count()

    def post(self, actor: Actor, call: Callable[[], Any]) -> None:
        """Have ``call`` happen after what the actor has to do already."""
        actor.calls.append(call)
        if not actor.listed:
            actor.listed = True
            self._ready.append(actor)

    def at(self, when: float, actor: Actor, call: Callable[[], Any]) -> None:
        """Post at a time, or up to 2 ms later: nobody's timers are exact."""
        late = self.random.random() * 0.002
        heapq.heappush(self._timers, (when + late, next(self._numbers), actor, call))

    def release(self, host: Any) -> None:
        """A process may run (again): look at its actors."""
        for actor in host.held:
            actor.listed = True
            self._ready.append(actor)
        host.held.clear()

    def run(self, until: float, done: Callable[[], bool] = lambda: False) -> bool:
        """Let everything happen up to a time; True at once when ``done`` is (which is asked when time goes on)."""
        while True:
            while self._ready:
                self._one()
            if done():
                return True
            if not self._timers or self._timers[0][0] > until:
                self.now = max(self.now, until)
                return False
            when, _, actor, call = heapq.heappop(self._timers)
            self.now = max(self.now, when)
            if not actor.host.dead:
                self.post(actor, call)

    def _one(self) -> None:
        ready = self._ready
        index = int(self.random.random() * len(ready))
        actor = ready[index]
        host = actor.host
        if not actor.calls or host.dead or host.paused or (actor.on_loop and host.blocked):
            ready[index] = ready[-1]
            ready.pop()
            actor.listed = False
            if actor.calls and not host.dead:
                host.held.append(actor)
            return
        self.calls += 1
        self.current = host
        call = actor.calls.popleft()
        asyncio._set_running_loop(host.loop)
        try:
            call()
        finally:
            asyncio._set_running_loop(None)
            self.current = None


class VirtualLoop(asyncio.AbstractEventLoop):
    """The event loop of one simulated process. No selectors: nothing here waits for the outside world."""

    def __init__(self, scheduler: Scheduler, host: Any) -> None:
        self._scheduler = scheduler
        self._host = host
        self._main = Actor(host, on_loop=True)
        self._free: dict[Any, Actor] = {}
        self.tasks: list[asyncio.Task[Any]] = []
        self.closed = False

    def time(self) -> float:
        return self._scheduler.now

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> asyncio.Handle:
        if self.closed:
            raise RuntimeError("Event loop is closed")
        handle = asyncio.Handle(callback, args, self, context or contextvars.copy_context())
        self._scheduler.post(self._actor_of(callback), lambda: None if handle._cancelled else handle._run())
        return handle

    call_soon_threadsafe = call_soon

    def call_later(self, delay: float, callback: Any, *args: Any, context: Any = None) -> asyncio.TimerHandle:
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> asyncio.TimerHandle:
        timer = asyncio.TimerHandle(when, callback, args, self, context or contextvars.copy_context())
        self._scheduler.at(when, self._main, lambda: None if timer._cancelled else timer._run())
        return timer

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """It stays where it is and does nothing."""

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Any, *, name: Any = None, context: Any = None, **_options: Any) -> asyncio.Task[Any]:
        if len(self.tasks) > 500:
            self.tasks = [task for task in self.tasks if not task.done()]
        task = asyncio.Task(coro, loop=self, name=name, context=context)
        self.tasks.append(task)
        return task

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return self.closed

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        self._host.world.unexpected(f"{context.get('message')}: {context.get('exception')!r}")

    def _actor_of(self, callback: Any) -> Actor:
        """Tasks of handlers and clients run in any order; what the engine does itself stays in asyncio's order."""
        task = getattr(callback, "__self__", None)
        if not isinstance(task, asyncio.Task) or task.get_name().startswith(_ENGINE):
            return self._main
        actor = self._free.get(task)
        if actor is None:
            actor = self._free[task] = Actor(self._host, on_loop=True)
            task.add_done_callback(lambda done: self._free.pop(done, None))
        return actor
