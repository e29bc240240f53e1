"""How long to wait before the next attempt: pure functions from the number of failures to seconds."""

from __future__ import annotations

import random
from collections.abc import Callable

Backoff = Callable[[int], float]


def exponential(base: float = 1.0, *, factor: float = 2.0, longest: float = 3600.0, jitter: float = 0.25) -> Backoff:
    """Wait ``base`` seconds after the first failure and ``factor`` times as long after each further one.

    ``longest`` caps the wait (seconds); ``jitter`` spreads it by that share up and down, so that a thousand jobs
    that failed together do not come back together.

    >>> exponential(jitter=0)(3)
    4.0
    """

    def wait(failures: int) -> float:
        # min() first: factor ** failures overflows for a job that failed a thousand times.
        seconds = min(longest, base * factor ** min(failures - 1, 64))
        return seconds * random.uniform(1 - jitter, 1 + jitter)  # noqa: S311 (jitter, not a secret)

    return wait


def constant(seconds: float) -> Backoff:
    """Wait the same number of seconds after every failure.

    >>> constant(30)(7)
    30
    """
    return lambda _failures: seconds
