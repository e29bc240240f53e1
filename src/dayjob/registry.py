"""Which job types there are, and who handles them."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable
from typing import Any, TypedDict, TypeVar, Unpack

from .arguments import Arguments, is_coroutine_function
from .errors import DuplicateJobType, UnknownJobType
from .ids import check_name
from .models import ConcurrencyKey, Handler, JobType, Unique
from .origin import Named, Origin
from .retry import Backoff, exponential
from .return_type import ReturnType
from .schedule import Schedule

F = TypeVar("F", bound=Callable[..., Any])
_LONGEST_STALL = 10 * 365 * 86_400.0  # seconds


class TypeOptions(TypedDict, total=False):
    """What ``@job`` takes beside a name and a description; `JobRegistry.register` explains each."""

    max_attempts: int
    timeout: float | None
    backoff: Backoff | None
    unique: Unique
    on_orphan: str
    stalled_after: float | None
    run_in: str | None
    max_concurrency: int | None
    concurrency_key: ConcurrencyKey | None
    max_pending: int | None
    log_level: int | str
    schedule: str | None
    time_zone: str
    missed: str


class JobRegistry:
    """Job types by name. A queue uses the module's ``registry`` unless it is given one of its own."""

    def __init__(self) -> None:
        self.job_types: dict[str, JobType] = {}
        self.schedules: dict[str, Schedule] = {}
        _registries.add(self)

    def register(
        self, job_type: str, handler: Handler, description: str = "", **options: Unpack[TypeOptions]
    ) -> JobType:
        """Make ``handler`` (a coroutine function, or a plain one, which runs in a thread) the one for ``job_type``.

        ``run_in="process"`` runs either in a child process, which can be stopped whatever it does; the handler is
        then imported there by its module and name, so it has to be a function at the top of a module.
        ``max_attempts`` counts failures, not crashes; ``timeout`` is in seconds (None: none); ``backoff`` maps the
        number of failures to seconds; ``unique`` allows one active job per arguments (True), per text (a str), or
        per text made from the arguments (a function). A job that tells no progress for ``stalled_after`` seconds is
        shown as stalled, and goes on. ``max_concurrency`` jobs run at the same time, in all processes of the database
        together; with ``concurrency_key`` so many per text made from the arguments (a function), or of all types
        together that have the same text (a str). ``max_pending`` jobs may wait at most, those for a later time
        included; one more raises `QueueFull`. ``log_level`` (a name or number of `logging`) is that of the lines of the
        logger ``dayjob.jobs`` which tell of starts and completions; ``"debug"`` for a type with thousands of jobs.
        ``schedule`` (cron, in ``time_zone``) adds a job without arguments at
        these times; `JobQueue.schedule` explains it and ``missed``.

        Raises `InvalidName`, `InvalidSchedule`, `CronMissing`, `DuplicateJobType` for a name that another handler has,
        and `TypeError` or `ValueError` for options that make no sense and annotations that cannot be read or stored.
        """
        known = self.job_types.get(check_name(job_type, "job type"))
        if known is not None and known.handler is not handler:
            raise DuplicateJobType(
                f"'{job_type}' has a handler already ({_where(known.handler)}); choose another name."
            )
        made = _made(job_type, handler, description, options)
        if (schedule := options.get("schedule")) is not None:
            time_zone, missed = options.get("time_zone", "UTC"), options.get("missed", "skip")
            self.schedules[job_type] = Schedule.of(made, schedule, time_zone=time_zone, missed=missed)
        self.job_types[job_type] = made
        return made

    def get_handler(self, job_type: str) -> Handler:
        """The handler of a type; raises `UnknownJobType`."""
        return self.get(job_type).handler

    def get(self, job_type: str) -> JobType:
        """The type with this name; raises `UnknownJobType` with the names that there are."""
        try:
            return self.job_types[job_type]
        except KeyError:
            known = ", ".join(sorted(self.job_types)) or "none yet"
            raise UnknownJobType(f"There is no job type '{job_type[:128]}'. Known: {known}.") from None

    def name_of(self, handler: Handler) -> str:
        """The type that ``handler`` runs; raises `UnknownJobType`, or `DuplicateJobType` if it runs several."""
        names = [kind.name for kind in self.job_types.values() if kind.handler == handler]
        if not names:
            raise UnknownJobType(f"{_where(handler)} is no handler here; put @job('a_name') over it.")
        if len(names) > 1:
            raise DuplicateJobType(f"{_where(handler)} runs {' and '.join(names)}; enqueue by name.")
        return names[0]

    def name_of_named(self, named: Named) -> str:
        """The type that runs a function of another process; raises as `name_of` does."""
        where = f"{named.module}.{named.name}"
        names = [kind.name for kind in self.job_types.values() if _is_like(kind.handler, named)]
        if not names:
            raise UnknownJobType(f"{where} is no handler here; put @job('a_name') over it.")
        if len(names) > 1:
            raise DuplicateJobType(f"{where} runs {' and '.join(names)}; enqueue by name.")
        return names[0]

    def job(self, job_type: str, description: str = "", **options: Unpack[TypeOptions]) -> Callable[[F], F]:
        """Decorator: register the function under it. It stays an ordinary function that can be called directly."""

        def decorate(func: F) -> F:
            self.register(job_type, func, description, **options)
            return func

        return decorate


