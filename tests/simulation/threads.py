"""Threads that are greenlets: they stop where they would wait, and go on when the seed says so.

Only what dayjob uses is here. Anything else raises at once, so that a new use is seen and not left to chance.
"""

from __future__ import annotations

import asyncio
import queue
import types
from collections import deque
from collections.abc import Callable
from typing import Any

import greenlet

from .scheduler import Actor, Scheduler


class Thread(greenlet.greenlet):
    """A simulated thread."""

    def __init__(self, scheduler: Scheduler, target: Callable[[], Any], name: str = "") -> None:
        super().__init__(self._body, parent=scheduler.hub)
        self._scheduler = scheduler
        self._target = target
        self.host = scheduler.current
        self.name = name
        self.actor = Actor(self.host, on_loop=False)
        self._ended = Condition(scheduler)
        self._naps = 0
        self.ended = False

    def start(self) -> None:
        self.host.threads.append(self)
        self._scheduler.post(self.actor, self.switch)

    def join(self, timeout: float | None = None) -> None:
        self._ended.wait(lambda: self.ended, timeout)

    def is_alive(self) -> bool:
        return not self.ended

    def nap(self, seconds: float | None) -> None:
        """Wait for `wake`, or for some seconds."""
        if self._scheduler.over:
            raise greenlet.GreenletExit
        self._naps += 1
        number = self._naps
        if seconds is not None:
            self._scheduler.at(self._scheduler.now + seconds, self.actor, lambda: self._resume(number))
        self.parent.switch()

    def wake(self) -> None:
        number = self._naps
        self._scheduler.post(self.actor, lambda: self._resume(number))

    def _resume(self, number: int) -> None:
        if number == self._naps and not self.dead:
            self._naps += 1
            self.switch()

    def _body(self) -> None:
        try:
            self._target()
        except greenlet.GreenletExit:
            return
        except BaseException as error:  # noqa: BLE001 (a thread that dies of an error is a finding)
            self.host.world.unexpected(f"thread {self.name} ended with {error!r}")
        finally:
            self.ended = True
        self._ended.notify()


def this_thread() -> Thread | None:
    """The simulated thread that runs now; None on the event loop."""
    current = greenlet.getcurrent()
    return current if isinstance(current, Thread) else None


class Condition:
    """Where threads wait until something is true."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._waiting: list[Thread] = []

    def wait(self, ready: Callable[[], Any], timeout: float | None) -> bool:
        thread = this_thread()
        deadline = None if timeout is None else self._scheduler.now + timeout
        while not ready():
            left = None if deadline is None else deadline - self._scheduler.now
            if left is not None and left <= 0:
                return False
            if thread is None:
                raise AssertionError("the event loop itself waits for a thread")
            self._waiting.append(thread)
            thread.nap(left)
            if thread in self._waiting:
                self._waiting.remove(thread)
        return True

    def notify(self) -> None:
        waiting, self._waiting = self._waiting, []
        for thread in waiting:
            thread.wake()


class SimpleQueue:
    def __init__(self, scheduler: Scheduler) -> None:
        self._items: deque[Any] = deque()
        self._filled = Condition(scheduler)

    def put(self, item: Any) -> None:
        self._items.append(item)
        self._filled.notify()

    put_nowait = put

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        if not self._filled.wait(lambda: self._items, timeout if block else 0.0):
            raise queue.Empty
        return self._items.popleft()

    def get_nowait(self) -> Any:
        return self.get(block=False)

    def empty(self) -> bool:
        return not self._items

    def qsize(self) -> int:
        return len(self._items)


class Event:
    def __init__(self, scheduler: Scheduler) -> None:
        self._set = False
        self._changed = Condition(scheduler)

    def set(self) -> None:
        self._set = True
        self._changed.notify()

    def clear(self) -> None:
        self._set = False

    def is_set(self) -> bool:
        return self._set

    def wait(self, timeout: float | None = None) -> bool:
        return self._changed.wait(lambda: self._set, timeout)


class Lock:
    """Nothing is held over a wait here, so it is always free."""

    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


class Local:
    """``threading.local``."""

    def __init__(self) -> None:
        self.__dict__["_of"] = {}

    def __getattr__(self, name: str) -> Any:
        try:
            return self._of[greenlet.getcurrent()][name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self._of.setdefault(greenlet.getcurrent(), {})[name] = value


class _CrossThreadFuture:
    """What ``run_coroutine_threadsafe`` returns."""

    def __init__(self, scheduler: Scheduler, coro: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._done = Condition(scheduler)
        self._task: asyncio.Task[Any] | None = None
        scheduler.current.coroutines.append(coro)
        loop.call_soon_threadsafe(self._begin, coro, loop)

    def result(self, timeout: float | None = None) -> Any:
        if not self._done.wait(lambda: self._task is not None and self._task.done(), timeout):
            raise TimeoutError
        assert self._task is not None
        return self._task.result()

    def _begin(self, coro: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._task = loop.create_task(coro)
        self._task.add_done_callback(lambda _task: self._done.notify())


def threading_module(scheduler: Scheduler) -> types.SimpleNamespace:
    """``threading``, as far as dayjob uses it."""

    def thread(target: Any, name: str = "", daemon: bool = True, args: tuple[Any, ...] = ()) -> Thread:
        return Thread(scheduler, lambda: target(*args), name)

    return types.SimpleNamespace(
        Thread=thread,
        Event=lambda: Event(scheduler),
        Lock=Lock,
        RLock=Lock,
        local=Local,
        get_ident=lambda: id(this_thread() or scheduler.current),
    )


def queue_module(scheduler: Scheduler) -> types.SimpleNamespace:
    """``queue``, as far as dayjob uses it."""
    return types.SimpleNamespace(SimpleQueue=lambda: SimpleQueue(scheduler), Empty=queue.Empty)


def asyncio_module(scheduler: Scheduler) -> types.ModuleType:
    """``asyncio``, but for its way from a thread to a coroutine and back."""
    module = types.ModuleType("asyncio")
    module.__dict__.update(asyncio.__dict__)
    module.run_coroutine_threadsafe = lambda coro, loop: _CrossThreadFuture(scheduler, coro, loop)
    return module
