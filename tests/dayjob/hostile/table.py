"""The table of the behaviours: where each is tried, and how its job must end."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dayjob import JobContext, JobQueue

GRACE = 0.3  # seconds
ALL, TASK, THREAD, PROCESS = ("task", "thread", "process"), ("task",), ("thread",), ("process",)
HERE = ("thread", "task")
LOOPS = ("task", "process")


@dataclass(frozen=True)
class Case:
    """A behaviour, where it is tried, what is done about it (``cancel``, or a ``timeout``), and how its job must end.

    ``error`` is a part of the job's error; a mapping tells them apart where runners differ.
    """

    name: str
    handler: Callable[..., Any]
    runners: tuple[str, ...]
    status: str | None
    error: str | dict[str, str] | None
    act: str | None

    def said(self, runner: str) -> str | None:
        return self.error.get(runner) if isinstance(self.error, dict) else self.error

    def ends(self, runner: str) -> str:
        return self.status or ("failed" if self.said(runner) else "completed")


CASES: dict[str, Case] = {}


@dataclass
class App:
    """What the handlers have to know of the app; nothing in a child process."""

    queue: JobQueue | None = None
    loop: asyncio.AbstractEventLoop | None = None
    finish: threading.Event = field(default_factory=threading.Event)  # set at its end: who ignores all stops then
    late: list[str] = field(default_factory=list)  # what handlers saw after their end


app = App()


def hostile(
    error: str | dict[str, str] | None = None,
    *,
    on: tuple[str, ...] = ALL,
    status: str | None = None,
    act: str | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add the function to the table; it must complete unless an ``error`` or a ``status`` is given."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        handler = announced(function) if act == "cancel" else function
        name = function.__name__
        CASES[name] = Case(name, handler, on, status, error, act)
        return handler

    return add


def announced(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, saying that it has begun."""

    def handler(ctx: JobContext) -> Any:
        ctx.progress.update(0, "began")
        return function()

    async def coroutine_handler(ctx: JobContext) -> Any:
        ctx.progress.update(0, "began")
        return await function()

    made = coroutine_handler if inspect.iscoroutinefunction(function) else handler
    for name in ("__module__", "__name__", "__qualname__"):  # by which a child process finds it
        setattr(made, name, getattr(function, name))
    return made


def in_task(function: Callable[..., Any]) -> Callable[..., Any]:
    """A plain function as a coroutine function with the same parameters."""
    if inspect.iscoroutinefunction(function):
        return function

    async def handler(**arguments: Any) -> Any:
        return function(**arguments)

    handler.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
    handler.__annotations__ = function.__annotations__
    return handler
