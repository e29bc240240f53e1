"""What a sync did, for people and for JSON."""

from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

Content: TypeAlias = dict[str, Any]  # named, since SyncResult has a method `dict`
KINDS = ("performers", "tags", "studios", "scenes")
MAX_FAILURES = 100
_MAX_REASON = 300  # characters


@dataclass(slots=True)
class KindCounts:
    """Items of one kind."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """One item that could not be copied whole; `id` is None when not even that was readable."""

    kind: str
    id: int | None
    reason: str


@dataclass(slots=True)
class SyncResult:
    """Counts for each kind of item, the first 100 failures, and what a person should know."""

    job_id: str
    force: bool
    performers: KindCounts = field(default_factory=KindCounts)
    tags: KindCounts = field(default_factory=KindCounts)
    studios: KindCounts = field(default_factory=KindCounts)
    scenes: KindCounts = field(default_factory=KindCounts)
    failures: list[Failure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    duration_seconds: float = 0.0

    def dict(self) -> Content:
        """All of it as plain JSON content."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: Content) -> "SyncResult":
        """What `dict` made, as a result again."""
        read: Content = {kind: KindCounts(**content[kind]) for kind in KINDS}
        read["failures"] = [Failure(**failure) for failure in content["failures"]]
        return cls(**content | read)

    def counts(self, kind: str) -> KindCounts:
        """The counts of "performers", "tags", "studios" or "scenes"."""
        found = {
            "performers": self.performers,
            "tags": self.tags,
            "studios": self.studios,
            "scenes": self.scenes,
        }
        return found[kind]

    def fail(self, kind: str, item_id: int | None, reason: str) -> None:
        """Count a failure, and keep its reason while there is room."""
        self.counts(kind).failed += 1
        if len(self.failures) < MAX_FAILURES:
            self.failures.append(Failure(kind, item_id, reason[:_MAX_REASON]))

    def summary(self) -> str:
        """One line, such as `2,000 scenes: 3 created, 1 updated, 1,996 unchanged`."""
        scenes = self.scenes
        total = scenes.created + scenes.updated + scenes.unchanged
        told = {"created": scenes.created, "updated": scenes.updated, "unchanged": scenes.unchanged}
        told |= {"removed": scenes.removed, "failed": scenes.failed}
        parts = [f"{number:,} {name}" for name, number in told.items() if number]
        return f"{total:,} scenes: {', '.join(parts) or 'nothing to do'}"
