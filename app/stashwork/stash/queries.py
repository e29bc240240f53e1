"""The documents that the client sends, written for what the server at hand has.

An unknown field makes Stash refuse the whole query, and no field list fits all its versions: so the client
asks the server once what its types hold, and each document names only fields that exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_TYPES = ("Query", "Scene", "VideoFile", "Performer", "Tag", "Studio", "SceneFilterType")

_SCENE = ("id", "title", "code", "details", "director", "date", "organized", "created_at", "updated_at")
_FILE = (
    "id",
    "path",
    "basename",
    "size",
    "duration",
    "video_codec",
    "width",
    "height",
    "frame_rate",
    "bit_rate",
)
_PERFORMER = ("id", "name", "disambiguation", "favorite", "ignore_auto_tag", "created_at", "updated_at")
_TAG = ("id", "name", "description", "aliases", "ignore_auto_tag", "created_at", "updated_at")
_STUDIO = ("id", "name", "aliases", "ignore_auto_tag", "created_at", "updated_at")

_MEMBERS = "fields(includeDeprecated: true) { name args { name } } inputFields { name }"

INTROSPECTION = "\n".join(
    ["query Introspect {", *(f'{name}: __type(name: "{name}") {{ {_MEMBERS} }}' for name in _TYPES), "}"]
)
VERSION = "query Version { version { version build_time } }"
COUNTS = "query Counts { stats { scene_count performer_count tag_count studio_count } }"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Which fields each type of the server has, and which arguments `findScenes` takes."""

    fields: Mapping[str, frozenset[str]]
    find_scenes_arguments: frozenset[str]

    def has(self, type_name: str, field: str) -> bool:
        """Whether the type exists and has the field."""
        return field in self.fields.get(type_name, frozenset())


@dataclass(frozen=True, slots=True)
class Queries:
    """The documents for one server. `scene_index` goes page by page if `has_id_filter`, else it is one answer."""

    scene_index: str
    scenes_by_id: str
    performers: str
    tags: str
    studios: str
    has_id_filter: bool


def read_capabilities(data: Mapping[str, object]) -> Capabilities:
    """Read the answer to INTROSPECTION; a type that the server lacks has no fields."""
    fields = {name: frozenset(_members(data.get(name))) for name in _TYPES}
    find_scenes = _members(data.get("Query")).get("findScenes", {})
    return Capabilities(fields, frozenset(_named(find_scenes.get("args"))))


def build_queries(server: Capabilities) -> Queries:
    """Write the documents for a server."""
    scene = _scene_selection(server)
    has_id_filter = server.has("SceneFilterType", "id")
    return Queries(
        scene_index=_scene_index(has_id_filter),
        scenes_by_id=_scenes_by_id(scene, server),
        performers=_entities("Performers", _performer_selection(server)),
        tags=_entities("Tags", _tag_selection(server)),
        studios=_entities("Studios", _studio_selection(server)),
        has_id_filter=has_id_filter,
    )


def _scene_index(has_id_filter: bool) -> str:
    variables, arguments = "$filter: FindFilterType", "filter: $filter"
    if has_id_filter:
        variables += ", $scenes: SceneFilterType"
        arguments += ", scene_filter: $scenes"
    return _scenes("SceneIndex", variables, arguments, "id created_at updated_at")


def _scenes_by_id(scene: str, server: Capabilities) -> str:
    if "ids" in server.find_scenes_arguments:  # v0.25
        return _scenes("ScenesById", "$ids: [ID!]", "ids: $ids", scene)
    return _scenes("ScenesById", "$ids: [Int!]", "scene_ids: $ids", scene)


def _scenes(name: str, variables: str, arguments: str, selection: str) -> str:
    return f"query {name}({variables}) {{ findScenes({arguments}) {{ count scenes {{ {selection} }} }} }}"


def _entities(name: str, selection: str) -> str:
    return (
        f"query {name}($filter: FindFilterType) "
        f"{{ find{name}(filter: $filter) {{ count {name.lower()} {{ {selection} }} }} }}"
    )


def _scene_selection(server: Capabilities) -> str:
    parts = [_existing(server, "Scene", _SCENE)]
    parts += [_first(server, "Scene", "urls", "url"), _first(server, "Scene", "rating100", "rating")]
    if server.has("Scene", "files"):  # v0.17
        parts.append(f"files {{ {_file_selection(server)} }}")
    return " ".join([*parts, "studio { id } performers { id } tags { id }"])


def _file_selection(server: Capabilities) -> str:
    return _existing(server, "VideoFile", (*_FILE, "mod_time")) + " fingerprints { type value }"


def _performer_selection(server: Capabilities) -> str:
    aliases = _first(server, "Performer", "alias_list", "aliases")
    return f"{_existing(server, 'Performer', _PERFORMER)} {aliases}"


def _tag_selection(server: Capabilities) -> str:
    parents = "parents { id }" if server.has("Tag", "parents") else ""
    return f"{_existing(server, 'Tag', _TAG)} {parents}"


def _studio_selection(server: Capabilities) -> str:
    parent = "parent_studio { id }" if server.has("Studio", "parent_studio") else ""
    return f"{_existing(server, 'Studio', _STUDIO)} {parent}"


def _existing(server: Capabilities, type_name: str, names: tuple[str, ...]) -> str:
    return " ".join(name for name in names if server.has(type_name, name))


def _first(server: Capabilities, type_name: str, *names: str) -> str:
    return next((name for name in names if server.has(type_name, name)), "")


def _members(described: object) -> dict[str, Mapping[str, object]]:
    if not isinstance(described, Mapping):
        return {}
    return _named(described.get("fields") or described.get("inputFields"))


def _named(members: object) -> dict[str, Mapping[str, object]]:
    members = members if isinstance(members, list) else []
    return {str(member.get("name")): member for member in members if isinstance(member, Mapping)}
