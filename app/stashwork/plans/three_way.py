"""Compares what a change was based on, what the server has, and what it proposes. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from stashwork.stash import Scene

from .models import Outcome
from .values import ENTITIES, LISTS


class Direction(StrEnum):
    """Whether changes are made or taken back."""

    APPLY = "apply"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class Change:
    """One change as it is written: `base` and `value` are what the server stores (an id, a text, None).

    `stored` is what the server made of the value, if that was another one.
    """

    id: int
    scene_id: int
    field: str
    action: str
    base: Any
    value: Any
    stored: Any = None


def server_value(field: str, value: Any) -> Any:
    """A value of a change as the server stores it: of an entity its id; an empty date is None, an empty text ''."""
    if field in ENTITIES:
        return None if value is None else value["id"]
    return value or (None if field == "date" else "")


def live_value(scene: Scene, field: str) -> Any:
    """What a scene has in a field that is set."""
    return {"studio": scene.studio_id, "date": scene.date, "title": scene.title, "details": scene.details}[field]


def live_ids(scene: Scene, field: str) -> tuple[int, ...]:
    """What a scene has in a field that is a list."""
    return {"performers": scene.performer_ids, "tags": scene.tag_ids}[field]


def judge(change: Change, scene: Scene, direction: Direction) -> Outcome | None:
    """Whether the change need not, or must not, be written; None: it has to be.

    The server has no versions to compare, so a scene is compared by value, right before it is written.
    """
    applies = direction == Direction.APPLY
    if change.field in LISTS:
        return Outcome.ALREADY if (change.value in live_ids(scene, change.field)) == applies else None
    live = live_value(scene, change.field)
    target, origin = (change.value, change.base) if applies else (change.base, change.value)
    if live == target:
        return Outcome.ALREADY
    if live == origin or (not applies and change.stored is not None and live == change.stored):
        return None
    return Outcome.CONFLICT


def is_written(change: Change, scene: Scene, direction: Direction) -> bool:
    """Whether the scene is as the change wants it."""
    return judge(change, scene, direction) == Outcome.ALREADY


def is_untouched(change: Change, scene: Scene, direction: Direction) -> bool:
    """Whether the scene is as it was before the change."""
    return judge(change, scene, direction) is None
