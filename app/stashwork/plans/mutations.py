"""Packs the changes of many scenes into few mutations. Pure."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .three_way import Change, Direction
from .values import LISTS

_INPUT_NAMES = {"studio": "studio_id", "performers": "performer_ids", "tags": "tag_ids"}


@dataclass(frozen=True, slots=True)
class Group:
    """Scenes that get the same change: one mutation. `input` is that of `bulkSceneUpdate`."""

    scene_ids: tuple[int, ...]
    input: Mapping[str, Any]


def group(changes: Sequence[Change], direction: Direction) -> list[Group]:
    """One mutation for all scenes with equal changes; lists are added to or taken from, never replaced."""
    by_scene: defaultdict[int, list[Change]] = defaultdict(list)
    for change in changes:
        by_scene[change.scene_id].append(change)
    same: defaultdict[str, list[int]] = defaultdict(list)
    for scene_id, ones in by_scene.items():
        same[json.dumps(_input(ones, direction), sort_keys=True)].append(scene_id)
    return [Group(tuple(ids), json.loads(text)) for text, ids in same.items()]


def split(groups: Sequence[Group]) -> list[Group]:
    """Groups of one scene each: when one scene of several is refused, none of them is changed."""
    return [Group((scene_id,), one.input) for one in groups for scene_id in one.scene_ids]


def document(groups: Sequence[Group]) -> tuple[str, dict[str, Any]]:
    """One request with an aliased mutation for each group (`m0`, `m1`, ...), and its variables."""
    declared = ", ".join(f"$i{n}: BulkSceneUpdateInput!" for n in range(len(groups)))
    calls = " ".join(f"m{n}: bulkSceneUpdate(input: $i{n}) {{ id }}" for n in range(len(groups)))
    variables = {f"i{n}": {"ids": list(map(str, one.scene_ids)), **one.input} for n, one in enumerate(groups)}
    return f"mutation Apply({declared}) {{ {calls} }}", variables


def _input(changes: Sequence[Change], direction: Direction) -> dict[str, Any]:
    applies = direction == Direction.APPLY
    values: dict[str, Any] = {}
    for change in changes:
        name = _INPUT_NAMES.get(change.field, change.field)
        if change.field in LISTS:
            ids = {*values.get(name, {}).get("ids", ()), str(change.value)}
            values[name] = {"ids": sorted(ids, key=int), "mode": "ADD" if applies else "REMOVE"}
        else:
            value = change.value if applies else change.base
            # Null empties a field; an empty text would not be a date.
            values[name] = str(value) if value not in (None, "") else None
    return values
