"""What an analysis, an apply or an undo did, for people and for JSON."""

from dataclasses import asdict, dataclass, field
from typing import Any

MAX_NOTES = 100


@dataclass(slots=True)
class AiUsage:
    """What the language model was asked and what that costs; failures are requests without a usable answer."""

    requests: int = 0
    failures: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0

    def add(self, other: "AiUsage") -> None:
        """Add the numbers of another one."""
        self.requests += other.requests
        self.failures += other.failures
        self.input_tokens += other.input_tokens
        self.output_tokens += other.output_tokens
        self.cost = round(self.cost + other.cost, 6)


@dataclass(slots=True)
class AnalysisResult:
    """The plan that was made; `changes` counts its proposals by field."""

    plan_id: int
    scenes: int
    scenes_with_changes: int
    total_changes: int
    changes: dict[str, int]
    ai: AiUsage = field(default_factory=AiUsage)
    warnings: list[str] = field(default_factory=list)

    def dict(self) -> dict[str, Any]:
        """All of it as plain JSON content."""
        return asdict(self)


@dataclass(slots=True)
class ApplyResult:
    """How many changes had which outcome, what was created, and the first hundred that need attention.

    `scenes` were looked at, and `requests` carried the changes of those that were written.
    """

    plan_id: int
    status: str = ""
    done: int = 0
    already: int = 0
    conflict: int = 0
    gone: int = 0
    failed: int = 0
    scenes: int = 0
    requests: int = 0
    created: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)

    def dict(self) -> dict[str, Any]:
        """All of it as plain JSON content."""
        return asdict(self)

    def note(self, scene_id: int, change_field: str, outcome: str, text: str) -> None:
        """Keep what needs attention, while there is room."""
        if len(self.notes) < MAX_NOTES:
            self.notes.append({"scene_id": scene_id, "field": change_field, "outcome": outcome, "note": text})
