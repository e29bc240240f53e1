"""What a Stash server sent, as plain frozen values. Every text is untrusted."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Version:
    """Which Stash it is; `version` is empty for builds from source."""

    version: str
    build_time: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many items the server says that it has."""

    scenes: int
    performers: int
    tags: int
    studios: int


@dataclass(frozen=True, slots=True)
class Performer:
    """One performer; unique on name and disambiguation. With `ignore_auto_tag` it is not to be proposed."""

    id: int
    name: str
    disambiguation: str
    aliases: tuple[str, ...]
    favorite: bool
    ignore_auto_tag: bool
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag; a tag may have several parents. With `ignore_auto_tag` it is not to be proposed."""

    id: int
    name: str
    description: str
    aliases: tuple[str, ...]
    parent_ids: tuple[int, ...]
    ignore_auto_tag: bool
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class Studio:
    """One studio; names need not be unique. With `ignore_auto_tag` it is not to be proposed."""

    id: int
    name: str
    aliases: tuple[str, ...]
    parent_id: int | None
    ignore_auto_tag: bool
    created_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class SceneFile:
    """One file of a scene: size in bytes, duration in seconds, bit rate in bits per second."""

    id: int
    path: str
    basename: str
    size: int
    duration: float
    video_codec: str
    width: int
    height: int
    frame_rate: float
    bit_rate: int
    mod_time: str
    fingerprints: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene; timestamps are the server's own texts, for comparison with themselves only."""

    id: int
    title: str
    code: str
    details: str
    director: str
    urls: tuple[str, ...]
    date: str | None
    rating100: int | None
    organized: bool
    created_at: str
    updated_at: str
    studio_id: int | None
    performer_ids: tuple[int, ...]
    tag_ids: tuple[int, ...]
    files: tuple[SceneFile, ...]


class Parts(StrEnum):
    """What an index of the scenes tells besides id and dates; each tells what the one before it tells."""

    DATES = "dates"
    FILES = "files"
    LINKS = "links"


class FilePart(NamedTuple):
    """What the index tells of a file."""

    id: int
    path: str
    size: int
    mod_time: str
    fingerprints: tuple[tuple[str, str], ...]


class Links(NamedTuple):
    """The ids of a scene's studio, performers and tags."""

    studio: int | None
    performers: tuple[int, ...]
    tags: tuple[int, ...]


class IndexEntry(NamedTuple):
    """A scene's id, the server's texts for when it was made and last changed, and the parts that were asked for.

    A tuple, since it is made twice and compared once for each scene of every sync.
    """

    id: int
    created_at: str
    updated_at: str
    files: tuple[FilePart, ...] | None = None
    links: Links | None = None


@dataclass(frozen=True, slots=True)
class FileDates:
    """When the file and the folder that changed last were changed, in the server's words; "" if there is none."""

    files: str
    folders: str


@dataclass(frozen=True, slots=True)
class FileFigures:
    """The bytes of all files, the scenes without a file, and those with more than one, more than two, and so on."""

    size: float
    without: frozenset[int]
    more: tuple[frozenset[int], ...]


@dataclass(frozen=True, slots=True)
class LinkFigures:
    """How many scenes have no studio, more than no performer, more than one, and so on; tags likewise."""

    without_studio: int
    performers: tuple[int, ...]
    tags: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rejected:
    """An item that could not be read; `id` is None when not even that was readable."""

    id: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Batch(Generic[T]):
    """Items of one answer, those that were unreadable, and how many the server says there are."""

    items: tuple[T, ...]
    rejected: tuple[Rejected, ...]
    total: int

    @property
    def is_complete(self) -> bool:
        """Whether the server sent as many items as it says there are: the base for any deletion."""
        return len(self.items) + len(self.rejected) == self.total

    def last_id(self) -> int:
        """The highest readable id, or 0."""
        known = [item.id for item in self.rejected if item.id is not None]
        known += [getattr(item, "id", 0) for item in self.items]
        return max(known, default=0)
