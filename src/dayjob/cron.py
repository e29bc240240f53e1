"""When a schedule runs: an expression, a time zone and a moment give the next one. Pure, without a clock.

Cron expressions are read by cronsim (``pip install "dayjob[cron]"``); ``every 30 seconds`` needs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from .errors import CronMissing, InvalidSchedule

try:
    import cronsim

    _HAS_CRONSIM = True
except ImportError:  # the extra [cron] is not installed; whoever needs it is told
    _HAS_CRONSIM = False

ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_EVERY = re.compile(r"every (?:([1-9]\d{0,6}) )?(second|minute|hour)s?", re.IGNORECASE)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 200  # characters of an expression
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Cron:
    """An expression in a time zone: five cron fields (or six, seconds first), ``@daily`` ..., ``every 5 minutes``.

    An hour field that is not ``*`` names times on the wall: each comes once a day, also on the day when the clock
    shows it twice (then the first), and when the clock leaves it out, the end of the gap takes its place. With ``*``
    for the hour, time goes on evenly through such a night. ``every ...`` counts from 1970 in UTC.

    Raises `InvalidSchedule` for what is no expression or zone, or has no next time; `CronMissing` without cronsim.

    >>> Cron("every 5 minutes").after(datetime(2030, 1, 1, 12, 3, tzinfo=UTC)).isoformat()
    '2030-01-01T12:05:00+00:00'
    """

    expression: str
    time_zone: str = "UTC"
    _zone: tzinfo = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _check_text("schedule", self.expression, "'0 3 * * *' or 'every 5 minutes'")
        _check_text("time_zone", self.time_zone, "'Europe/Berlin'")
        object.__setattr__(self, "_zone", _zone(self.time_zone))
        if len(self.expression) > _LONGEST:
            raise InvalidSchedule(f"An expression has at most {_LONGEST} characters.")
        self.after(datetime.now(UTC))

    @property
    def words(self) -> str:
        """The expression as people say it, in English.

        >>> Cron("every 5 minutes").words
        'Every 5 minutes'
        """
        if _EVERY.fullmatch(self.expression):
            return self.expression.capitalize()
        return self._simulator(_EPOCH).explain()

    def after(self, moment: datetime) -> datetime:
        """The first time later than the aware ``moment``, in UTC."""
        if every := _EVERY.fullmatch(self.expression):
            return _next_multiple(int(every[1] or 1) * _SECONDS[every[2].lower()], moment)
        local = moment.astimezone(self._zone)
        for time in self._times(local):
            if time > moment:  # not if it is the first of two equal times, and moment is between them
                return time
        raise InvalidSchedule(f"'{self.expression}' has no time in the next fifty years.")

    def _times(self, local: datetime) -> Iterator[datetime]:
        """Candidates in UTC, in order."""
        if self._goes_by_the_wall():
            return (self._on_the_clock(time) for time in self._simulator(local.replace(tzinfo=None, fold=0)))
        return (time.astimezone(UTC) for time in self._simulator(local))

    def _goes_by_the_wall(self) -> bool:
        return self._fields.split()[-4:-3] != ["*"]  # the hour, whether or not there is a field for seconds

    def _on_the_clock(self, wall: datetime) -> datetime:
        """The moment at which clocks here show ``wall`` (first); if they leave it out, when they go on."""
        moment = wall.replace(tzinfo=self._zone).astimezone(UTC)
        while moment.astimezone(self._zone).replace(tzinfo=None) != wall:
            wall = wall.replace(second=0) + _MINUTE
            moment = wall.replace(tzinfo=self._zone).astimezone(UTC)
        return moment

    @property
    def _fields(self) -> str:
        return ALIASES.get(self.expression.lower(), self.expression)

    def _simulator(self, start: datetime) -> cronsim.CronSim:
        if not _HAS_CRONSIM:
            raise CronMissing('Cron expressions need cronsim: pip install "dayjob[cron]" (or use "every 5 minutes").')
        try:
            return cronsim.CronSim(self._fields, start)
        except cronsim.CronSimError as error:
            raise InvalidSchedule(
                f"'{self.expression}' is no schedule ({error}). Use five cron fields as in '0 3 * * *', "
                "@hourly, @daily, @weekly, @monthly, @yearly, or 'every 5 minutes'."
            ) from error


def _check_text(option: str, value: object, example: str) -> None:
    if not isinstance(value, str):
        raise InvalidSchedule(f"{option} is {value!r:.100}; use a text, as in {example}.")


def _next_multiple(seconds: int, moment: datetime) -> datetime:
    period = timedelta(seconds=seconds)
    return _EPOCH + ((moment - _EPOCH) // period + 1) * period


def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    import zoneinfo  # noqa: PLC0415 (its import reads how Python was built; only who has time zones shall wait for it)

    try:
        return zoneinfo.ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # not found; not a name; a folder of the database
        raise InvalidSchedule(
            f"'{name[:100]}' is no time zone known here; use a name as Europe/Berlin (pip install tzdata, if all fail)."
        ) from error
