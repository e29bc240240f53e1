"""The values of changes: how to tell equal ones, and whether one can be written."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from stashwork.detectors.folding import fold

FIELDS = ("studio", "performers", "tags", "date", "title", "details")
LISTS = frozenset(("performers", "tags"))
ENTITIES = frozenset(("studio", "performers", "tags"))
MAX_NAME, MAX_TITLE, MAX_DETAILS = 255, 1000, 200_000  # characters


class InvalidValue(ValueError):
    """The value cannot be written to this field; the message says what would be right."""


def wanted_value(change: Mapping[str, Any]) -> Any:
    """What a change is to write: a person's edit, else what was proposed."""
    return change["proposed"] if change["edited"] is None else change["edited"]


def value_key(field: str, value: Any) -> str:
    """A text that is the same for equal values of a field; names are compared without case and accents."""
    if field not in ENTITIES:
        return str(value)
    return f"id:{value['id']}" if value.get("id") is not None else f"name:{fold(value['name'].strip())}"


def parse_value(field: str, value: Any) -> Any:
    """The value as it is stored. Raises InvalidValue."""
    if field in ENTITIES:
        return _parse_entity(field, value)
    if not isinstance(value, str):
        raise InvalidValue(f"{field} is a text")
    if "\0" in value:
        raise InvalidValue(f"{field} cannot hold a NUL character")
    if field == "date":
        return _parse_date(value)
    limit = MAX_TITLE if field == "title" else MAX_DETAILS
    if len(value) > limit:
        raise InvalidValue(f"{field} has at most {limit:,} characters")
    return value


def _parse_entity(field: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        raise InvalidValue(f'a value of {field} is {{"id": number or null, "name": text}}')
    number, name = value.get("id"), value["name"].strip()
    if number is not None and (not isinstance(number, int) or isinstance(number, bool) or number < 1):
        raise InvalidValue("an id is a positive whole number, or null for a new entity")
    if not name or len(name) > MAX_NAME or "\0" in name:
        raise InvalidValue(f"a name has 1 to {MAX_NAME} characters, none of them NUL")
    return {"id": number, "name": name}


def _parse_date(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise InvalidValue("a date looks like 2024-02-29") from error
