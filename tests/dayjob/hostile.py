"""Handlers that misbehave, as one table, and an app that runs them: ``python -m tests.dayjob.hostile RUNNER FOLDER``.

The app is a process of its own, so that it may be spoilt as a whole: standard output, signals, warnings, logging. It
runs every behaviour in its queue, a good job after each, and prints one line of JSON about both.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import contextvars
import ctypes
import gc
import inspect
import io
import json
import logging
import math
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from dayjob import Fail, JobContext, JobQueue, JobRegistry, NotInJob, ProgressReporter, Stopped

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
finish = threading.Event()  # set at the end of the app: what ignores everything goes on until then
late: list[str] = []  # what handlers saw after their end
queue_of_app: JobQueue | None = None
loop_of_app: asyncio.AbstractEventLoop | None = None


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
    made.__name__, made.__qualname__ = function.__name__, function.__qualname__
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


# --- what is raised ---


class OneOfItsOwn(BaseException):
    """Neither an Exception nor one that Python knows."""


@hostile("SystemExit: 3")
def exits() -> None:
    sys.exit(3)


@hostile("SystemExit: 0", on=HERE)
def exits_well() -> None:
    sys.exit(0)


@hostile("KeyboardInterrupt")
def is_interrupted() -> None:
    raise KeyboardInterrupt


@hostile("GeneratorExit", on=HERE)
def raises_generator_exit() -> None:
    raise GeneratorExit


@hostile("OneOfItsOwn: mine")
def raises_a_base_exception() -> None:
    raise OneOfItsOwn("mine")


@hostile("ValueError: 1, TypeError: 2", on=HERE)
def raises_a_group() -> None:
    raise ExceptionGroup("several", [ValueError(1), ExceptionGroup("more", [TypeError(2)])])


@hostile("SystemExit: 1, KeyboardInterrupt")
def raises_a_base_group() -> None:
    raise BaseExceptionGroup("worse", [SystemExit(1), KeyboardInterrupt()])


@hostile("ValueError: 0, ValueError: 1", on=HERE)
def raises_a_crowd() -> None:
    raise ExceptionGroup("many", [ValueError(number) for number in range(20_000)])


@hostile("ValueError: the innermost", on=HERE)
def raises_a_deep_group() -> None:
    error: Exception = ValueError("the innermost")
    for number in range(500):
        error = ExceptionGroup(f"{number}", [error])
    raise error


@hostile({"task": "StopIteration", "thread": "StopIteration: over", "process": "StopIteration: over"})
def raises_stop_iteration() -> None:
    raise StopIteration("over")


@hostile("StopAsyncIteration", on=HERE)
def raises_stop_async_iteration() -> None:
    raise StopAsyncIteration


@hostile("CancelledError: the handler stopped itself although nobody had asked")
def raises_cancelled() -> None:
    raise asyncio.CancelledError("on its own")


@hostile("CancelledError: the handler stopped itself", on=HERE)
def raises_the_other_cancelled() -> None:
    raise concurrent.futures.CancelledError


@hostile("Stopped: the handler stopped itself", on=HERE)
def raises_stopped() -> None:
    raise Stopped("cancelled")


@hostile("RecursionError")
def recurses() -> None:
    recurses()


@hostile("MemoryError: no more")
def has_no_memory() -> None:
    raise MemoryError("no more")


@hostile("MemoryError", on=PROCESS)
def runs_out_of_memory() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (1 << 29, 1 << 29))
    bytearray(1 << 30)


@hostile("ValueError: " + 3000 * "x")
def raises_ten_megabytes() -> None:
    raise ValueError(10_000_000 * "x")


@hostile("Unpicklable: (<")
def raises_what_cannot_be_pickled() -> None:
    class Unpicklable(Exception):
        def __reduce__(self) -> Any:
            raise TypeError("never")

    raise Unpicklable(threading.Lock(), lambda: None)


@hostile("Silent: (its text cannot be had: ZeroDivisionError)", on=HERE)
def raises_what_has_no_text() -> None:
    class Silent(Exception):
        def __str__(self) -> str:
            return f"{1 / 0}"

    raise Silent


@hostile("Exiting: (its text cannot be had: SystemExit)")
def raises_what_exits_when_read() -> None:
    class Exiting(Exception):
        def __str__(self) -> str:
            sys.exit(1)

        __repr__ = __str__

    raise Exiting


@hostile("Wordless: (its text cannot be had: TypeError)", on=HERE)
def raises_what_has_no_string() -> None:
    class Wordless(Exception):
        def __str__(self) -> str:
            return 7  # type: ignore[return-value]

    raise Wordless


@hostile("ValueError: a\\0b\\ud800c")
def raises_what_cannot_be_stored() -> None:
    raise ValueError("a\0b\ud800c")


class SlyText(str):
    """A text whose every method lies."""

    def __getitem__(self, _key: Any) -> str:
        sys.exit(1)

    def __contains__(self, _part: object) -> bool:
        return False

    def __bool__(self) -> bool:
        sys.exit(1)

    def encode(self, *_: Any, **__: Any) -> bytes:
        return b"harmless"

    def replace(self, *_: Any, **__: Any) -> str:
        sys.exit(1)

    isascii = __bool__
    __len__ = __bool__  # type: ignore[assignment]
    __str__ = __bool__  # type: ignore[assignment]
    __hash__ = str.__hash__


@hostile("SlySpoken: sly", on=HERE)
def raises_what_has_a_sly_text() -> None:
    class SlySpoken(Exception):
        def __str__(self) -> str:
            return SlyText("sly")

    raise SlySpoken


@hostile("TwoFaced")
def raises_what_has_no_class() -> None:
    class TwoFaced(Exception):
        @property  # type: ignore[misc]
        def __class__(self) -> Any:
            raise KeyError("no class")

    raise TwoFaced


@hostile("OfNoClass", on=HERE)
def raises_what_exits_when_its_class_is_read() -> None:
    class OfNoClass(Exception):
        @property  # type: ignore[misc]
        def __class__(self) -> Any:
            sys.exit(9)

    raise OfNoClass


@hostile("Impostor: no retry", on=HERE)
def raises_what_says_it_is_a_retry() -> None:
    class Impostor(Exception):
        __class__ = Fail  # type: ignore[assignment]

    raise Impostor("no retry")


class Nameless(type):
    """Classes without a name."""

    @property
    def __name__(cls) -> str:  # type: ignore[override]
        raise SystemExit("no name")


@hostile("Nobody: no name", on=HERE)
def raises_what_has_no_name() -> None:
    class Nobody(Exception, metaclass=Nameless):
        pass

    raise Nobody("no name")


@hostile("Untraceable", on=HERE)
def raises_what_hides_its_traceback() -> None:
    class Untraceable(Exception):
        @property
        def __traceback__(self) -> Any:  # type: ignore[override]
            raise OneOfItsOwn

        __cause__ = __context__ = __notes__ = __traceback__  # type: ignore[assignment]

    raise Untraceable


@hostile("ValueError: it causes itself", on=HERE)
def raises_what_causes_itself() -> None:
    one, other = ValueError("it causes itself"), KeyError("and back")
    one.__cause__, other.__cause__ = other, one
    one.__context__, other.__context__ = other, one
    raise one


@hostile("ValueError: 2999")
def raises_a_long_chain() -> None:
    error = ValueError("the first")
    for number in range(3000):
        error, cause = ValueError(number), error
        error.__cause__ = cause
    raise error


@hostile("ValueError: noted", on=HERE)
def raises_what_has_odd_notes() -> None:
    error = ValueError("noted")
    error.__notes__ = [object(), 10_000_000 * "n", None]
    raise error


@hostile("SyntaxError", on=HERE)
def raises_an_odd_syntax_error() -> None:
    error = SyntaxError("bad")
    error.filename, error.lineno, error.offset, error.text = object(), -7, 10**9, 5  # type: ignore[assignment]
    raise error


@hostile("stop")
def fails_at_great_length() -> None:
    raise Fail("stop" + 10_000_000 * "!")


@hostile("The handler's own text")
def raises_from_a_finally() -> None:
    try:
        raise ValueError("lost")
    finally:
        raise RuntimeError("The handler's own text")


# --- what is returned ---


def circular() -> list[Any]:
    knot: list[Any] = []
    knot.append({"knot": knot})
    return knot


def nested(depth: int) -> Any:
    value: Any = None
    for _ in range(depth):
        value = [value]
    return value


class Point(NamedTuple):
    x: int
    y: int


class LyingClass:
    """Says that it is a dict."""

    __class__ = dict  # type: ignore[assignment]

    def __len__(self) -> int:
        return 1

    def items(self) -> Iterator[tuple[str, None]]:
        while True:
            yield "", None


class ExitingClass:
    """Exits when somebody wants to know what it is."""

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        sys.exit(5)


class EndlessDict(dict[str, Any]):
    """Goes on for ever when it is read."""

    def items(self) -> Any:
        while True:
            yield "", None

    __iter__ = items


class EndlessList(list[Any]):
    """Goes on for ever when it is read."""

    def __iter__(self) -> Iterator[None]:
        while True:
            yield None


class SlyNumber(int):
    """As large or as small as anybody likes."""

    def __le__(self, _other: object) -> bool:
        return True

    __ge__ = __lt__ = __gt__ = __le__

    def __repr__(self) -> str:
        return "sly"


RESULTS: dict[str, tuple[Callable[[], Any], str | None]] = {
    "circular": (circular, "deeper than 64 levels (or contains itself)"),
    "100_levels": (lambda: nested(100), "deeper than 64 levels"),
    "100000_levels": (lambda: nested(100_000), "deeper than 64 levels"),
    "nan": (lambda: {"a": [math.nan]}, "The result at /a/0 is nan, which JSON does not have"),
    "infinity": (lambda: -math.inf, "is -inf"),
    "2_megabytes": (lambda: 2_000_000 * "x", "larger than 1,048,576 bytes"),
    "2_megabytes_of_quotes": (lambda: 600_000 * '"', "larger than 1,048,576 bytes"),
    "a_million_nulls": (lambda: 1_000_000 * [None], "larger than 1,048,576 bytes"),
    "1_megabyte_of_umlauts": (lambda: 524_000 * "ä", None),
    "1_megabyte_of_quotes": (lambda: 524_000 * '"', None),
    "half_a_pair": (lambda: ["\ud800"], "half of a surrogate pair"),
    "half_a_pair_as_key": (lambda: {"\udfff": 1}, "half of a surrogate pair"),
    "nul": (lambda: "a\0b", "contains a NUL character"),
    "2_to_the_63": (lambda: 2**63, "integer of more than 64 bits"),
    "5000_digits": (lambda: 10**5000, "integer of more than 64 bits"),
    "number_as_key": (lambda: {1: 2, "1": 3}, "key of type int"),
    "none_as_key": (lambda: {None: 2}, "key of type NoneType"),
    "bytes": (lambda: b"x", "is a bytes, which JSON does not have"),
    "set_of_sets": (lambda: {frozenset({b"x"})}, "is a bytes"),
    "generator": (lambda: (x for x in "ab"), "is a generator, which JSON does not have; use a list"),
    "exception": (lambda: ValueError("x"), "is a ValueError"),
    "decimal": (lambda: {Decimal("0.1"): Decimal("NaN")}, None),
    "complex": (lambda: [1j], "is a complex"),
    "lock": (threading.Lock, "is a lock"),
    "function": (lambda: circular, "is a function"),
    "ellipsis": (lambda: ..., "is a ellipsis"),
    "lying_class": (LyingClass, "is a LyingClass"),
    "exiting_class": (ExitingClass, "is a ExitingClass"),
    "nameless_class": (lambda: Nameless("Nobody", (), {})(), "is a Nobody"),
    "endless_dict": (lambda: EndlessDict(a=1), None),
    "endless_list": (lambda: EndlessList([1]), None),
    "sly_text": (lambda: SlyText("\ud800"), "half of a surrogate pair"),
    "sly_key": (lambda: {SlyText("a\0"): 1}, "contains a NUL character"),
    "sly_number": (lambda: SlyNumber(2**70), "integer of more than 64 bits"),
    "named_tuple": (lambda: Point(1, 2), None),
}


# Where a child process is different: who reads them, and how they come through its pipe.
IN_CHILDREN = ["circular", "100000_levels", "nan", "a_million_nulls", "1_megabyte_of_umlauts", "1_megabyte_of_quotes"]
IN_CHILDREN += [
    "half_a_pair",
    "lying_class",
    "exiting_class",
    "endless_dict",
    "endless_list",
    "sly_text",
    "named_tuple",
]


def _returns(name: str) -> Callable[[], Any]:
    def returns() -> Any:
        return RESULTS[name][0]()

    returns.__name__ = returns.__qualname__ = f"returns_{name}"
    return returns


for _name, (_, _error) in RESULTS.items():
    _function = _returns(_name)
    globals()[_function.__name__] = hostile(_error, on=ALL if _name in IN_CHILDREN else HERE)(_function)


@hostile("cannot reuse already awaited coroutine", on=("thread", "process"))
def returns_a_coroutine() -> Any:
    coroutine = asyncio.sleep(0)
    coroutine.close()
    return coroutine


# --- who does not stop ---


def _in_a_child() -> bool:
    return queue_of_app is None


OFF = "did not stop within 0.3 s, so its slot was written off"
OVER = "The job ran longer than its timeout."


@hostile({"thread": OFF}, on=("thread", "process"), status="cancelled", act="cancel")
def burns_the_processor() -> None:
    began = time.monotonic()
    while time.monotonic() - began < 2 or _in_a_child():
        pass


@hostile({"thread": OFF}, on=("thread", "process"), status="cancelled", act="cancel")
def sleeps() -> None:
    time.sleep(8)


@hostile(on=TASK, status="completed", act="cancel")
def sleeps_on_the_loop() -> None:
    time.sleep(0.5)


@hostile({"thread": f"{OVER} The handler {OFF}", "process": OVER}, on=("thread", "process"), act="timeout")
def burns_the_processor_for_too_long() -> None:
    began = time.monotonic()
    while time.monotonic() - began < 2 or _in_a_child():
        pass


@hostile(OVER, on=LOOPS, act="timeout")
async def waits_for_too_long() -> None:
    await asyncio.Event().wait()


@hostile(on=LOOPS, status="cancelled", act="cancel")
async def swallows_the_cancel_once() -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(30)
    raise asyncio.CancelledError


@hostile({"task": OFF}, on=LOOPS, status="cancelled", act="cancel")
async def swallows_every_cancel() -> None:
    while not finish.is_set():
        with contextlib.suppress(BaseException):
            await asyncio.sleep(0.05)


@hostile({"task": OFF}, on=LOOPS, status="cancelled", act="cancel")
async def waits_on_in_finally() -> None:
    try:
        await asyncio.sleep(30)
    finally:
        while not finish.is_set():
            await asyncio.sleep(0.05)


@hostile("ValueError: instead of a cancel", on=LOOPS, status="cancelled", act="cancel")
async def answers_a_cancel_with_an_error() -> None:
    try:
        await asyncio.sleep(30)
    finally:
        raise ValueError("instead of a cancel")


@hostile("SystemExit: 4", on=LOOPS, status="cancelled", act="cancel")
async def answers_a_cancel_with_an_exit() -> None:
    try:
        await asyncio.sleep(30)
    finally:
        sys.exit(4)


@hostile(on=LOOPS, status="completed", act="cancel")
async def is_done_in_spite_of_a_cancel() -> str:
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(30)
    return "done"


@hostile(OFF, on=TASK, status="cancelled", act="cancel")
async def returns_too_late_what_exits_when_shown() -> Any:
    class Exits:
        def __repr__(self) -> str:
            sys.exit(6)

    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.sleep(30)
    await asyncio.sleep(GRACE + 0.2)
    return Exits()


@hostile("CancelledError: the handler stopped itself", on=LOOPS)
async def cancels_its_own_task() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.sleep(30)


@hostile(on=TASK, status="cancelled")
async def cancels_its_own_job(job_id: str) -> None:
    assert queue_of_app is not None
    assert await queue_of_app.cancel_job(job_id)
    await asyncio.sleep(30)


@hostile(on=THREAD, status="cancelled")
def cancels_its_own_job_from_a_thread(ctx: JobContext) -> None:
    assert queue_of_app is not None
    assert loop_of_app is not None
    asyncio.run_coroutine_threadsafe(queue_of_app.cancel_job(ctx.job_id), loop_of_app).result()
    while True:
        ctx.check()


@hostile(OVER, on=TASK, act="timeout")
async def waits_for_itself(job_id: str) -> None:
    assert queue_of_app is not None
    await queue_of_app.wait(job_id)


@hostile(on=PROCESS, status="cancelled", act="cancel")
def ignores_the_signal() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        time.sleep(1)


@hostile(OVER, on=PROCESS, act="timeout")
def stands_still() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


@hostile(OVER, on=PROCESS, act="timeout")
def stops_who_watches_it() -> None:
    os.kill(os.getppid(), signal.SIGSTOP)
    time.sleep(30)


# --- who takes the process along ---


@hostile("exit code 7", on=PROCESS)
def ends_its_process() -> None:
    os._exit(7)


@hostile("exit code 0", on=PROCESS)
def ends_its_process_quietly() -> None:
    os._exit(0)


@hostile("signal SIGSEGV", on=PROCESS)
def reads_address_zero() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.string_at(0)


@hostile("signal SIGABRT", on=PROCESS)
def aborts() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.abort()


@hostile("signal SIGKILL", on=PROCESS)
def kills_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@hostile("signal SIGKILL", on=PROCESS)
def kills_its_group() -> None:
    os.killpg(0, signal.SIGKILL)


@hostile("signal SIGKILL", on=PROCESS)
def kills_who_watches_it() -> None:
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(30)


@hostile("signal SIGALRM", on=PROCESS)
def sets_an_alarm() -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    time.sleep(30)


@hostile("exit code 0", on=PROCESS)
def closes_all_files() -> None:
    os.closerange(0, 64)


NOISE = "The child process said what nobody understands"


def _say(data: bytes) -> None:
    os.write(int(sys.orig_argv[-1]), data)


@hostile(NOISE, on=PROCESS)
def says_nonsense() -> None:
    _say(b"nonsense\n")
    time.sleep(30)


@hostile(NOISE, on=PROCESS)
def says_null() -> None:
    _say(b"null\n")


@hostile(NOISE, on=PROCESS)
def says_half_a_progress() -> None:
    _say(b'{"progress": {"processed": "many"}}\n')


@hostile(NOISE, on=PROCESS)
def says_what_is_no_result() -> None:
    _say(b'{"result": "]"}\n')


@hostile(NOISE, on=PROCESS)
def says_a_line_without_end() -> None:
    for _ in range(64):
        _say(100_000 * b"x")


@hostile(NOISE, on=PROCESS)
def says_what_is_no_text() -> None:
    _say(b"\xff\xfe\n")


@hostile(on=PROCESS)
def forks_and_both_return() -> str:
    child = os.fork()
    if child:
        os.waitpid(child, 0)
    return "parent" if child else "child"


@hostile(on=PROCESS)
def leaves_a_process_of_another_session() -> None:
    if os.fork() == 0:
        os.setsid()
        time.sleep(3)
        os._exit(0)


@hostile(on=PROCESS)
def leaves_a_process_behind() -> None:
    subprocess.Popen(["sleep", "30"])


@hostile(on=ALL)
def forks_a_child_that_ends() -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer Pythons say that this is dangerous, and it is
        child = os.fork()
    if child == 0:
        os._exit(0)
    return os.waitpid(child, 0)[1]


# --- what is left behind ---


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
            while not finish.is_set():
                progress.update(1, f"{time.monotonic()}")
                began.set()
                time.sleep(0.001)
        except NotInJob as error:
            late.append(str(error))

    threading.Thread(target=report, daemon=True).start()
    began.wait()


@hostile()
def leaves_a_thread_that_is_no_daemon() -> None:
    threading.Thread(target=lambda: finish.wait(20)).start()


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


# --- logging ---


class Mute(logging.Handler):
    """Raises at every record."""

    def emit(self, record: logging.LogRecord) -> None:
        raise OSError("this handler is broken")


@hostile("OSError: this handler is broken")
def adds_a_log_handler_that_raises() -> None:
    logger = logging.getLogger("mute")
    logger.addHandler(Mute())
    logger.warning("heard by nobody")


@hostile(on=HERE)
def breaks_the_logs_of_dayjob() -> None:
    logging.getLogger("dayjob").addHandler(Mute())


@hostile()
def logs_what_cannot_be_formatted() -> None:
    class Hidden:
        def __str__(self) -> str:
            raise ValueError("not to be shown")

    logging.getLogger("its.own").warning("%d %s", "no number", Hidden(), 3)
    logging.getLogger("its.own").warning(Hidden())  # type: ignore[arg-type]
    logging.getLogger("its.own").warning("\ud800\0 %s", 5_000_000 * "x")


@hostile()
def logs_without_end(ctx: JobContext) -> None:
    for number in range(20_000):
        ctx.log.info("line %d", number)


@hostile()
def takes_the_log_handlers_away() -> None:
    logging.getLogger().handlers.clear()
    logging.shutdown()


@hostile()
def switches_logging_off() -> None:
    logging.disable(logging.CRITICAL)
    logging.raiseExceptions = True


# --- progress, checkpoints, context ---


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


# --- who spoils the process ---


@hostile(on=LOOPS, error="Cannot close a running event loop")
async def closes_the_loop() -> None:
    asyncio.get_running_loop().close()


@hostile("Event loop stopped before Future completed", on=PROCESS)
async def stops_the_loop() -> None:
    asyncio.get_running_loop().stop()
    await asyncio.sleep(30)


@hostile(on=TASK)
async def breaks_the_exception_handler() -> None:
    def handler(*_: object) -> None:
        raise OSError("in the exception handler")

    loop = asyncio.get_running_loop()
    loop.set_exception_handler(handler)
    loop.call_soon(lambda: 1 / 0)
    await asyncio.sleep(0.01)


@hostile({"task": "cannot be called from a running event loop"}, on=HERE)
def runs_a_loop_of_its_own() -> None:
    coroutine = asyncio.sleep(0)
    try:
        asyncio.run(coroutine)
    finally:
        coroutine.close()


@hostile()
def takes_the_loop_away() -> None:
    asyncio.set_event_loop(None)


@hostile({"thread": "signal only works in main thread"})
def takes_the_signals() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


@hostile()
def goes_elsewhere() -> None:
    os.chdir("/")


@hostile()
def takes_stdout_away() -> None:
    sys.stdout = None  # type: ignore[assignment]


@hostile()
def closes_stdout() -> None:
    sys.stdout = io.StringIO()
    sys.stdout.close()


@hostile()
def closes_stderr() -> None:
    sys.stderr = io.StringIO()
    sys.stderr.close()


@hostile()
def makes_errors_of_warnings() -> None:
    warnings.simplefilter("error")


@hostile()
def clears_the_environment() -> None:
    os.environ.clear()


@hostile(on=PROCESS)
def clears_the_modules() -> None:
    sys.modules.clear()


@hostile(on=PROCESS)
def forbids_files() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


@hostile()
def stops_the_collector() -> None:
    gc.disable()
    gc.freeze()


@hostile("ValueError: in the trace function")
def sets_a_broken_trace() -> None:
    def trace(*_: object) -> None:
        raise ValueError("in the trace function")

    sys.settrace(trace)  # which Python forgets when it raises
    (lambda: None)()


@hostile(on=HERE)
def breaks_the_hooks() -> None:
    def hook(*_: object) -> None:
        raise ValueError("in a hook")

    sys.excepthook = threading.excepthook = sys.unraisablehook = hook  # type: ignore[assignment]


# --- the app ---


@dataclass
class Seen:
    """What became of one behaviour, and of the good job after it."""

    name: str
    status: str
    error: str | None
    result: Any
    good: Any
    seconds: float
    problems: list[str] = field(default_factory=list)


def good(number: int) -> int:
    return number + 1


async def good_in_task(number: int) -> int:
    return number + 1


class App:
    """A queue with one slot (four for child processes, which take their time), in which all behaviours are tried."""

    def __init__(self, runner: str, folder: Path) -> None:
        self._runner = runner
        self._out = os.fdopen(os.dup(1), "w")
        self._lanes = 4 if runner == "process" else 1
        self._registry = JobRegistry()
        self._registry.register("good", good_in_task if runner != "thread" else good)
        url = f"sqlite:///{folder}/{runner}.db"
        self._queue = JobQueue(url, registry=self._registry, max_workers=self._lanes, grace=GRACE, durability="process")

    async def run(self) -> None:
        global queue_of_app, loop_of_app
        queue_of_app, loop_of_app = self._queue, asyncio.get_running_loop()
        async with self._queue:
            cases = iter([case for case in CASES.values() if self._runner in case.runners])
            await asyncio.gather(*(self._lane(cases) for _ in range(self._lanes)))
            began = time.monotonic()
        self._tell({"stopped_in": time.monotonic() - began, "late": len(late)})
        finish.set()

    async def _lane(self, cases: Iterator[Case]) -> None:
        for case in cases:
            began = time.monotonic()
            try:
                seen = await self._try(case)
            except TimeoutError:
                seen = Seen(case.name, "hangs", None, None, None, 0)
            seen.seconds = round(time.monotonic() - began, 2)
            self._tell(vars(seen))

    async def _try(self, case: Case) -> Seen:
        handler = in_task(case.handler) if self._runner == "task" else case.handler
        options: dict[str, Any] = {"run_in": "process"} if self._runner == "process" else {}
        if case.act == "timeout":
            options["timeout"] = 1.0 if self._runner == "process" else 0.1
        self._registry.register(case.name, handler, **options)
        job_id = await self._queue.enqueue(case.name)
        if case.act == "cancel":
            await self._begun(job_id)
            await self._queue.cancel_job(job_id)
        job = await self._queue.wait(job_id, timeout=15)
        after = await self._queue.result(await self._queue.enqueue("good", job_args={"number": 1}), timeout=15)
        shown = job.result if len(repr(job.result)) < 100 else "(long)"
        return Seen(case.name, job.status.value, job.error, shown, after, 0)

    async def _begun(self, job_id: str) -> None:
        async for status in self._queue.updates(job_id):
            if status.message == "began":
                break

    def _tell(self, seen: dict[str, Any]) -> None:
        self._out.write(json.dumps(seen) + "\n")
        self._out.flush()


if __name__ == "__main__":
    from tests.dayjob import hostile as module  # the child processes must find the handlers by this name

    asyncio.run(module.App(sys.argv[1], Path(sys.argv[2])).run())
