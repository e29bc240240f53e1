"""Which job types there are, and who handles them."""

from __future__ import annotations

import dataclasses
import logging
import weakref
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any, TypedDict, TypeVar, Unpack, overload

from .arguments import Arguments, is_coroutine_function
from .definition import check_handler, is_newer, place_of
from .errors import DuplicateJobType, InvalidOption, UnknownJobType
from .ids import check_name
from .models import LONGEST_CONCURRENCY_KEY, ConcurrencyKey, Handler, JobType, Unique
from .options import Seconds, function_of, instance, invalid, one_of, refuse_unknown, seconds, text, whole
from .origin import Named, Origin
from .retry import AnyBackoff, backoff_of
from .return_type import ReturnType
from .schedule import Schedule

F = TypeVar("F", bound=Callable[..., Any])


class TypeOptions(TypedDict, total=False):
    """What ``@job`` takes beside a name and a description; `JobRegistry.register` explains each."""

    max_attempts: int
    timeout: Seconds | None
    backoff: AnyBackoff | None
    unique: Unique
    on_orphan: str
    stalled_after: Seconds | None
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
        ``max_attempts`` counts failures, not crashes; ``timeout`` is in seconds (None: none), as a number or a
        `timedelta`; ``backoff`` is the pause before the next attempt: seconds, or a list of them (the last one stays),
        or a function from the number of failures to seconds; ``unique`` allows one active job per arguments (True), per
        text (a str), or per text made from the arguments (a function). A job that tells no progress for
        ``stalled_after`` seconds is shown as stalled, and goes on. ``max_concurrency`` jobs run at the same time, in
        all processes of the database together; with ``concurrency_key`` so many per text made from the arguments (a
        function), or of all types together that have the same text (a str). ``max_pending`` jobs may wait at most,
        those for a later time included; one more raises `QueueFull`. ``log_level`` (a name or number of `logging`) is
        that of the lines of the logger ``dayjob.jobs`` which tell of starts and completions; ``"debug"`` for a type
        with thousands of jobs. ``schedule`` (cron, in ``time_zone``) adds a job without arguments at these times;
        `JobQueue.schedule` explains it and ``missed``.

        A newer definition of the same function (its module was loaded again, also under another name, or its cell of a
        notebook was) takes the place of the older one, with its options and its schedule: jobs that begin from then on
        use it.

        Raises `InvalidName`, `InvalidSchedule`, `CronMissing`, `DuplicateJobType` for a name that another function has,
        `InvalidOption` (a `ValueError`) for an option that makes no sense, and `TypeError` for one that there is not,
        for annotations that cannot be read or stored, and for what cannot be a handler: a generator, a method without
        its object, a class.
        """
        self._check_free(check_name(job_type, "job type"), handler)
        made = _make_type(job_type, handler, description, options)
        schedule = _schedule_of(made, options)
        self.schedules.pop(job_type, None)
        if schedule is not None:
            self.schedules[job_type] = schedule
        self.job_types[job_type] = made
        return made

    def ensure(self, job_type: str, handler: Handler) -> None:
        """Have ``handler`` run the jobs of a type: of a new one, or of one that it, or an older definition of it, runs.

        The type keeps its options. Raises what `register` raises.
        """
        known = self.job_types.get(job_type)
        if known is None:
            self.register(job_type, handler)
        elif known.handler != handler:
            self._check_free(job_type, handler)
            runs_in = _where_it_runs(handler, "process" if known.runs_in == "process" else None)
            self.job_types[job_type] = dataclasses.replace(
                known,
                handler=handler,
                arguments=Arguments(handler),
                returns=ReturnType(handler),
                runs_in=runs_in,
                origin=Origin(handler) if runs_in == "process" else None,
            )

    def _check_free(self, job_type: str, handler: Handler) -> None:
        check_handler(handler)
        known = self.job_types.get(job_type)
        if known is not None and known.handler != handler and not is_newer(handler, known.handler):
            raise DuplicateJobType(
                f"'{job_type}' has a handler already: {place_of(known.handler)}. {place_of(handler)} is another one; "
                "choose another name."
            )

    def get_handler(self, job_type: str) -> Handler:
        """The handler of a type; raises `UnknownJobType`."""
        return self.get(job_type).handler

    def get(self, job_type: str) -> JobType:
        """The type with this name; raises `UnknownJobType` with the names that there are."""
        try:
            return self.job_types[job_type]
        except KeyError:
            known = ", ".join(sorted(self.job_types)) or "none yet"
            raise UnknownJobType(f"There is no job type '{job_type!s:.128}'. Known: {known}.") from None

    def name_of(self, handler: Handler) -> str:
        """The type that ``handler`` runs; raises `UnknownJobType`, or `DuplicateJobType` if it runs several."""
        known = self.job_types.values()
        names = [each.name for each in known if each.handler == handler]
        return _only(names or [each.name for each in known if is_newer(each.handler, handler)], place_of(handler))

    def name_of_named(self, named: Named) -> str:
        """The type that runs a function of another process; raises as `name_of` does."""
        names = [each.name for each in self.job_types.values() if _is_like(each.handler, named)]
        return _only(names, f"{named.module}.{named.name}")

    def secret_arguments(self, job_type: str) -> Collection[str]:
        """The arguments of a type that it calls secret; of one that is not known here, none but by their names."""
        known = self.job_types.get(job_type)
        return known.arguments.secret if known else ()

    @overload
    def job(self, job_type: F, /) -> F: ...
    @overload
    def job(
        self, job_type: str | None = None, description: str = "", **options: Unpack[TypeOptions]
    ) -> Callable[[F], F]: ...
    def job(self, job_type: Any = None, description: str = "", **options: Unpack[TypeOptions]) -> Any:
        """Decorator: register the function under it. It stays an ordinary function that can be called directly.

        Without a name, as ``@registry.job`` or ``@registry.job(timeout=5)``, the type is called as the function is.
        """

        def decorate(func: F) -> F:
            name: Any = job_type if isinstance(job_type, str) else getattr(func, "__name__", func)
            self.register(name, func, description, **options)
            return func

        return decorate if job_type is None or isinstance(job_type, str) else decorate(job_type)


def _only(names: list[str], handler: str) -> str:
    if not names:
        raise UnknownJobType(f"{handler} is no handler here; put @job('a_name') over it.")
    if len(names) > 1:
        raise DuplicateJobType(f"{handler} runs {' and '.join(names)}; enqueue by name.")
    return names[0]


def _make_type(name: str, handler: Handler, description: str, options: TypeOptions) -> JobType:
    checked = _check_options(options)
    return JobType(
        name=name,
        handler=handler,
        description=instance("description", description, str, "a text") or _first_line(handler),
        arguments=Arguments(handler),
        returns=ReturnType(handler),
        runs_in=(runs_in := _where_it_runs(handler, options.get("run_in"))),
        origin=Origin(handler) if runs_in == "process" else None,
        **checked,
    )


def _schedule_of(job_type: JobType, options: TypeOptions) -> Schedule | None:
    times = {name: value for name, value in options.items() if name in ("time_zone", "missed")}
    if (schedule := options.get("schedule")) is not None:
        return Schedule.of(job_type, schedule, **times)  # type: ignore[arg-type]  # both are texts
    if times:
        raise InvalidOption(f"{next(iter(times))} says how a schedule runs; give schedule, too.")
    return None


def _check_options(options: TypeOptions) -> dict[str, Any]:
    """The options that a `JobType` keeps, as it keeps them."""
    refuse_unknown(options, TypeOptions.__annotations__)
    if options.get("concurrency_key") is not None and options.get("max_concurrency") is None:
        raise InvalidOption("concurrency_key says what max_concurrency is counted by; give both.")
    return {name: check(name, options[name]) for name, check in _CHECKS.items() if name in options}  # type: ignore[literal-required]


def _optional(check: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    return lambda option, value: None if value is None else check(option, value)


def _key(option: str, value: Any, longest: int) -> Unique:
    """A text, or the function that makes one of a job's arguments."""
    if callable(value):
        return function_of("a job's arguments, which gives a text", option, value)
    if not isinstance(value, str):
        raise invalid(option, value, "a text, or a function that makes one of a job's arguments")
    return text(option, value, longest)


