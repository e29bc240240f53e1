"""Tags that the texts of a scene name, and those that follow from its file."""

from collections.abc import Sequence
from dataclasses import dataclass

from .facts import SceneFacts
from .names import Entity, Kind, Match
from .reading import Reading, Source

_RESOLUTIONS = ((4320, "8K"), (2160, "4K"), (1440, "1440p"), (1080, "1080p"), (720, "720p"), (1, "SD"))
_SHORT, _LONG = 600.0, 3600.0  # seconds
_SHORT_TAG, _LONG_TAG = "Under 10 Minutes", "Over 60 Minutes"


@dataclass(frozen=True, slots=True)
class TagFound:
    """A tag of the library, or the name of one, how sure it is, and why."""

    entity: Entity | None
    name: str
    confidence: float
    reason: str


def find_tags(reading: Reading, taken: Sequence[Match]) -> list[TagFound]:
    """Tags that one text names; `taken` are words that belong to names of people and studios."""
    found = []
    for match in reading.matches:
        if match.kind != Kind.TAG or match.entity is None or any(match.overlaps(other) for other in taken):
            continue
        if all(token.is_noise for token in reading.tokens[match.start : match.end]):
            continue  # what a name says about its file is often not true any more
        confidence = _confidence(reading, match)
        written = reading.text[reading.tokens[match.start].start : reading.tokens[match.end - 1].end]
        alias = f", an alias of {match.entity.name}" if match.spelling.is_alias else ""
        reason = f"“{written}” in the {reading.source}{alias}"
        found.append(TagFound(match.entity, match.entity.name, confidence, reason))
    return found


def technical_tags(scene: SceneFacts) -> list[TagFound]:
    """Tags for the resolution and an unusual duration."""
    found = []
    resolution = next((name for least, name in _RESOLUTIONS if scene.height >= least), None)
    if resolution:
        found.append(TagFound(None, resolution, 1.0, f"the file is {scene.height} pixels high"))
    minutes = round(scene.duration / 60)
    if 0 < scene.duration < _SHORT:
        found.append(TagFound(None, _SHORT_TAG, 1.0, f"the file takes {minutes} minutes"))
    if scene.duration > _LONG:
        found.append(TagFound(None, _LONG_TAG, 1.0, f"the file takes {minutes} minutes"))
    return found


def _confidence(reading: Reading, match: Match) -> float:
    if reading.is_apart(match) and (reading.tokens[match.start].bracket or _is_hashtag(reading, match)):
        return 0.92
    if reading.source == Source.FOLDER:
        return 0.88 if reading.is_everything(match) else 0.6
    if match.is_squeezed:
        return 0.55
    if reading.is_alone(match) and len(reading.tokens) > match.end - match.start:
        return 0.8
    return 0.78 if match.spelling.words > 1 else 0.6


def _is_hashtag(reading: Reading, match: Match) -> bool:
    start = reading.tokens[match.start].start
    return start > 0 and reading.text[start - 1] == "#"
