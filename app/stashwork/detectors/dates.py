"""Finds the date in a name: the many ways to write one, and what only looks like one."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from .vocabulary import PARTS

EARLIEST = date(1960, 1, 1)
_YEARS_OF_DOUBT = 3
_EARLIEST_SHORT = 1996  # before that nobody named files with two digits for the year

_MONTHS = (
    ("jan", "january", "januar", "jänner", "janvier", "enero", "gennaio", "januari", "janeiro"),
    ("feb", "february", "februar", "février", "fevrier", "febrero", "febbraio", "februari", "fevereiro"),
    ("mar", "march", "märz", "maerz", "mrz", "mär", "mars", "marzo", "maart", "março", "marco"),
    ("apr", "april", "avril", "abril", "aprile"),
    ("may", "mai", "mayo", "maggio", "mei", "maio"),
    ("jun", "june", "juni", "juin", "junio", "giugno", "junho"),
    ("jul", "july", "juli", "juillet", "julio", "luglio", "julho"),
    ("aug", "august", "août", "aout", "agosto", "augustus"),
    ("sep", "sept", "september", "septembre", "septiembre", "settembre", "setembro"),
    ("oct", "october", "okt", "oktober", "octobre", "octubre", "ottobre", "outubro"),
    ("nov", "november", "novembre", "noviembre", "novembro"),
    ("dec", "december", "dez", "dezember", "décembre", "decembre", "diciembre", "dicembre", "dezembro"),
)
_MONTH_NUMBERS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
_MONTH = "(?P<month>" + "|".join(sorted(_MONTH_NUMBERS, key=len, reverse=True)) + ")"
_BEFORE, _AFTER = r"(?<![^\W_])", r"(?![^\W_])"
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_GAP = r"[\s._,-]{1,3}"


@dataclass(frozen=True, slots=True)
class DateFound:
    """A date, where it stands (characters), how sure it is, and how it was read."""

    value: date
    start: int
    end: int
    confidence: float
    reading: str


_OF_SOMETHING_ELSE = re.compile(
    r"(?<![^\W_])(?:born|birthday|dob|geb|added|downloaded|ripped|modified|updated|until)\W*$", re.IGNORECASE
)


def find_dates(text: str, latest: date) -> list[DateFound]:
    """All dates in `text` from 1960 up to `latest`, by their place; of overlapping ones the surest.

    >>> [str(found.value) for found in find_dates("studio.19.03.04.title.1080p", date(2024, 1, 1))]
    ['2019-03-04']
    """
    found = [_doubt(one, text) for read in _READINGS for one in read(text, latest)]
    found.sort(key=lambda one: (-one.confidence, one.start - one.end))
    kept: list[DateFound] = []
    for one in found:
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def _doubt(found: DateFound, text: str) -> DateFound:
    """The date, less sure where the word before it says that it is the date of something else."""
    return replace(found, confidence=0.5) if _OF_SOMETHING_ELSE.search(text[: found.start]) else found


def the_date(found: list[DateFound]) -> DateFound | None:
    """The one date that these say; None if they say different ones equally well."""
    if not found:
        return None
    best = max(found, key=lambda one: one.confidence)
    others = [one for one in found if one.value != best.value and one.confidence > 0.65]
    return replace(best, confidence=0.5) if others else best


def folder_date(folders: list[str], latest: date) -> DateFound | None:
    """The date that folders one in the other make, such as 2019/03/04."""
    for year, month, day in zip(folders, folders[1:], folders[2:], strict=False):
        if re.fullmatch(r"(?:19|20)\d\d", year) and re.fullmatch(r"\d\d?", month) and re.fullmatch(r"\d\d?", day):
            value = _date(int(year), int(month), int(day), latest)
            if value is not None:
                return DateFound(value, 0, 0, 0.85, f"{year}/{month}/{day}")
    return None


def _iso(text: str, latest: date) -> Iterator[DateFound]:
    for match in _pattern(
        rf"(?<!\d){_YEAR}(?P<sep>[-._ /]|\s-\s)(?P<month>\d\d?)(?P=sep)(?P<day>\d\d?)(?!\d)"
    ).finditer(text):
        value = _date(int(match["year"]), int(match["month"]), int(match["day"]), latest)
        if value is not None:
            sure = 0.97 if len(match["month"]) == len(match["day"]) == 2 else 0.9
            yield _date_found(match, value, sure, "year, month, day")
    for match in _pattern(rf"(?<!\d){_YEAR}年\s*(?P<month>\d\d?)月\s*(?P<day>\d\d?)日").finditer(text):
        value = _date(int(match["year"]), int(match["month"]), int(match["day"]), latest)
        if value is not None:
            yield _date_found(match, value, 0.97, "year, month, day")


def _compact(text: str, latest: date) -> Iterator[DateFound]:
    time = r"(?:[01]\d|2[0-3])[0-5]\d[0-5]\d"
    for match in _pattern(rf"(?<!\d){_YEAR}(?P<month>\d\d)(?P<day>\d\d)(?:T?{time})?(?!\d)").finditer(text):
        value = _date(int(match["year"]), int(match["month"]), int(match["day"]), latest)
        if value is not None and value.year >= 1985:
            yield _date_found(match, value, 0.9, "year, month, day")
    for match in _pattern(r"(?<!\d)(?P<day>\d\d)(?P<month>\d\d)(?P<year>(?:19|20)\d\d)(?!\d)").finditer(text):
        yield from _day_month_year(match, latest, sure=0.72, unsure=0.6)


def _long_year_last(text: str, latest: date) -> Iterator[DateFound]:
    pattern = rf"(?<!\d)(?P<day>\d\d?)(?P<sep>\. |[-._ /])(?P<month>\d\d?)(?P=sep){_YEAR}(?!\d)"
    for match in _pattern(pattern).finditer(text):
        if re.search(rf"\d{re.escape(match['sep'])}$", text[: match.start()]) and match["sep"] != " ":
            continue  # one more number of the same kind before it: a version, an address
        dots = match["sep"] in (".", ". ")
        yield from _day_month_year(match, latest, sure=0.93, unsure=0.8 if dots else 0.6)


def _day_month_year(match: re.Match[str], latest: date, *, sure: float, unsure: float) -> Iterator[DateFound]:
    """Day first as in Europe, or month first as in the US: often only one of them is a date."""
    first, second, year = int(match["day"]), int(match["month"]), int(match["year"])
    european, american = _date(year, second, first, latest), _date(year, first, second, latest)
    if european and american and european != american:
        yield _date_found(match, european, unsure, "day, month, year")
    elif european:
        yield _date_found(match, european, sure, "day, month, year")
    elif american:
        yield _date_found(match, american, sure, "month, day, year")


_COUNTED = re.compile(
    r"(?:(?<!\d)(?:19|20)\d\d[-._ ]?\d\d[-._ ]?\d\d[ _T.-]{1,3}|"
    rf"(?<![^\W_])(?:{'|'.join(sorted(PARTS))}|ver|version)[ ._#-]*)$",
    re.IGNORECASE,
)


def _short(text: str, latest: date) -> Iterator[DateFound]:
    pattern = r"(?<![\d])(?<![vV])(?P<a>\d\d)(?P<sep>[-._ ]|\s-\s)(?P<b>\d\d)(?P=sep)(?P<c>\d\d)(?!\d|[ap]m\b|:)"
    match = _pattern(pattern).search(text)
    while match is not None:
        # A number before it makes it a version or a time: 1.10.11.12, 2021-02-03 10.11.12, part 10.11.12
        before = text[: match.start()]
        numbered = re.search(rf"(?<![^\W_])[vV]?\d+{re.escape(match['sep'])}$", before) or _COUNTED.search(before)
        found = [] if numbered else list(_short_readings(match, text, latest))
        yield from found
        # What is no date may end with the beginning of one: studio87.22.11.30
        match = _pattern(pattern).search(text, match.end() if found else match.start() + 2)


def _short_readings(match: re.Match[str], text: str, latest: date) -> Iterator[DateFound]:
    a, b, c = int(match["a"]), int(match["b"]), int(match["c"])
    year_first = _date(_full_year(a, latest), b, c, latest)
    if year_first is not None and year_first.year < _EARLIEST_SHORT:
        year_first = None
    day_first, month_first = _short_year_last(c, b, a, latest), _short_year_last(c, a, b, latest)
    if year_first is not None:
        yield _date_found(match, year_first, _short_confidence(match, text, year_first, day_first), "year, month, day")
    elif day_first is not None and (month_first is None or month_first == day_first or match["sep"] == "."):
        # The year first may be right as well, and the file's own date wrong.
        doubtful = a <= (latest.year + _YEARS_OF_DOUBT) % 100 and _exists(2000 + a, b, c)
        yield _date_found(match, day_first, 0.6 if doubtful else 0.8, "day, month, year")
    elif month_first is not None and day_first is None:
        yield _date_found(match, month_first, 0.78, "month, day, year")


def _short_confidence(match: re.Match[str], text: str, value: date, other: date | None) -> float:
    before, after = (bool(re.search(r"[^\W\d_]", part)) for part in (text[: match.start()], text[match.end() :]))
    between = before and after
    if value.year < 2004:  # 00.12.30 is rather a time
        return 0.6
    if re.match(r"[.\-_]\d\d(?![\d]*[pi]|k)(?![^\W_])", text[match.end() :]):  # a fourth number: a version, a time
        return 0.6
    if other is None or other == value:
        return 0.92 if between else 0.85
    if before and not after and " " in text:  # releases have the date before the names; at the end people put any
        return 0.6
    return 0.9 if between and match["sep"] in ". _" else 0.82 if between else 0.72


def _short_year_last(year: int, month: int, day: int, latest: date) -> date | None:
    full = _full_year(year, latest)
    return _date(full, month, day, latest) if full >= _EARLIEST_SHORT else None


def _full_year(short: int, latest: date) -> int:
    return 2000 + short if 2000 + short <= latest.year else 1900 + short


def _six_digits(text: str, latest: date) -> Iterator[DateFound]:
    for match in _pattern(r"(?<![^\W_])(?P<year>\d\d)(?P<month>\d\d)(?P<day>\d\d)(?![^\W_])").finditer(text):
        value = _date(_full_year(int(match["year"]), latest), int(match["month"]), int(match["day"]), latest)
        if value is not None and value.year >= 2004:
            yield _date_found(match, value, 0.6, "two digits each for year, month, day")


def _month_names(text: str, latest: date) -> Iterator[DateFound]:
    forms = (
        rf"{_BEFORE}{_MONTH}[.]?{_GAP}{_DAY}{_GAP}{_YEAR}(?!\d)",
        rf"{_BEFORE}{_DAY}(?:\s+(?:of|de))?{_GAP}{_MONTH}[.]?(?:\s+de)?{_GAP}{_YEAR}(?!\d)",
        rf"(?<!\d){_YEAR}{_GAP}{_MONTH}[.]?{_GAP}{_DAY}{_AFTER}",
        rf"(?<!\d){_DAY}{_MONTH}{_YEAR}(?!\d)",
    )
    for form in forms:
        for match in _pattern(form).finditer(text):
            month = _MONTH_NUMBERS[match["month"].casefold()]
            value = _date(int(match["year"]), month, int(match["day"]), latest)
            if value is not None:
                yield _date_found(match, value, 0.96, "with the month's name")


_READINGS: tuple[Callable[[str, date], Iterator[DateFound]], ...] = (
    _iso,
    _month_names,
    _long_year_last,
    _compact,
    _short,
    _six_digits,
)


def _date_found(match: re.Match[str], value: date, confidence: float, reading: str) -> DateFound:
    return DateFound(value, match.start(), match.end(), confidence, reading)


def _exists(year: int, month: int, day: int) -> bool:
    return _date(year, month, day, date.max) is not None


def _date(year: int, month: int, day: int, latest: date) -> date | None:
    try:
        value = date(year, month, day)
    except ValueError:
        return None
    return value if EARLIEST <= value <= latest else None


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)
