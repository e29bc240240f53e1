"""What a scene's number stands for. Numbers come back: in a library made anew, or in one restored from a backup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from stashwork.stash import Scene


@dataclass(frozen=True, slots=True)
class SceneIdentity:
    """When the server made a scene, in its own words, and its files: their paths and fingerprints (`oshash:...`)."""

    created_at: str
    paths: frozenset[str] = frozenset()
    fingerprints: frozenset[str] = frozenset()

    @classmethod
    def of(cls, scene: Scene) -> SceneIdentity:
        """The identity of a scene as the server sent it."""
        return cls.of_files(scene.created_at, scene.files)

    @classmethod
    def of_files(cls, created_at: str, files: Sequence[Any]) -> SceneIdentity:
        """The identity of a scene with these files, which have `path` and `fingerprints`: sent, or stored here."""
        pairs = {f"{kind}:{value}" for file in files for kind, value in file.fingerprints}
        return cls(created_at, frozenset(file.path for file in files), frozenset(pairs))

    @classmethod
    def restore(cls, created_at: str, files: Mapping[str, Any]) -> SceneIdentity:
        """The identity that was stored as `created_at` and `files`."""
        return cls(created_at, frozenset(files["paths"]), frozenset(files["fingerprints"]))

    def files(self) -> dict[str, list[str]]:
        """Paths and fingerprints as plain JSON content."""
        return {"paths": sorted(self.paths), "fingerprints": sorted(self.fingerprints)}

    def is_same(self, other: SceneIdentity) -> bool:
        """Whether both are one scene: made at the same moment, with a file or at least a path in common.

        A file may be moved, or replaced at its path, and the scene is the same; both at once make it another one.
        """
        if not is_same_moment(self.created_at, other.created_at):
            return False
        return not (_differ(self.fingerprints, other.fingerprints) and _differ(self.paths, other.paths))


def is_same_moment(one: str, other: str) -> bool:
    """Whether two of the server's timestamps are equal, be it in two time zones: it may be given another one."""
    return one == other or _instant(one) == _instant(other)


def _differ(ones: frozenset[str], others: frozenset[str]) -> bool:
    return bool(ones) and bool(others) and ones.isdisjoint(others)


def _instant(text: str) -> datetime | str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.astimezone(UTC) if moment.tzinfo else text
