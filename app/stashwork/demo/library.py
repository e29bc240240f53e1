"""The demo's data and the rules by which a Stash server changes it; all in memory."""

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar

Input = Mapping[str, Any]
Clock = Callable[[], datetime]

LOCAL_TIME = timezone(timedelta(hours=-5))  # not UTC, so that nobody takes its timestamps for UTC


class Refused(Exception):
    """The server's rules do not allow the change; nothing was changed."""


@dataclass(slots=True, eq=False)
class Fingerprint:
    """A file's hash."""

    type: str
    value: str


@dataclass(slots=True, eq=False)
class VideoFile:
    """One file: size in bytes, duration in seconds."""

    id: str
    path: str
    basename: str
    mod_time: str
    size: int
    fingerprints: list[Fingerprint]
    width: int
    height: int
    duration: float
    frame_rate: float
    bit_rate: int
    updated_at: str = ""
    format: str = "mp4"
    video_codec: str = "h264"
    audio_codec: str = "aac"


@dataclass(slots=True, eq=False)
class Folder:
    """Where files are; dated when it is found under another path."""

    id: str
    path: str
    updated_at: str


@dataclass(slots=True, eq=False)
class Performer:
    """Unique on name and disambiguation."""

    id: str
    name: str
    created_at: str
    updated_at: str
    disambiguation: str = ""
    alias_list: list[str] = field(default_factory=list)
    favorite: bool = False
    ignore_auto_tag: bool = False


@dataclass(slots=True, eq=False)
class Tag:
    """Unique by name and alias, whatever the case."""

    id: str
    name: str
    created_at: str
    updated_at: str
    description: str = ""
    aliases: list[str] = field(default_factory=list)
    ignore_auto_tag: bool = False
    parents: list["Tag"] = field(default_factory=list)
    children: list["Tag"] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Studio:
    """Unique by exact name."""

    id: str
    name: str
    created_at: str
    updated_at: str
    aliases: list[str] = field(default_factory=list)
    ignore_auto_tag: bool = False
    parent_studio: "Studio | None" = None
    child_studios: list["Studio"] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Scene:
    """Points at its studio, performers and tags, so the default GraphQL resolvers find them."""

    id: str
    created_at: str
    updated_at: str
    title: str = ""
    code: str = ""
    details: str = ""
    director: str = ""
    urls: list[str] = field(default_factory=list)
    date: str | None = None
    rating100: int | None = None
    organized: bool = False
    files: list[VideoFile] = field(default_factory=list)
    studio: Studio | None = None
    performers: list[Performer] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)

    @property
    def url(self) -> str | None:
        """The first address."""
        return self.urls[0] if self.urls else None


Item = TypeVar("Item", Performer, Tag, Studio, Scene)
T = TypeVar("T")


def now() -> datetime:
    """The wall clock."""
    return datetime.now(LOCAL_TIME)


@dataclass(frozen=True, slots=True)
class Meant:
    """What a scene of the demo is about, whether its metadata says so or only its file's name: ids, and a date."""

    studio: int | None
    performers: frozenset[int]
    date: str


Backup = tuple[
    dict[int, Scene], dict[int, Performer], dict[int, Tag], dict[int, Studio], dict[int, Folder], dict[str, int]
]


