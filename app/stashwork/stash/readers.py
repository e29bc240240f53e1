"""Reads the nodes of a Stash server's answers into the values of `models`. Raises MalformedItem.

NUL characters and lone surrogates, which SQLite tools and UTF-8 cannot carry, become U+FFFD each, so a text keeps its
length and shows where it was damaged; all other texts are kept as they are.
"""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from .models import (
    Batch,
    Counts,
    FileDates,
    FilePart,
    IndexEntry,
    Links,
    Performer,
    Rejected,
    Scene,
    SceneFile,
    Studio,
    Tag,
    Version,
)

Node = Mapping[str, object]
T = TypeVar("T")

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_LARGEST_INTEGER = 2**63 - 1  # what SQLite can store


class MalformedItem(ValueError):
    """One item of an answer is not what the schema promises."""


def clean(text: str) -> str:
    """Replace what cannot be stored by U+FFFD, one for one."""
    if text.isascii() and "\0" not in text:  # nearly all: a sync reads two dates of every scene
        return text
    return _UNSTORABLE.sub("\ufffd", text)


def read_batch(nodes: object, total: object, read: Callable[[Node], T]) -> Batch[T]:
    """Read each node; one bad node is rejected alone. Raises MalformedItem if `nodes` is no list."""
    if not isinstance(nodes, list):
        raise MalformedItem("the answer holds no list of items")
    items: list[T] = []
    rejected: list[Rejected] = []
    for node in nodes:
        try:
            items.append(read(_mapping(node)))
        except MalformedItem as error:
            rejected.append(Rejected(_id_or_none(node), str(error)))
    return Batch(tuple(items), tuple(rejected), _integer(total, "count"))


def read_version(node: Node) -> Version:
    """Read `version`."""
    return Version(_text(node, "version"), _text(node, "build_time"))


def read_counts(node: Node) -> Counts:
    """Read `stats`."""
    names = ("scene_count", "performer_count", "tag_count", "studio_count")
    return Counts(*(_integer(node.get(name), name) for name in names))


def read_index_entry(node: Node) -> IndexEntry:
    """Read a scene of which only id, dates and some parts were asked."""
    files = tuple(map(_file_part, _files(node))) if "files" in node else None
    links = (
        Links(_optional_id(node, "studio"), _ids(node, "performers"), _ids(node, "tags")) if "tags" in node else None
    )
    return IndexEntry(_id(node), _text(node, "created_at"), _text(node, "updated_at"), files, links)


def read_file_dates(files: Node, folders: Node) -> FileDates:
    """Read the newest file and the newest folder."""
    return FileDates(_first_date(_list(files, "files")), _first_date(_list(folders, "folders")))


def read_ids(node: Node, name: str) -> frozenset[int]:
    """Read items of which only the id was asked."""
    return frozenset(_id(_mapping(item)) for item in _list(node, name))


def read_count(node: Node) -> int:
    """Read how many items were found."""
    return _integer(node.get("count"), "count")


def read_scenes_size(node: Node) -> float:
    """Read the bytes of all files of scenes."""
    return _number(node, "scenes_size")


def read_performer(node: Node) -> Performer:
    """Read a performer; `aliases` is one text with commas before v0.19."""
    aliases = _texts(node, "alias_list") if "alias_list" in node else _split(_text(node, "aliases"))
    return Performer(
        id=_id(node),
        name=_text(node, "name"),
        disambiguation=_text(node, "disambiguation"),
        aliases=aliases,
        favorite=_flag(node, "favorite"),
        ignore_auto_tag=_flag(node, "ignore_auto_tag"),
        created_at=_text(node, "created_at"),
        updated_at=_text(node, "updated_at"),
    )


def read_tag(node: Node) -> Tag:
    """Read a tag."""
    return Tag(
        id=_id(node),
        name=_text(node, "name"),
        description=_text(node, "description"),
        aliases=_texts(node, "aliases"),
        parent_ids=_ids(node, "parents"),
        ignore_auto_tag=_flag(node, "ignore_auto_tag"),
        created_at=_text(node, "created_at"),
        updated_at=_text(node, "updated_at"),
    )


