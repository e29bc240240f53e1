"""What the server sent, as the rows that the local tables should hold. Pure: no database, no network."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stashwork.stash import SAME_SECOND, Performer, Scene, SceneFile, Studio, Tag

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Record:
    """One item: its own row, and its rows in the tables that belong to it, each list in key order."""

    row: Row
    children: dict[str, list[Row]]

    @property
    def id(self) -> int:
        """The server's id."""
        return int(self.row["id"])

    def content(self) -> tuple[Row, dict[str, list[Row]]]:
        """What came from the server, without our own mark."""
        return {**self.row, "needs_reading": None}, self.children


@dataclass(frozen=True, slots=True)
class KnownIds:
    """Which performers, tags and studios exist locally: links may point to these only."""

    performers: Collection[int]
    tags: Collection[int]
    studios: Collection[int]


def performer_record(performer: Performer, _known: Collection[int]) -> Record:
    """A performer's row."""
    row = {
        "id": performer.id,
        "name": performer.name,
        "disambiguation": performer.disambiguation,
        "aliases": list(performer.aliases),
        "ignore_auto_tag": performer.ignore_auto_tag,
        "favorite": performer.favorite,
        "created_at": performer.created_at,
        "updated_at": performer.updated_at,
    }
    return Record(row, {})


def tag_record(tag: Tag, known: Collection[int]) -> Record:
    """A tag's row, and its parents among the known tags."""
    row = {
        "id": tag.id,
        "name": tag.name,
        "description": tag.description,
        "aliases": list(tag.aliases),
        "ignore_auto_tag": tag.ignore_auto_tag,
        "created_at": tag.created_at,
        "updated_at": tag.updated_at,
    }
    parents = [{"tag_id": tag.id, "parent_id": parent} for parent in tag.parent_ids if parent in known]
    return Record(row, {"tag_parent": parents})


def studio_record(studio: Studio, known: Collection[int]) -> Record:
    """A studio's row; its parent only if it is a known studio."""
    row = {
        "id": studio.id,
        "name": studio.name,
        "aliases": list(studio.aliases),
        "ignore_auto_tag": studio.ignore_auto_tag,
        "parent_id": studio.parent_id if studio.parent_id in known else None,
        "created_at": studio.created_at,
        "updated_at": studio.updated_at,
    }
    return Record(row, {})


def scene_record(scene: Scene, known: KnownIds, asked: datetime | None = None) -> Record:
    """A scene's row, files and links.

    It needs reading again if it refers to something unknown, or if it had just been changed when the server was
    `asked`, by its clock (default: it had): another change in the same second has the same date.
    """
    performers = [number for number in scene.performer_ids if number in known.performers]
    tags = [number for number in scene.tag_ids if number in known.tags]
    studio = scene.studio_id if scene.studio_id in known.studios else None
    children = {
        "scene_file": _file_rows(scene.id, scene.files),
        "scene_performer": _links(scene.id, "performer_id", performers),
        "scene_tag": _links(scene.id, "tag_id", tags),
    }
    return Record(
        _scene_row(scene, studio, needs_reading=is_partial(scene, known) or _is_fresh(scene, asked)), children
    )


def is_partial(scene: Scene, known: KnownIds) -> bool:
    """Whether the scene refers to something unknown."""
    links = ((scene.performer_ids, known.performers), (scene.tag_ids, known.tags))
    unknown = any(number not in there for numbers, there in links for number in numbers)
    return unknown or (scene.studio_id is not None and scene.studio_id not in known.studios)


def _is_fresh(scene: Scene, asked: datetime | None) -> bool:
    if asked is None:
        return True
    try:
        changed = datetime.fromisoformat(scene.updated_at)
    except ValueError:
        return False
    return changed.tzinfo is not None and changed >= asked - SAME_SECOND


def _scene_row(scene: Scene, studio_id: int | None, *, needs_reading: bool) -> Row:
    return {
        "id": scene.id,
        "title": scene.title,
        "code": scene.code,
        "details": scene.details,
        "director": scene.director,
        "urls": list(scene.urls),
        "date": scene.date,
        "rating100": scene.rating100,
        "organized": scene.organized,
        "studio_id": studio_id,
        "created_at": scene.created_at,
        "updated_at": scene.updated_at,
        "needs_reading": needs_reading,
    }


def _links(scene_id: int, name: str, ids: Iterable[int]) -> list[Row]:
    return [{"scene_id": scene_id, name: number} for number in ids]


def _file_rows(scene_id: int, files: Iterable[SceneFile]) -> list[Row]:
    rows = [_file_row(scene_id, position, file) for position, file in enumerate(files)]
    return sorted(rows, key=lambda row: int(row["file_id"]))


def _file_row(scene_id: int, position: int, file: SceneFile) -> Row:
    return {
        "scene_id": scene_id,
        "file_id": file.id,
        "position": position,
        "path": file.path,
        "basename": file.basename,
        "size": file.size,
        "duration": file.duration,
        "video_codec": file.video_codec,
        "width": file.width,
        "height": file.height,
        "frame_rate": file.frame_rate,
        "bit_rate": file.bit_rate,
        "mod_time": file.mod_time,
        "fingerprints": [list(pair) for pair in file.fingerprints],
    }
