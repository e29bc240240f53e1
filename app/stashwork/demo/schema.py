"""The demo's GraphQL schema and root fields; graphql-core's default resolvers do the rest, and fast."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar, cast

from graphql import (
    GraphQLArgument,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
)

from .library import Folder, Input, Library, Performer, Refused, Scene, Studio, Tag, VideoFile

OLD_VERSION, NEW_VERSION = "v0.22.1", "v0.30.0"

Named = TypeVar("Named", Performer, Tag, Studio)
Item = TypeVar("Item", Performer, Tag, Studio, Scene, VideoFile, Folder)
Check = Callable[[Scene], bool]
Criterion = Mapping[str, Any] | None

_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "EQUALS": operator.eq,
    "NOT_EQUALS": operator.ne,
    "GREATER_THAN": operator.gt,
    "LESS_THAN": operator.lt,
}
_SCENE_NUMBERS: dict[str, Callable[[Scene], int]] = {
    "id": lambda scene: int(scene.id),
    "file_count": lambda scene: len(scene.files),
    "tag_count": lambda scene: len(scene.tags),
    "performer_count": lambda scene: len(scene.performers),
}
_TEXT_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "EQUALS": operator.eq,
    "NOT_EQUALS": operator.ne,
    "INCLUDES": operator.contains,
    "EXCLUDES": lambda text, part: part not in text,
}


@cache
def demo_schema(version: str) -> GraphQLSchema:
    """The schema as this version of Stash has it; made once, and never changed.

    The new one's `findScenes` takes `ids`, `urls` is never null, and files and folders can be looked for.
    """
    sdl = files(__package__).joinpath("schema.graphql").read_text("utf-8")
    schema = build_schema(sdl)
    cast(GraphQLInterfaceType, schema.type_map["BaseFile"]).resolve_type = lambda *_: "VideoFile"
    queries = cast(GraphQLObjectType, schema.query_type).fields
    if version == NEW_VERSION:
        queries["findScenes"].args["ids"] = GraphQLArgument(GraphQLList(GraphQLNonNull(GraphQLID)))
        urls = cast(GraphQLObjectType, schema.type_map["Scene"]).fields["urls"]
        urls.type = GraphQLNonNull(urls.type)
    else:
        del queries["findFiles"], queries["findFolders"]
        del cast(GraphQLInputObjectType, schema.type_map["SceneFilterType"]).fields["files_filter"]
    return schema


class Root:
    """What the fields of `Query` and `Mutation` resolve to, as graphql-core's default resolvers call it."""

    def __init__(self, library: Library, version: str) -> None:
        self._library = library
        self._version = version

    # Queries

    def version(self, _info: object) -> dict[str, str]:
        return {"version": self._version, "hash": "demo", "build_time": "2025-03-01 08:00:00"}

    def systemStatus(self, _info: object) -> dict[str, object]:
        return {"databaseSchema": 49, "appSchema": 49, "status": "OK"}

    def stats(self, _info: object) -> dict[str, float]:
        library = self._library
        scene_files = [file for scene in library.scenes.values() for file in scene.files]
        return {
            "scene_count": len(library.scenes),
            "scenes_size": sum(file.size for file in scene_files),
            "scenes_duration": sum(file.duration for file in scene_files),
            "performer_count": len(library.performers),
            "studio_count": len(library.studios),
            "tag_count": len(library.tags),
        }

    def findScene(self, _info: object, id: str | None = None, checksum: str | None = None) -> Scene | None:
        del checksum  # the demo's files have none
        return self._library.scenes.get(_number(id)) if id is not None else None

    def findScenes(
        self,
        _info: object,
        scene_filter: Input | None = None,
        scene_ids: Sequence[int] | None = None,
        ids: Sequence[str] | None = None,
        filter: Input | None = None,
    ) -> dict[str, object]:
        wanted = [_number(scene_id) for scene_id in ids] if ids else scene_ids
        if wanted:  # filters and pages do not count then, as on a real server
            scenes = [self._scene(number) for number in wanted]
            return {"count": len(scenes), "scenes": scenes}
        found = list(self._library.scenes.values())
        for check in self._checks(scene_filter or {}):
            found = [scene for scene in found if check(scene)]
        return {"count": len(found), "scenes": _page(found, filter or {}, default_sort="title")}

    def findPerformers(
        self, _info: object, performer_filter: Input | None = None, filter: Input | None = None
    ) -> dict[str, object]:
        found = _find_by_name(self._library.performers.values(), performer_filter)
        return {"count": len(found), "performers": _page(found, filter or {}, default_sort="name")}

    def findTags(
        self, _info: object, tag_filter: Input | None = None, filter: Input | None = None
    ) -> dict[str, object]:
        found = _find_by_name(self._library.tags.values(), tag_filter)
        return {"count": len(found), "tags": _page(found, filter or {}, default_sort="name")}

    def findStudios(
        self, _info: object, studio_filter: Input | None = None, filter: Input | None = None
    ) -> dict[str, object]:
        found = _find_by_name(self._library.studios.values(), studio_filter)
        return {"count": len(found), "studios": _page(found, filter or {}, default_sort="name")}

    def findFiles(self, _info: object, filter: Input | None = None) -> dict[str, object]:
        found = [file for scene in self._library.scenes.values() for file in scene.files]
        return {"count": len(found), "files": _page(found, filter or {}, default_sort="path")}

    def findFolders(
        self, _info: object, folder_filter: Input | None = None, filter: Input | None = None
    ) -> dict[str, object]:
        criterion = (folder_filter or {}).get("updated_at")
        found = [folder for folder in self._library.folders.values() if _time_matches(folder.updated_at, criterion)]
        return {"count": len(found), "folders": _page(found, filter or {}, default_sort="path")}

    # Mutations

    def sceneUpdate(self, _info: object, input: Input) -> Scene:
        return self._library.update_scenes([input])[0]

    def scenesUpdate(self, _info: object, input: Sequence[Input]) -> list[Scene]:
        return self._library.update_scenes(input)

    def bulkSceneUpdate(self, _info: object, input: Input) -> list[Scene]:
        return self._library.bulk_update_scenes(input)

    def sceneDestroy(self, _info: object, input: Input) -> bool:
        self._library.destroy_scene(input["id"])
        return True

    def tagCreate(self, _info: object, input: Input) -> Tag:
        return self._library.create_tag(input)

    def tagUpdate(self, _info: object, input: Input) -> Tag:
        return self._library.update_tag(input)

    def tagDestroy(self, _info: object, input: Input) -> bool:
        self._library.destroy_tag(input["id"])
        return True

    def performerCreate(self, _info: object, input: Input) -> Performer:
        return self._library.create_performer(input)

    def performerUpdate(self, _info: object, input: Input) -> Performer:
        return self._library.update_performer(input)

    def performerDestroy(self, _info: object, input: Input) -> bool:
        self._library.destroy_performer(input["id"])
        return True

    def studioCreate(self, _info: object, input: Input) -> Studio:
        return self._library.create_studio(input)

    def studioUpdate(self, _info: object, input: Input) -> Studio:
        return self._library.update_studio(input)

    def studioDestroy(self, _info: object, input: Input) -> bool:
        self._library.destroy_studio(input["id"])
        return True

    def _checks(self, wanted: Input) -> list[Check]:
        """What a scene must pass to be found."""
        checks = [_number_check(_SCENE_NUMBERS[name], wanted[name]) for name in _SCENE_NUMBERS if wanted.get(name)]
        if "organized" in wanted:
            checks.append(lambda scene: scene.organized == wanted["organized"])
        if wanted.get("title"):
            checks.append(lambda scene: _text_matches(scene.title, wanted["title"]))
        if wanted.get("is_missing"):
            checks.append(lambda scene: not getattr(scene, wanted["is_missing"]))
        if wanted.get("files_filter"):
            checks.append(self._file_check(wanted["files_filter"]))
        return checks

    def _file_check(self, wanted: Input) -> Check:
        criterion = wanted.get("parent_folder")
        named = [self._library.folders.get(_number(folder)) for folder in (criterion or {}).get("value") or ()]
        above = tuple(f"{folder.path}/" for folder in named if folder is not None)

        def is_wanted(file: VideoFile) -> bool:
            is_there = criterion is None or file.path.startswith(above)
            return is_there and _time_matches(file.updated_at, wanted.get("updated_at"))

        return lambda scene: any(is_wanted(file) for file in scene.files)

    def _scene(self, number: int) -> Scene:
        if number not in self._library.scenes:
            raise Refused(f"scene with id {number} not found")
        return self._library.scenes[number]