def read_studio(node: Node) -> Studio:
    """Read a studio."""
    return Studio(
        id=_id(node),
        name=_text(node, "name"),
        aliases=_texts(node, "aliases"),
        parent_id=_optional_id(node, "parent_studio"),
        ignore_auto_tag=_flag(node, "ignore_auto_tag"),
        created_at=_text(node, "created_at"),
        updated_at=_text(node, "updated_at"),
    )


def read_scene(node: Node) -> Scene:
    """Read a scene of any server version; what the version lacks is empty."""
    return Scene(
        id=_id(node),
        title=_text(node, "title"),
        code=_text(node, "code"),
        details=_text(node, "details"),
        director=_text(node, "director"),
        urls=_texts(node, "urls") or tuple(filter(None, [_text(node, "url")])),
        date=_text(node, "date") or None,
        rating100=_rating(node),
        organized=_flag(node, "organized"),
        created_at=_text(node, "created_at"),
        updated_at=_text(node, "updated_at"),
        studio_id=_optional_id(node, "studio"),
        performer_ids=_ids(node, "performers"),
        tag_ids=_ids(node, "tags"),
        files=_files(node),
    )


def _files(node: Node) -> tuple[SceneFile, ...]:
    files = {file.id: file for file in (_file(_mapping(item)) for item in _list(node, "files"))}
    return tuple(files.values())


def _first_date(nodes: list[object]) -> str:
    return _text(_mapping(nodes[0]), "updated_at") if nodes else ""


def _file_part(file: SceneFile) -> FilePart:
    return FilePart(file.id, file.path, file.size, file.mod_time, file.fingerprints)


def _file(node: Node) -> SceneFile:
    return SceneFile(
        id=_id(node),
        path=_text(node, "path"),
        basename=_text(node, "basename"),
        size=_integer(node.get("size"), "size"),
        duration=_number(node, "duration"),
        video_codec=_text(node, "video_codec"),
        width=_integer(node.get("width"), "width"),
        height=_integer(node.get("height"), "height"),
        frame_rate=_number(node, "frame_rate"),
        bit_rate=_integer(node.get("bit_rate"), "bit_rate"),
        mod_time=_text(node, "mod_time"),
        fingerprints=_fingerprints(node),
    )


def _fingerprints(node: Node) -> tuple[tuple[str, str], ...]:
    pairs = (_mapping(item) for item in _list(node, "fingerprints"))
    return tuple(sorted((_text(pair, "type"), _text(pair, "value")) for pair in pairs))


def _rating(node: Node) -> int | None:
    if node.get("rating100") is not None:
        return _integer(node["rating100"], "rating100")
    stars = node.get("rating")  # before v0.18: one to five
    return None if stars is None else _integer(stars, "rating") * 20


def _id(node: Node) -> int:
    value = node.get("id")
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        number = int(value)
        if 0 < number <= _LARGEST_INTEGER:
            return number
    raise MalformedItem("the id is not a positive whole number")


def _id_or_none(node: object) -> int | None:
    try:
        return _id(_mapping(node))
    except MalformedItem:
        return None


def _optional_id(node: Node, name: str) -> int | None:
    return None if node.get(name) is None else _id(_mapping(node[name]))


def _ids(node: Node, name: str) -> tuple[int, ...]:
    return tuple(sorted({_id(_mapping(item)) for item in _list(node, name)}))


def _text(node: Node, name: str) -> str:
    value = node.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise MalformedItem(f"{name} is not a text")
    return clean(value)


def _texts(node: Node, name: str) -> tuple[str, ...]:
    values = _list(node, name)
    return tuple(_text({name: value}, name) for value in values)


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _flag(node: Node, name: str) -> bool:
    value = node.get(name)
    if value is not None and not isinstance(value, bool):
        raise MalformedItem(f"{name} is not true or false")
    return bool(value)


def _integer(value: object, name: str) -> int:
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > _LARGEST_INTEGER:
        raise MalformedItem(f"{name} is not a whole number")
    return value


def _number(node: Node, name: str) -> float:
    value = node.get(name)
    if value is None:
        return 0.0
    if not isinstance(value, int | float) or isinstance(value, bool) or not abs(value) < 1e300:
        raise MalformedItem(f"{name} is not a number")
    return float(value)


def _list(node: Node, name: str) -> list[object]:
    value = node.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise MalformedItem(f"{name} is not a list")
    return value


def _mapping(node: object) -> Node:
    if not isinstance(node, dict):
        raise MalformedItem("an item is not an object")
    return node
