"""How well, and how fast, the detectors read labelled paths."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date

from tests.stashwork.detection import (
    auditors,
    benchmark,
    examiners,
    first_half,
    guests,
    hoarders,
    islanders,
    last_look,
    latecomers,
    librarian,
    neighbours,
    newcomers,
    outsiders,
    packrat,
    passersby,
    second_half,
    strangers,
    third_look,
    visitors,
    wayfarers,
)
from tests.stashwork.detection.score import FIELDS, score

from stashwork.plans.detectors import Detector, Entity, Kind, NameIndex, SceneFacts

NAMES, SCENES = 10_000, 5_000
_SETS = {
    "first half": (first_half.cases(), None),
    "second half": (second_half.cases(), None),
    "third look": (third_look.cases(), None),
    "another library": (strangers.cases(), strangers.library()),
    "a third library": (newcomers.cases(), newcomers.library()),
    "a fourth library": (latecomers.cases(), latecomers.library()),
    "a last look": (last_look.cases(), last_look.library()),
    "a fifth library": (wayfarers.cases(), wayfarers.library()),
    "a sixth library": (islanders.cases(), islanders.library()),
    "a seventh library": (passersby.cases(), passersby.library()),
    "an eighth library": (hoarders.cases(), hoarders.library()),
    "a ninth library": (visitors.cases(), visitors.library()),
    "a tenth library": (guests.cases(), guests.library()),
    "an eleventh library": (neighbours.cases(), neighbours.library()),
    "a twelfth library": (benchmark.cases(), benchmark.library()),
    "a thirteenth library": (packrat.cases(), packrat.library()),
    "a fourteenth library": (librarian.cases(), librarian.library()),
    "a fifteenth library": (outsiders.cases(), outsiders.library()),
    "a sixteenth library": (examiners.cases(), examiners.library()),
    "a seventeenth library": (auditors.cases(), auditors.library()),
}


def quality() -> Iterator[tuple[str, float, str]]:
    """Name, value and goal of each precision and recall."""
    for name, (cases, library) in _SETS.items():
        scores, _ = score(cases, library)
        for field in FIELDS:
            yield f"{field}, {name} ({len(cases)} paths): precision", scores[field].precision, "0.99"
            yield f"{field}, {name} ({len(cases)} paths): recall", scores[field].recall, "0.95"


def scenes_per_second() -> float:
    """Scenes that one core reads in a second, in a library of ten thousand performers."""
    people = [Entity(Kind.PERFORMER, n, f"Person{n} Surname{n}", (f"Alias{n} Other{n}",)) for n in range(1, NAMES + 1)]
    detector = Detector(NameIndex(people))
    scenes = [
        SceneFacts(n, f"/m/Somewhere/[House {n}] Person{n} Surname{n} - A Quiet Night [2020-02-03] 1080p.mp4")
        for n in range(1, SCENES + 1)
    ]
    latest = date(2025, 1, 1)
    begin = time.process_time()
    for scene in scenes:
        detector.proposals(SceneFacts(scene.id, scene.path, latest=latest))
    return SCENES / (time.process_time() - begin)