class Library:
    """Everything that the demo server knows; changes either happen whole or raise `Refused`."""

    def __init__(self, clock: Clock = now) -> None:
        self.scenes: dict[int, Scene] = {}
        self.performers: dict[int, Performer] = {}
        self.tags: dict[int, Tag] = {}
        self.studios: dict[int, Studio] = {}
        self.folders: dict[int, Folder] = {}  # those that were renamed; nobody asks for the others
        self.meant: dict[int, Meant] = {}  # of each seeded scene
        self._clock = clock
        self._last_id = {"scene": 0, "performer": 0, "tag": 0, "studio": 0, "folder": 0, "file": 0}

    def use_clock(self, clock: Clock) -> None:
        """Date later changes with another clock."""
        self._clock = clock

    def timestamp(self) -> str:
        """Now, as this server writes it: local time with its offset, whole seconds."""
        return self._clock().astimezone(LOCAL_TIME).isoformat(timespec="seconds")

    def next_id(self, kind: str) -> str:
        """A new id; ids are never used twice."""
        self._last_id[kind] += 1
        return str(self._last_id[kind])

    # The whole

    def backup(self) -> Backup:
        """A copy of everything, the numbers that come next included."""
        return copy.deepcopy((self.scenes, self.performers, self.tags, self.studios, self.folders, self._last_id))

    def restore(self, backup: Backup) -> None:
        """Go back to the backup. Numbers that were given out since then are given out again, as on a real server."""
        kept = copy.deepcopy(backup)
        self.scenes, self.performers, self.tags, self.studios, self.folders, self._last_id = kept

    def start_anew(self) -> None:
        """Become a server that was just set up: empty, and its numbers begin at 1."""
        self.restore(({}, {}, {}, {}, {}, dict.fromkeys(self._last_id, 0)))

    # Files, of which a real server dates nothing in their scene; at most the file or the folder is dated

    def scan(self, path: str, **values: Any) -> Scene:
        """Find a new file: it becomes a scene of its own. `values` are of the file."""
        scene = self.create_scene()
        number = self.next_id("file")
        plain: dict[str, Any] = {
            "mod_time": scene.created_at,
            "updated_at": scene.created_at,
            "size": 1,
            "width": 1920,
            "height": 1080,
        }
        plain |= {"duration": 60.0, "frame_rate": 25.0, "bit_rate": 1, "fingerprints": []}
        scene.files = [VideoFile(id=number, path=path, basename=path.rpartition("/")[2], **plain | values)]
        return scene

    def move_file(self, file: VideoFile, path: str) -> None:
        """Find a file under another path."""
        file.path, file.basename = path, path.rpartition("/")[2]
        file.updated_at = self.timestamp()

    def rename_folder(self, old: str, new: str) -> None:
        """Find a folder, with all that is in it, under another path: its files are not dated."""
        folder = next((folder for folder in self.folders.values() if folder.path == old), None)
        if folder is None:
            folder = Folder(self.next_id("folder"), old, "")
            self.folders[int(folder.id)] = folder
        folder.path, folder.updated_at = new, self.timestamp()
        for scene in self.scenes.values():
            for file in scene.files:
                if file.path.startswith(f"{old}/"):
                    file.path = new + file.path.removeprefix(old)

    def assign_file(self, file: VideoFile, scene: Scene) -> None:
        """Give a file to another scene."""
        self.destroy_file(file)
        scene.files.append(file)

    def destroy_file(self, file: VideoFile) -> None:
        """Forget a file; its scene stays."""
        for scene in self.scenes.values():
            _discard(scene.files, file)

    def merge_scenes(self, source: Scene, destination: Scene) -> None:
        """Give the files of one scene to another, and forget it."""
        for file in list(source.files):
            self.assign_file(file, destination)
        self.destroy_scene(source.id)

    # Scenes

    def create_scene(self, **values: Any) -> Scene:
        """Add a scene; a real server does that when it scans a folder."""
        moment = self.timestamp()
        scene = Scene(id=self.next_id("scene"), **{"created_at": moment, "updated_at": moment, **values})
        self.scenes[int(scene.id)] = scene
        return scene

    def update_scenes(self, inputs: Sequence[Input]) -> list[Scene]:
        """Replace the fields that each input names; one bad input refuses all of them."""
        planned = [(_find(self.scenes, "scene", entry["id"]), self._scene_changes(entry)) for entry in inputs]
        for scene, changes in planned:
            self._write(scene, changes)
        return [scene for scene, _ in planned]

    def bulk_update_scenes(self, entry: Input) -> list[Scene]:
        """Make the same change to several scenes; ids can be set, added or removed."""
        scenes = [_find(self.scenes, "scene", scene_id) for scene_id in entry.get("ids") or ()]
        planned = [(scene, self._scene_changes(_resolve_modes(entry, scene))) for scene in scenes]
        for scene, changes in planned:
            self._write(scene, changes)
        return scenes

    def destroy_scene(self, scene_id: str) -> None:
        """Forget a scene."""
        _find(self.scenes, "scene", scene_id)
        del self.scenes[int(scene_id)]

    def auto_tag(
        self,
        scene: Scene,
        *,
        tags: Iterable[Tag] = (),
        performers: Iterable[Performer] = (),
        studio: Studio | None = None,
    ) -> None:
        """Add what the names of its files say, as v0.22 does: without a date."""
        scene.tags.extend(tag for tag in tags if tag not in scene.tags)
        scene.performers.extend(performer for performer in performers if performer not in scene.performers)
        scene.studio = scene.studio or studio

    def _scene_changes(self, entry: Input) -> dict[str, Any]:
        changes = _read_fields(entry, ("title", "code", "details", "director"), empty="")
        changes |= _read_fields(entry, ("date", "rating100"), empty=None)
        changes |= _read_fields(entry, ("organized",), empty=False)
        if "url" in entry:
            changes["urls"] = [entry["url"]] if entry["url"] else []
        changes |= {key: list(value or ()) for key, value in _read_fields(entry, ("urls",), empty=[]).items()}
        if "studio_id" in entry:
            changes["studio"] = self._optional(self.studios, "studio", entry["studio_id"])
        if "performer_ids" in entry:
            changes["performers"] = _find_all(self.performers, "performer", entry["performer_ids"])
        if "tag_ids" in entry:
            changes["tags"] = _find_all(self.tags, "tag", entry["tag_ids"])
        return changes

    # Tags

    def create_tag(self, entry: Input) -> Tag:
        """Add a tag; its name and aliases must be new, also compared with other tags' aliases."""
        changes = self._tag_changes(entry)
        self._check_tag_names(changes, None)
        moment = self.timestamp()
        tag = Tag(id=self.next_id("tag"), name="", created_at=moment, updated_at=moment)
        self.tags[int(tag.id)] = tag
        self._write_tag(tag, changes)
        return tag

    def update_tag(self, entry: Input) -> Tag:
        """Change a tag; the scenes that have it keep their `updated_at`."""
        tag = _find(self.tags, "tag", entry["id"])
        changes = self._tag_changes(entry)
        self._check_tag_names(changes, tag)
        self._write_tag(tag, changes)
        return tag

    def destroy_tag(self, tag_id: str) -> None:
        """Forget a tag and take it off all scenes, which keep their `updated_at`."""
        tag = _find(self.tags, "tag", tag_id)
        del self.tags[int(tag_id)]
        for scene in self.scenes.values():
            _discard(scene.tags, tag)
        for other in self.tags.values():
            _discard(other.parents, tag)
            _discard(other.children, tag)

    def _tag_changes(self, entry: Input) -> dict[str, Any]:
        changes = _read_fields(entry, ("name", "description"), empty="")
        changes |= _read_fields(entry, ("aliases",), empty=[]) | _read_fields(entry, ("ignore_auto_tag",), empty=False)
        if "parent_ids" in entry:
            changes["parents"] = _find_all(self.tags, "tag", entry["parent_ids"])
        return changes

    def _check_tag_names(self, changes: Mapping[str, Any], own: Tag | None) -> None:
        others = [tag for tag in self.tags.values() if tag is not own]
        for name in [changes.get("name"), *changes.get("aliases", ())]:
            if name is not None:
                _check_new(name, others)

    def _write_tag(self, tag: Tag, changes: dict[str, Any]) -> None:
        self._write(tag, changes)
        for other in self.tags.values():
            _discard(other.children, tag)
        for parent in tag.parents:
            parent.children.append(tag)

    # Performers

    def create_performer(self, entry: Input) -> Performer:
        """Add a performer; name and disambiguation together must be new."""
        changes = _performer_changes(entry)
        self._check_performer(changes["name"], changes.get("disambiguation", ""), None)
        moment = self.timestamp()
        performer = Performer(self.next_id("performer"), "", created_at=moment, updated_at=moment)
        self._write(performer, changes)
        self.performers[int(performer.id)] = performer
        return performer

    def update_performer(self, entry: Input) -> Performer:
        """Change a performer; its scenes keep their `updated_at`."""
        performer = _find(self.performers, "performer", entry["id"])
        changes = _performer_changes(entry)
        name = changes.get("name", performer.name)
        self._check_performer(name, changes.get("disambiguation", performer.disambiguation), performer)
        self._write(performer, changes)
        return performer

    def destroy_performer(self, performer_id: str) -> None:
        """Forget a performer and take it off all scenes, which keep their `updated_at`."""
        performer = _find(self.performers, "performer", performer_id)
        del self.performers[int(performer_id)]
        for scene in self.scenes.values():
            _discard(scene.performers, performer)

    def _check_performer(self, name: str, disambiguation: str, own: Performer | None) -> None:
        for other in self.performers.values():
            if other is not own and (other.name, other.disambiguation) == (name, disambiguation):
                raise Refused(f"performer with name '{name}' already exists")

    # Studios

    def create_studio(self, entry: Input) -> Studio:
        """Add a studio; only exactly the same name is refused."""
        changes = self._studio_changes(entry)
        self._check_studio(changes["name"], None)
        moment = self.timestamp()
        studio = Studio(self.next_id("studio"), "", created_at=moment, updated_at=moment)
        self.studios[int(studio.id)] = studio
        self._write_studio(studio, changes)
        return studio

    def update_studio(self, entry: Input) -> Studio:
        """Change a studio; its scenes keep their `updated_at`."""
        studio = _find(self.studios, "studio", entry["id"])
        changes = self._studio_changes(entry)
        self._check_studio(changes.get("name", studio.name), studio)
        self._write_studio(studio, changes)
        return studio

    def destroy_studio(self, studio_id: str) -> None:
        """Forget a studio; its scenes lose it and keep their `updated_at`."""
        studio = _find(self.studios, "studio", studio_id)
        del self.studios[int(studio_id)]
        for scene in self.scenes.values():
            scene.studio = None if scene.studio is studio else scene.studio
        for other in self.studios.values():
            _discard(other.child_studios, studio)
            other.parent_studio = None if other.parent_studio is studio else other.parent_studio

    def _studio_changes(self, entry: Input) -> dict[str, Any]:
        changes = _read_fields(entry, ("name",), empty="") | _read_fields(entry, ("aliases",), empty=[])
        changes |= _read_fields(entry, ("ignore_auto_tag",), empty=False)
        if "parent_id" in entry:
            changes["parent_studio"] = self._optional(self.studios, "studio", entry["parent_id"])
        return changes

    def _check_studio(self, name: str, own: Studio | None) -> None:
        if any(other is not own and other.name == name for other in self.studios.values()):
            raise Refused(f"studio with name '{name}' already exists")

    def _write_studio(self, studio: Studio, changes: dict[str, Any]) -> None:
        self._write(studio, changes)
        for other in self.studios.values():
            _discard(other.child_studios, studio)
        if studio.parent_studio is not None:
            studio.parent_studio.child_studios.append(studio)

    # For all kinds

    def _write(self, item: Item, changes: Mapping[str, Any]) -> None:
        for name, value in changes.items():
            setattr(item, name, value)
        item.updated_at = self.timestamp()  # also when nothing is new, as on a real server

    def _optional(self, items: Mapping[int, Item], kind: str, item_id: str | None) -> Item | None:
        return None if item_id is None else _find(items, kind, item_id)


