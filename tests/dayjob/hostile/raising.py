"""Handlers that raise."""

from __future__ import annotations

import asyncio
import concurrent.futures
import resource
import sys
import threading
from typing import Any

from tests.dayjob.hostile.table import HERE, PROCESS, hostile
from tests.dayjob.hostile.values import Nameless, SlyText

from dayjob import Fail, Stopped


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
