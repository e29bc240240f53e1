"""Precision and recall of the detectors on labelled paths."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from types import ModuleType
from typing import Any

from stashwork.detectors import Detector, Entity, NameIndex, SceneFacts, Wanted

from .library import entities

FIELDS = ("studio", "performers", "date")
THRESHOLD = 0.7
LATEST = date(2025, 6, 30)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A path, and what a person reads in it."""

    path: str
    studio: str | None = None
    performers: tuple[str, ...] = ()
    date: str | None = None


@dataclass(slots=True)
class Score:
    """Right proposals, wrong ones, and those that are missing."""

    right: int = 0
    wrong: int = 0
    missing: int = 0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missing) if self.right + self.missing else 1.0


def labelled(text: str) -> list[Labelled]:
    """Read lines such as `path | studio | performer; performer | date`."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        path, studio, people, day = (part.strip() for part in (line + " | | |").split("|")[:4])
        found.append(
            Labelled(path, studio or None, tuple(p.strip() for p in people.split(";") if p.strip()), day or None)
        )
    return found


def score_set(labelled_set: ModuleType) -> tuple[dict[str, Score], list[str]]:
    """The score of each field in the library of a set (if it has none: the common one), and a line for each mistake."""
    library = getattr(labelled_set, "library", entities)
    return score(labelled_set.cases(), library())


def score(cases: Sequence[Labelled], known: Sequence[Entity]) -> tuple[dict[str, Score], list[str]]:
    """The same of any paths and names."""
    detector = Detector(NameIndex(known), Wanted(details=False))
    scores, mistakes = {field: Score() for field in FIELDS}, []
    for number, case in enumerate(cases, 1):
        proposals = [
            p for p in detector.proposals(SceneFacts(number, case.path, latest=LATEST)) if p.confidence >= THRESHOLD
        ]
        expected: dict[str, set[Any]] = {
            "studio": {case.studio} - {None},
            "performers": set(case.performers),
            "date": {case.date} - {None},
        }
        for field, wanted in expected.items():
            found = {p.value if field == "date" else p.value["name"] for p in proposals if p.field == field}
            scores[field].right += len(found & wanted)
            scores[field].wrong += len(found - wanted)
            scores[field].missing += len(wanted - found)
            if found != wanted:
                mistakes.append(f"{case.path}: {field} {sorted(map(str, found))}, not {sorted(map(str, wanted))}")
    return scores, mistakes
