"""What options may be: each is checked where it is given, and the error names the option, its value and the fix.

Times are given in seconds, as a number or as a `timedelta`, and kept as floats. A bool is never a number.
"""

from __future__ import annotations

import inspect
import numbers
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from .errors import InvalidOption

T = TypeVar("T")
Seconds = float | timedelta
LONGEST = 10 * 365 * 86_400  # seconds: ten years
LONGEST_KEY = 255  # characters
LARGEST = 2**63 - 1  # that a database keeps
_MOST = 1_000_000_000
_SHOWN = 100  # characters of a value
_put = object.__setattr__


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """When, how urgently and how long a job is to run, whoever adds it; `JobQueue.enqueue` explains each."""

    priority: int = 0
    run_at: datetime | None = None
    delay: Seconds | None = None
    timeout: Seconds | None = None

    def __post_init__(self) -> None:
        """Raises `InvalidOption`. Any number or `timedelta` becomes an int or a float."""
        if type(self.priority) is not int or not -1000 <= self.priority <= 1000:
            _put(self, "priority", whole("priority", self.priority, -1000, 1000, " (the highest runs first)"))
        if self.timeout is not None:
            _put(self, "timeout", seconds("timeout", self.timeout, positive=True))
        if self.delay is not None:
            _put(self, "delay", seconds("delay", self.delay))
        if self.run_at is not None:
            moment("run_at", self.run_at)
            if self.delay is not None:
                raise InvalidOption("Give run_at or delay, not both.")


def invalid(option: str, value: Any, fix: str) -> InvalidOption:
    """The error for an option with a value that it cannot have; ``fix`` goes on after "use"."""
    shown = repr(value)
    shown = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 3] + "..."
    return InvalidOption(f"{option} is {shown}; use {fix}.")


def seconds(option: str, value: Any, *, positive: bool = False) -> float:
    """``value`` in seconds, at most ten years.

    >>> seconds("delay", timedelta(minutes=1))
    60.0
    """
    number = as_number(value)
    if number is None or not 0 <= number <= LONGEST or (positive and number == 0):
        least = "more than 0 and at most" if positive else "0 to"
        raise invalid(option, value, f"{least} ten years: a number of seconds, or a timedelta")
    return number


def whole(option: str, value: Any, least: int, most: int = _MOST, hint: str = "") -> int:
    """``value`` as an int in these bounds; what stands for one, as numpy's integers do, is one."""
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None or not least <= number <= most:
        raise invalid(option, value, f"a whole number from {least:,} to {most:,}{hint}")
    return number


def number(option: str, value: Any, least: float, most: float) -> float:
    """``value`` as a float in these bounds."""
    if isinstance(value, timedelta) or (found := as_number(value)) is None or not least <= found <= most:
        raise invalid(option, value, f"a number from {least:g} to {most:g}")
    return found


def text(option: str, value: Any, longest: int = LONGEST_KEY) -> str:
    """A ``value`` that is a text of 1 to so many characters, which a database can keep."""
    if not isinstance(value, str) or not 1 <= len(value) <= longest:
        raise invalid(option, value, f"a text of 1 to {longest} characters")
    if "\0" in value or not _is_encodable(value):
        raise invalid(option, value, "a text without NUL and without halves of surrogate pairs")
    return value


def one_of(option: str, value: Any, *choices: str) -> str:
    """A ``value`` that is one of these texts."""
    if not isinstance(value, str) or value not in choices:
        raise invalid(option, value, " or ".join(map(repr, choices)))
    return value


def moment(option: str, value: Any) -> datetime:
    """A ``value`` that is an aware datetime."""
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise invalid(option, value, "a datetime with a time zone, as datetime.now(UTC) is")
    return value


def mapping(option: str, value: Any) -> Mapping[str, Any]:
    """A ``value`` that is a mapping; None is an empty one."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise invalid(option, value, "a mapping from the names of arguments to their values, as {'user': 1}")
    return value


def instance(option: str, value: Any, kind: type[T], fix: str) -> T:
    """A ``value`` of this class."""
    if not isinstance(value, kind):
        raise invalid(option, value, fix)
    return value


def function_of(what: str, option: str, value: Any) -> Callable[[Any], Any]:
    """A ``value`` that is a plain function of one argument, which is ``what``."""
    if not callable(value) or not _takes_one(value) or inspect.iscoroutinefunction(value):
        raise invalid(option, value, f"a plain function of one argument ({what})")
    function: Callable[[Any], Any] = value
    return function


def _is_encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _takes_one(function: Callable[..., Any]) -> bool:
    try:
        inspect.signature(function).bind(None)
    except TypeError:
        return False
    except ValueError:  # some builtins have no signature
        return True
    return True


def as_number(value: Any) -> float | None:
    """``value`` as a float, None if it is no number. numpy's timedelta64 is none: its unit would be lost."""
    if isinstance(value, timedelta):
        return value.total_seconds()
    try:
        if isinstance(value, numbers.Number) and not isinstance(value, numbers.Integral):
            return float(value)  # type: ignore[arg-type]  # Decimal is a Number, and not a Real
        return None if isinstance(value, bool) else float(operator.index(value))
    except (TypeError, ValueError, OverflowError):
        return None
