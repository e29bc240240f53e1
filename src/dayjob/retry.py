"""How long to wait before the next attempt: by the type's back-off, or as a handler asks with `Retry`."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from .errors import DayjobError
from .options import LONGEST, Seconds, function_of, invalid, number, seconds

Backoff = Callable[[int], Seconds]
AnyBackoff = Backoff | Seconds | Sequence[Seconds]
_MOST_FACTOR = 1_000.0


class Retry(DayjobError):
    """Raise it in a handler to run the job again after ``after`` seconds, as one failed attempt of ``max_attempts``.

    ``after`` is a number or a `timedelta`: a time that is over (less than 0) is now, None is what the type's back-off
    says. Raises `InvalidOption` for anything else.

    >>> raise Retry("The server is being restarted.", after=30)  # doctest: +SKIP
    """

    code = "retry"

    def __init__(self, message: str = "asked to be run again", *, after: Seconds | None = 0.0) -> None:
        super().__init__(message)
        self.after = None if after is None else _not_before_now(after)


def exponential(
    base: Seconds = 1.0, *, factor: float = 2.0, longest: Seconds = 3600.0, jitter: float = 0.25
) -> Callable[[int], float]:
    """Wait ``base`` seconds after the first failure and ``factor`` times as long after each further one.

    ``longest`` caps the wait (seconds); ``jitter`` spreads it by that share up and down, so that a thousand jobs
    that failed together do not come back together. Raises `InvalidOption`.

    >>> exponential(jitter=0)(3)
    4.0
    """
    first, most = seconds("base", base), seconds("longest", longest)
    growth, spread = number("factor", factor, 1, _MOST_FACTOR), number("jitter", jitter, 0, 1)

    def wait(failures: int) -> float:
        # min() first: growth ** failures overflows for a job that failed a thousand times.
        pause = min(most, first * growth ** min(failures - 1, 64))
        return pause * random.uniform(1 - spread, 1 + spread)  # noqa: S311 (jitter, not a secret)

    return wait


def constant(seconds: Seconds) -> Callable[[int], float]:
    """Wait the same number of seconds after every failure. Raises `InvalidOption`.

    >>> constant(30)(7)
    30.0
    """
    return steps([seconds])


def steps(pauses: Sequence[Seconds], option: str = "seconds") -> Callable[[int], float]:
    """Wait as the list says: its first after the first failure, and its last after all that come behind it."""
    waits = [seconds(option, pause) for pause in pauses]
    return lambda failures: waits[min(failures, len(waits)) - 1]


def backoff_of(option: str, value: Any) -> Backoff:
    """The back-off that the option of a type means: a function, or one pause, or a list of them."""
    if value is None:
        return exponential()
    if callable(value):
        return function_of("the number of failures, which gives seconds", option, value)
    pauses = value if isinstance(value, list | tuple) else [value]
    if not pauses:
        raise invalid(option, value, "at least one pause, or leave it out")
    return steps(pauses, option)


def _not_before_now(after: Any) -> float:
    over = isinstance(after, timedelta) and after < timedelta(0)
    over = over or (isinstance(after, int | float) and -LONGEST <= after < 0)
    return 0.0 if over else seconds("after", after)