def _find(items: Mapping[int, Item], kind: str, item_id: str) -> Item:
    if not (item_id.isascii() and item_id.isdigit()):
        raise Refused(f"converting id: {item_id!r} is not a number")
    item = items.get(int(item_id))
    if item is None:
        raise Refused(f"{kind} with id {item_id} not found")
    return item


def _find_all(items: Mapping[int, Item], kind: str, ids: Iterable[str] | None) -> list[Item]:
    return [_find(items, kind, item_id) for item_id in dict.fromkeys(ids or ())]


def _read_fields(entry: Input, names: Iterable[str], *, empty: Any) -> dict[str, Any]:
    """The fields that the input names; null empties a field."""
    return {name: empty if entry[name] is None else entry[name] for name in names if name in entry}


def _performer_changes(entry: Input) -> dict[str, Any]:
    changes = _read_fields(entry, ("name", "disambiguation"), empty="")
    changes |= _read_fields(entry, ("alias_list",), empty=[])
    return changes | _read_fields(entry, ("favorite", "ignore_auto_tag"), empty=False)


def _resolve_modes(entry: Input, scene: Scene) -> dict[str, Any]:
    """What a bulk change means for one scene, as a plain change."""
    changes = {name: value for name, value in entry.items() if name not in ("ids", "clientMutationId")}
    current = {
        "performer_ids": [performer.id for performer in scene.performers],
        "tag_ids": [tag.id for tag in scene.tags],
        "urls": scene.urls,
    }
    for name in current.keys() & changes.keys():
        if changes[name] is not None:
            changes[name] = _apply_mode(current[name], changes[name])
    return changes


def _apply_mode(current: list[str], change: Input) -> list[str]:
    values = list(change.get("ids") or change.get("values") or ())
    if change["mode"] == "ADD":
        return list(dict.fromkeys(current + values))
    if change["mode"] == "REMOVE":
        return [value for value in current if value not in values]
    return values


def _check_new(name: str, others: Iterable[Tag]) -> None:
    for tag in others:
        if tag.name.casefold() == name.casefold():
            raise Refused(f"tag with name '{name}' already exists")
        if name.casefold() in (alias.casefold() for alias in tag.aliases):
            raise Refused(f"name '{name}' is used as alias for '{tag.name}'")


def _discard(items: list[T], item: T) -> None:
    if item in items:
        items.remove(item)