def _number(item_id: str) -> int:
    if not (item_id.isascii() and item_id.isdigit()):
        raise Refused(f"converting id: {item_id!r} is not a number")
    return int(item_id)


def _number_check(number_of: Callable[[Scene], int], criterion: Mapping[str, Any]) -> Check:
    modifier, low, high = criterion["modifier"], criterion["value"], criterion.get("value2")
    if modifier in ("BETWEEN", "NOT_BETWEEN"):
        top = low if high is None else high
        return lambda scene: (low <= number_of(scene) <= top) == (modifier == "BETWEEN")
    if modifier not in _COMPARISONS:
        raise Refused(f"unsupported int modifier type {modifier}")
    compare = _COMPARISONS[modifier]
    return lambda scene: compare(number_of(scene), low)


def _time_matches(text: str, criterion: Criterion) -> bool:
    """Compare texts, as a real server does: times in one zone, whole seconds."""
    if criterion is None:
        return True
    if criterion["modifier"] not in ("GREATER_THAN", "LESS_THAN"):
        raise Refused(f"unsupported timestamp modifier type {criterion['modifier']}")
    value: str = criterion["value"]
    return text > value if criterion["modifier"] == "GREATER_THAN" else text < value


def _text_matches(text: str, criterion: Criterion) -> bool:
    """Compare without case: `EQUALS` may therefore find several."""
    if criterion is None:
        return True
    if criterion["modifier"] not in _TEXT_COMPARISONS:
        raise Refused(f"unsupported string modifier type {criterion['modifier']}")
    return _TEXT_COMPARISONS[criterion["modifier"]](text.casefold(), criterion["value"].casefold())


def _find_by_name(items: Iterable[Named], wanted: Input | None) -> list[Named]:
    criterion = (wanted or {}).get("name")
    return [item for item in items if _text_matches(item.name, criterion)]


def _page(items: list[Item], wanted: Input, *, default_sort: str) -> list[Item]:
    per_page = 25 if wanted.get("per_page") is None else wanted["per_page"]
    key = _sort_key(wanted.get("sort") or default_sort)
    if per_page == 1 and wanted.get("page") in (None, 1):  # often asked for the count or the newest
        first = max if wanted.get("direction") == "DESC" else min
        return [first(items, key=key)] if items else []
    ordered = sorted(items, key=key)
    if wanted.get("direction") == "DESC":
        ordered.reverse()
    if per_page < 0:
        return ordered
    start = (max(wanted.get("page") or 1, 1) - 1) * per_page
    return ordered[start : start + per_page]


def _sort_key(name: str) -> Callable[[Item], tuple[str, int]]:
    if name not in ("name", "title", "path", "created_at", "updated_at"):
        return lambda item: ("", int(item.id))
    return lambda item: (getattr(item, name, ""), int(item.id))