def _unique(option: str, value: Any) -> Unique:
    if isinstance(value, bool):
        return value
    if value is not None and not isinstance(value, str) and not callable(value):
        raise invalid(option, value, "True, a text, or a function that makes one of a job's arguments")
    return False if value is None else _key(option, value, LONGEST_CONCURRENCY_KEY)


def _level(option: str, value: Any) -> int:
    level = logging.getLevelNamesMapping().get(value.upper()) if isinstance(value, str) else value
    if type(level) is not int or not 0 <= level <= logging.CRITICAL:
        raise invalid(option, value, "'debug', 'info' or another level of logging")
    return level


_positive = _optional(partial(seconds, positive=True))
_count = _optional(partial(whole, least=1, hint=", or None for no limit"))
_CHECKS: Mapping[str, Callable[[str, Any], Any]] = {
    "max_attempts": partial(whole, least=1, hint=" (the first run is an attempt)"),
    "timeout": _positive,
    "backoff": backoff_of,
    "unique": _unique,
    "on_orphan": lambda option, value: one_of(option, value, "retry", "fail"),
    "stalled_after": _positive,
    "max_concurrency": _count,
    "concurrency_key": _optional(partial(_key, longest=LONGEST_CONCURRENCY_KEY)),
    "max_pending": _count,
    "log_level": _level,
}


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


def registered_as(job_type: str) -> list[Handler]:
    """The handlers of this type in all registries of this process."""
    return [known.handler for each in _registries if (known := each.job_types.get(job_type)) is not None]


_registries: weakref.WeakSet[JobRegistry] = weakref.WeakSet()
registry = JobRegistry()


@overload
def job(job_type: F, /) -> F: ...
@overload
def job(
    job_type: str | None = None,
    description: str = "",
    *,
    registry: JobRegistry = registry,
    **options: Unpack[TypeOptions],
) -> Callable[[F], F]: ...
def job(
    job_type: Any = None, description: str = "", *, registry: JobRegistry = registry, **options: Unpack[TypeOptions]
) -> Any:
    """Make the decorated function the handler of ``job_type``; `JobRegistry.register` explains the options.

    Without a name, as ``@job`` or ``@job(timeout=5)``, the type is called as the function is.

    >>> @job("greet", "Say hello", max_attempts=3)
    ... async def greet(job_id: str, name: str = "you") -> str:
    ...     return f"Hello {name}"
    """
    return registry.job(job_type, description, **options)
