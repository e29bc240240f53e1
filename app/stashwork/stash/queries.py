"""The documents that the client sends, written for what the server at hand has.

An unknown field makes Stash refuse the whole query, and no field list fits all its versions: so the client
asks the server once what its types hold, and each document names only fields that exist.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from .models import Parts

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
_FILE_PART = ("id", "path", "size", "mod_time")
_FINGERPRINTS = "fingerprints { type value }"
_LINKS = "studio { id } performers { id } tags { id }"
_PERFORMER = ("id", "name", "disambiguation", "favorite", "ignore_auto_tag", "created_at", "updated_at")
_TAG = ("id", "name", "description", "aliases", "ignore_auto_tag", "created_at", "updated_at")
_STUDIO = ("id", "name", "aliases", "ignore_auto_tag", "created_at", "updated_at")

_MEMBERS = "fields(includeDeprecated: true) { name args { name } } inputFields { name }"

INTROSPECTION = "\n".join(
    ["query Introspect {", *(f'{name}: __type(name: "{name}") {{ {_MEMBERS} }}' for name in _TYPES), "}"]
)
VERSION = "query Version { version { version build_time } }"
COUNTS = "query Counts { stats { scene_count performer_count tag_count studio_count } }"
FILE_DATES = (
    "query FileDates($newest: FindFilterType) "
    "{ findFiles(filter: $newest) { files { updated_at } } findFolders(filter: $newest) { folders { updated_at } } }"
)
CHANGED_FILES = (
    "query ChangedFiles($all: FindFilterType, $scenes: SceneFilterType, $folders: FolderFilterType) "
    "{ findScenes(filter: $all, scene_filter: $scenes) { scenes { id } } "
    "findFolders(filter: $all, folder_filter: $folders) { folders { id } } }"
)
SCENES_IN_FOLDERS = (
    "query ScenesInFolders($all: FindFilterType, $scenes: SceneFilterType) "
    "{ findScenes(filter: $all, scene_filter: $scenes) { scenes { id } } }"
)

_FINDS_FILES = {"Query": ("findFiles", "findFolders"), "SceneFilterType": ("files_filter", "file_count")}
_COUNTS_LINKS = {"SceneFilterType": ("performer_count", "tag_count", "is_missing")}
_NO_STUDIO = 'without_studio: findScenes(filter: $filter, scene_filter: { is_missing: "studio" }) { count }'


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
    """The documents for one server. `scene_index` goes page by page if `has_id_filter`, else it is one answer.

    With `dates_files` (v0.29) the server finds files and folders by the date of their last change; with `counts_links`
    it counts scenes by how many performers and tags they have.
    """

    scene_index: Mapping[Parts, str]
    scenes_by_id: str
    performers: str
    tags: str
    studios: str
    has_id_filter: bool
    dates_files: bool
    counts_links: bool


def read_capabilities(data: Mapping[str, object]) -> Capabilities:
    """Read the answer to INTROSPECTION; a type that the server lacks has no fields."""
    fields = {name: frozenset(_members(data.get(name))) for name in _TYPES}
    find_scenes = _members(data.get("Query")).get("findScenes", {})
    return Capabilities(fields, frozenset(_by_name(find_scenes.get("args"))))


def build_queries(server: Capabilities) -> Queries:
    """Write the documents for a server."""
    scene = _scene_selection(server)
    has_id_filter = server.has("SceneFilterType", "id")
    return Queries(
        scene_index={parts: _scene_index(server, parts) for parts in Parts},
        scenes_by_id=_scenes_by_id(scene, server),
        performers=_entities("Performers", _performer_selection(server)),
        tags=_entities("Tags", _tag_selection(server)),
        studios=_entities("Studios", _studio_selection(server)),
        has_id_filter=has_id_filter,
        dates_files=_has_all(server, _FINDS_FILES),
        counts_links=_has_all(server, _COUNTS_LINKS),
    )


def file_figures(most: int) -> str:
    """Which scenes have no file, and which have more than one, up to more than `most`."""
    counted = [_count_query("without", "file_count", 1, "scenes { id }", "LESS_THAN")]
    counted += [_count_query(f"more{number}", "file_count", number, "scenes { id }") for number in range(1, most + 1)]
    return f"query FileFigures($filter: FindFilterType) {{ stats {{ scenes_size }} {' '.join(counted)} }}"


def link_figures(performers: int, tags: int) -> str:
    """How many scenes have more performers and tags than each number up to these."""
    counted = [
        _count_query(f"performers{number}", "performer_count", number, "count") for number in range(performers + 1)
    ]
    counted += [_count_query(f"tags{number}", "tag_count", number, "count") for number in range(tags + 1)]
    return f"query LinkFigures($filter: FindFilterType) {{ {_NO_STUDIO} {' '.join(counted)} }}"


def _count_query(alias: str, name: str, number: int, selection: str, modifier: str = "GREATER_THAN") -> str:
    wanted = f"{{ {name}: {{ value: {number}, modifier: {modifier} }} }}"
    return f"{alias}: findScenes(filter: $filter, scene_filter: {wanted}) {{ {selection} }}"


def _has_all(server: Capabilities, needed: Mapping[str, tuple[str, ...]]) -> bool:
    return all(server.has(type_name, name) for type_name, names in needed.items() for name in names)


def _scene_index(server: Capabilities, parts: Parts) -> str:
    variables, arguments, selection = "$filter: FindFilterType", "filter: $filter", "id created_at updated_at"
    if server.has("SceneFilterType", "id"):
        variables += ", $scenes: SceneFilterType"
        arguments += ", scene_filter: $scenes"
    if parts != Parts.DATES and server.has("Scene", "files"):  # v0.17
        selection += f" files {{ {_existing(server, 'VideoFile', _FILE_PART)} {_FINGERPRINTS} }}"
    if parts == Parts.LINKS:
        selection += f" {_LINKS}"
    return _scenes("SceneIndex", variables, arguments, selection)


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
    return " ".join([*parts, _LINKS])


def _file_selection(server: Capabilities) -> str:
    return _existing(server, "VideoFile", (*_FILE, "mod_time")) + f" {_FINGERPRINTS}"


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
    return _by_name(described.get("fields") or described.get("inputFields"))


def _by_name(members: object) -> dict[str, Mapping[str, object]]:
    members = members if isinstance(members, list) else []
    return {str(member.get("name")): member for member in members if isinstance(member, Mapping)}
