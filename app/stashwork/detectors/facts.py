"""What a detector is told about a scene, and what it answers."""

import dataclasses
import re
from dataclasses import dataclass
from datetime import date as Day
from pathlib import PurePath, PurePosixPath, PureWindowsPath
from typing import Any


@dataclass(frozen=True, slots=True)
class SceneFacts:
    """A scene as it is in the local library; `latest` is the last day that its date may be."""

    id: int
    path: str = ""
    title: str = ""
    details: str = ""
    date: str | None = None
    studio_id: int | None = None
    performer_ids: frozenset[int] = frozenset()
    tag_ids: frozenset[int] = frozenset()
    height: int = 0
    duration: float = 0.0
    latest: Day = Day.max

    def folders(self) -> list[str]:
        """The names of the folders that the file is in, outermost first; a user's home is none."""
        folders = [part for part in _parts(self.path)[:-1] if part.strip("/\\:")]
        drive = 1 if folders and _DRIVE.fullmatch(folders[0]) else 0
        at_home = len(folders) > drive and folders[drive].casefold() in _HOMES
        return folders[drive + 2 :] if at_home else folders

    def stem(self) -> str:
        """The file's name without its ending."""
        parts = _parts(self.path)
        return _stem(parts[-1]) if parts else ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One change of one field. `value` is a text, or `{"id", "name"}`; a new entity has no id (None).

    `action` is "set" or "add"; `confidence` is 0 to 1; `reason` is a sentence for people.
    """

    field: str
    action: str
    value: Any
    confidence: float
    reason: str
    source: str = dataclasses.field(default="rules", compare=False)


_DRIVE = re.compile(r"[A-Za-z]:\\?")
_HOMES = ("home", "users")  # what is in there is called by who uses the machine
_ENDINGS = re.compile(
    "mp4|m4v|mkv|avi|wmv|mov|flv|webm|mpe?g|m?ts|m2ts|vob|asf|divx|og[vm]|rm|rmvb|3gp|f4v|iso|mp4v", re.IGNORECASE
)


def _parts(path: str) -> list[str]:
    windows = "\\" in path and "/" not in path
    kind: type[PurePath] = PureWindowsPath if windows else PurePosixPath
    return list(kind(path).parts) if path else []


def _stem(name: str) -> str:
    """The name without the ending of a video; names like `x.1080p.mp4-GROUP` have it in front of a group."""
    stem, dot, ending = name.rpartition(".")
    word, _, _ = ending.partition("-")
    return stem if dot and stem and _ENDINGS.fullmatch(word) else name
