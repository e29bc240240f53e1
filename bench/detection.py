"""How well, and how fast, the detectors read labelled paths."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date

from tests.stashwork.detectors.score import FIELDS, score_set
from tests.stashwork.detectors.sets import SETS

from stashwork.detectors import Detector, Entity, Kind, NameIndex, SceneFacts

NAMES, SCENES = 10_000, 5_000


def quality() -> Iterator[tuple[str, float, str]]:
    """Name, value and goal of each precision and recall."""
    for name, labelled in SETS.items():
        scores, _ = score_set(labelled)
        for field in FIELDS:
            what = f"{field}, {name} ({len(labelled.cases())} paths)"
            yield f"{what}: precision", scores[field].precision, "0.99"
            yield f"{what}: recall", scores[field].recall, "0.95"


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