def _made(name: str, handler: Handler, description: str, options: TypeOptions) -> JobType:
    _check_options(options)
    kept: dict[str, Any] = {key: value for key, value in options.items() if key in JobType.__slots__}
    return JobType(
        name=name,
        handler=handler,
        description=description or _first_line(handler),
        arguments=Arguments(handler),
        returns=ReturnType(handler),
        runs_in=(runs_in := _where_it_runs(handler, options.get("run_in"))),
        origin=Origin(handler) if runs_in == "process" else None,
        **kept | {"backoff": options.get("backoff") or exponential(), "log_level": _checked_level(options)},
    )


def _check_options(options: TypeOptions) -> None:
    if unknown := sorted(options.keys() - TypeOptions.__annotations__.keys()):
        raise TypeError(f"There is no option {unknown[0]}; known are {', '.join(sorted(TypeOptions.__annotations__))}.")
    if (max_attempts := options.get("max_attempts", 1)) < 1:
        raise ValueError(f"max_attempts is {max_attempts}; the first run is an attempt, so it is at least 1.")
    if (timeout := options.get("timeout")) is not None and timeout <= 0:
        raise ValueError(f"timeout is {timeout}; use a positive number of seconds, or None for no limit.")
    if (on_orphan := options.get("on_orphan", "retry")) not in ("retry", "fail"):
        raise ValueError(f"on_orphan is '{on_orphan}'; use 'retry' or 'fail'.")
    if (seconds := options.get("stalled_after")) is not None and not 0 < seconds <= _LONGEST_STALL:
        raise ValueError(f"stalled_after is {seconds}; use a positive number of seconds, or None to tell nobody.")
    _check_limits(options)


def _check_limits(options: TypeOptions) -> None:
    max_concurrency = options.get("max_concurrency")
    for name, value in (("max_concurrency", max_concurrency), ("max_pending", options.get("max_pending"))):
        if value is not None and value < 1:
            raise ValueError(f"{name} is {value}; use 1 or more, or None for no limit.")
    if options.get("concurrency_key") is not None and max_concurrency is None:
        raise ValueError("concurrency_key says what max_concurrency is counted by; give both.")


def _checked_level(options: TypeOptions) -> int:
    given = options.get("log_level", logging.INFO)
    level = logging.getLevelNamesMapping().get(given.upper()) if isinstance(given, str) else given
    if type(level) is not int or not 0 <= level <= logging.CRITICAL:
        raise ValueError(f"log_level is {given!r}; use 'debug', 'info' or another level of logging.")
    return level


def _where_it_runs(handler: Handler, run_in: str | None) -> str:
    if run_in is None:
        return "task" if is_coroutine_function(handler) else "thread"
    if run_in != "process":
        raise ValueError(f"run_in is '{run_in}'; use 'process', or leave it out.")
    return run_in


def _is_like(handler: Handler, named: Named) -> bool:
    # By name first: that is cheap, and what is no function has none.
    return getattr(handler, "__qualname__", "") == named.name and Named.of(handler).is_like(named)


def _first_line(handler: Handler) -> str:
    return (handler.__doc__ or "").strip().partition("\n")[0]


def _where(handler: Handler) -> str:
    return f"{handler.__module__}.{getattr(handler, '__qualname__', handler)}"


def registered_as(job_type: str) -> list[Handler]:
    """The handlers of this type in all registries of this process."""
    return [kind.handler for each in _registries if (kind := each.job_types.get(job_type)) is not None]


_registries: weakref.WeakSet[JobRegistry] = weakref.WeakSet()
registry = JobRegistry()


def job(
    job_type: str, description: str = "", *, registry: JobRegistry = registry, **options: Unpack[TypeOptions]
) -> Callable[[F], F]:
    """Make the decorated function the handler of ``job_type``; `JobRegistry.register` explains the options.

    >>> @job("greet", "Say hello", max_attempts=3)
    ... async def greet(job_id: str, name: str = "you") -> str:
    ...     return f"Hello {name}"
    """
    return registry.job(job_type, description, **options)
