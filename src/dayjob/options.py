"""What options may be: each is checked where it is given, and the error names the option, its value and the fix.

`JobOptions` are those of a job: whoever adds jobs (`JobQueue`, ``ctx.enqueue_child``, the command line, REST, a child
process) takes their names, types and checks from here. Times are given in seconds, as a number or as a `timedelta`, and
kept as floats. A bool is never a number.
"""

from __future__ import annotations

import inspect
import numbers
import operator
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, NamedTuple, TypedDict, TypeVar, get_type_hints

from .errors import InvalidOption

T = TypeVar("T")
Seconds = float | timedelta
LONGEST = 10 * 365 * 86_400  # seconds: ten years
LONGEST_KEY = 255  # characters
LARGEST = 2**63 - 1  # that a database keeps
_MOST = 1_000_000_000
_SHOWN = 100  # characters of a value


class Whole(NamedTuple):
    """An option that is a whole number in these bounds; ``default`` says no more than leaving it out."""

    help: str
    least: int
    most: int
    default: int = 0

    def check(self, option: str, value: Any) -> int | None:
        if type(value) is not int or not self.least <= value <= self.most:
            value = whole(option, value, self.least, self.most, f" ({self.help})")
        return None if value == self.default else int(value)


class Duration(NamedTuple):
    """An option that is a time in seconds, or a `timedelta`: up to ten years, 0 only if it is not ``positive``."""

    help: str
    positive: bool = False

    def check(self, option: str, value: Any) -> float | None:
        return None if value is None else seconds(option, value, positive=self.positive)


class Moment(NamedTuple):
    """An option that is an aware datetime."""

    help: str

    def check(self, option: str, value: Any) -> datetime | None:
        return None if value is None else moment(option, value)


class Text(NamedTuple):
    """An option that is a text of 1 to 255 characters."""

    help: str

    def check(self, option: str, value: Any) -> str | None:
        return None if value is None else text(option, value)


Kind = Whole | Duration | Moment | Text


class RunOptions(TypedDict, total=False):
    """When, how urgently and how long a job is to run, whoever adds it. What is None says nothing.

    ``priority``: -1000 to 1000; of the jobs that are due the highest runs first (default: 0). ``run_at`` (an aware
    datetime, at most ten years from now) or ``delay`` (seconds, as a number or a `timedelta`): before that it does not
    begin; not both. ``timeout``: seconds (a number or a `timedelta`, more than 0) that an attempt of this job may take,
    in place of its type's. An option that cannot be raises `InvalidOption`.
    """

    priority: Annotated[int, Whole("the highest runs first", -1000, 1000)]
    run_at: Annotated[datetime | None, Moment("before which it does not begin")]
    delay: Annotated[Seconds | None, Duration("after which it may begin")]
    timeout: Annotated[Seconds | None, Duration("of each attempt (default: its type's)", positive=True)]


class JobOptions(RunOptions, total=False):
    """Those of `RunOptions`, and how a job is told apart. Keys and owners are texts of 1 to 255 characters.

    ``unique_key``: while a job with this key is active, it is the one that is meant. ``idempotency_key``: for 24 hours
    the same key, with the same request, gives the same job, and with another one `IdempotencyConflict`. ``owner``:
    whose job it is (default: nobody's). Keys, and what is ``unique``, are told apart by owner; an id that another
    owner's job has raises `JobExists`. Children and retries have the owner of the first job.
    """

    unique_key: Annotated[str | None, Text("only one job with it is active")]
    idempotency_key: Annotated[str | None, Text("the same key within 24 hours gives the same job")]
    owner: Annotated[str | None, Text("whose job it is")]


def _kinds(options: type) -> Mapping[str, Kind]:
    return {name: hint.__metadata__[0] for name, hint in get_type_hints(options, include_extras=True).items()}


RUN_OPTIONS, JOB_OPTIONS = _kinds(RunOptions), _kinds(JobOptions)


def check_options(options: Mapping[str, Any], known: Mapping[str, Kind]) -> dict[str, Any]:
    """The options that say something, as they are kept: numbers as int or float. Raises `InvalidOption`.

    Raises `TypeError` for one that there is not.
    """
    said: dict[str, Any] = {}
    for name, value in options.items():
        if name not in known:
            refuse_unknown(options, known)
        if (checked := known[name].check(name, value)) is not None:
            said[name] = checked
    if "run_at" in said and "delay" in said:
        raise InvalidOption("Give run_at or delay, not both.")
    return said


def refuse_unknown(options: Mapping[str, Any], known: Iterable[str]) -> None:
    """Raise `TypeError` for an option that there is not, as Python does for an argument."""
    if unknown := sorted(options.keys() - set(known)):
        raise TypeError(f"There is no option {unknown[0]}; known are {', '.join(sorted(known))}.")


def options_to_json(options: Mapping[str, Any]) -> dict[str, Any]:
    """Checked options as JSON members."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in options.items()}


def options_from_json(members: Mapping[str, Any]) -> dict[str, Any]:
    """What `options_to_json` made, as options that are still to be checked."""
    return {name: _from_json(name, value) for name, value in members.items()}


def _from_json(name: str, value: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(JOB_OPTIONS.get(name), Moment) else value


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
