"""Looks at one scene with all detectors, and turns what they find into proposals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .dates import DateFound, folder_date, the_date
from .details import clean_details
from .facts import Proposal, SceneFacts
from .missing import find_missing
from .names import FIELD_KINDS, Entity, Kind, Match, NameIndex
from .performers import Finding, find_performers
from .reading import Reading, Source, read
from .studios import StudioChoice, find_studio
from .tags import TagFound, find_tags, technical_tags
from .titles import find_title, is_machine_made
from .tokens import tokenize

_MAX_FOLDERS = 6  # counted upwards from the file
_MAX_DETAILS = 20_000  # characters in which names are looked for


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which fields to look at, and whether to propose new performers and studios."""

    performers: bool = True
    studio: bool = True
    tags: bool = True
    details: bool = True
    title: bool = True
    date: bool = True
    technical_tags: bool = False
    missing: bool = False


class Detector:
    """Makes proposals with the names of one library.

    >>> index = NameIndex([Entity(Kind.STUDIO, 1, "Paper Mill")])
    >>> scene = SceneFacts(1, "/media/[Paper Mill] The Garden.mp4")
    >>> [p.value["name"] for p in Detector(index).proposals(scene) if p.field == "studio"]
    ['Paper Mill']
    """

    def __init__(self, index: NameIndex, wanted: Wanted | None = None) -> None:
        self._index = index
        self._wanted = wanted or Wanted()

    def proposals(self, scene: SceneFacts) -> list[Proposal]:
        """What is found for the scene and is not so already; in the order of the fields, surest first."""
        return [one for one in self._proposals(scene) if not self._is_ignored(one)]

    def _is_ignored(self, proposal: Proposal) -> bool:
        kind = FIELD_KINDS.get(proposal.field)
        entity = self._index.entities.get((kind, proposal.value["id"])) if kind else None
        return entity is not None and entity.is_ignored

    def _proposals(self, scene: SceneFacts) -> Iterator[Proposal]:
        wanted = self._wanted
        readings = self._readings(scene)
        studio = find_studio(readings, self._index)
        people = self._people(scene, readings, studio)
        if wanted.studio and scene.studio_id is None and studio.finding is not None:
            yield _entity_proposal("studio", "set", studio.finding)
        if wanted.performers:
            new = [f for f in people if f.entity.id not in scene.performer_ids]
            yield from (_entity_proposal("performers", "add", found) for found in new)
        if wanted.missing:
            yield from self._missing(scene, readings, studio, people)
        if wanted.tags or wanted.technical_tags:
            yield from self._tags(scene, readings, studio, people)
        if wanted.date and not scene.date:
            yield from _date_proposal(scene, readings, studio, people)
        if wanted.title and is_machine_made(scene, scene.title):
            yield from _title_proposal(scene, readings, studio, people)
        if wanted.details:
            yield from _details_proposal(scene)

    def _readings(self, scene: SceneFacts) -> list[Reading]:
        folders = scene.folders()[::-1][:_MAX_FOLDERS]
        texts = [(scene.stem(), Source.FILE, 0)]
        if not is_machine_made(scene, scene.title):
            texts.append((scene.title, Source.TITLE, 0))
        # A folder that is called as its file is says nothing of its own
        texts += [(text, Source.FOLDER, depth) for depth, text in enumerate(folders, 1) if text != scene.stem()]
        return [read(text, source, depth, self._index, scene.latest) for text, source, depth in texts if text]

    def _people(self, scene: SceneFacts, readings: Sequence[Reading], studio: StudioChoice) -> list[Finding]:
        known = studio.finding is not None or scene.studio_id is not None
        best: dict[int, Finding] = {}
        for reading in readings:
            spans = studio.spans[reading]
            for found in find_performers(reading, self._index, spans, studio_known=known):
                if found.entity.id not in best or found.confidence > best[found.entity.id].confidence:
                    best[found.entity.id] = found
        for found in self._in_details(scene):
            best.setdefault(found.entity.id, found)
        return sorted(best.values(), key=lambda found: -found.confidence)

    def _in_details(self, scene: SceneFacts) -> Iterator[Finding]:
        """Full names, written exactly as they are known."""
        if not self._wanted.performers or not scene.details:
            return
        text = clean_details(scene.details[:_MAX_DETAILS])
        tokens = tokenize(text)
        reading = Reading(text, Source.TITLE, 0, [], tokens, self._index.matches(tokens))
        for match in reading.matches:
            written = text[tokens[match.start].start : tokens[match.end - 1].end]
            exact = match.kind == Kind.PERFORMER and match.spelling.words > 1 and written == match.spelling.written
            if match.entity is None or not exact or match.spelling.is_ordinary or not reading.stands_free(match):
                continue
            yield Finding(match.entity, 0.75, f"“{written}” in the details", reading, match)

    def _tags(
        self, scene: SceneFacts, readings: Sequence[Reading], studio: StudioChoice, people: Sequence[Finding]
    ) -> Iterator[Proposal]:
        best: dict[Any, TagFound] = {}
        found = [tag for reading in readings for tag in find_tags(reading, _named_words(reading, studio, people))]
        found = found if self._wanted.tags else []
        for tag in found + (self._technical(scene) if self._wanted.technical_tags else []):
            key = tag.entity.id if tag.entity else tag.name
            if key not in scene.tag_ids and (key not in best or best[key].confidence < tag.confidence):
                best[key] = tag
        for tag in sorted(best.values(), key=lambda tag: -tag.confidence):
            value = {"id": tag.entity.id if tag.entity else None, "name": tag.name}
            yield Proposal("tags", "add", value, tag.confidence, tag.reason)

    def _technical(self, scene: SceneFacts) -> list[TagFound]:
        """Technical tags that the library has; others only if new entities are wanted."""
        found = []
        for tag in technical_tags(scene):
            known = self._index.find(Kind.TAG, tag.name)
            if len(known) == 1:
                found.append(replace(tag, entity=known[0], name=known[0].name))
            elif not known and self._wanted.missing:
                found.append(tag)
        return found

    def _missing(
        self, scene: SceneFacts, readings: Sequence[Reading], studio: StudioChoice, people: Sequence[Finding]
    ) -> Iterator[Proposal]:
        reading = next((r for r in readings if r.source == Source.FILE), None)
        if reading is None:
            return
        known = _named_words(reading, studio, people)
        for kind, name, confidence, reason in find_missing(reading, known, has_studio=bool(studio.spans[reading])):
            field, action = ("studio", "set") if kind == Kind.STUDIO else ("performers", "add")
            is_wanted = self._wanted.studio if kind == Kind.STUDIO else self._wanted.performers
            taken = kind == Kind.STUDIO and (scene.studio_id is not None or studio.finding is not None)
            if is_wanted and not taken and not self._index.find(kind, name):
                yield Proposal(field, action, {"id": None, "name": name}, confidence, reason)


def _named_words(reading: Reading, studio: StudioChoice, people: Sequence[Finding]) -> list[Match]:
    """The words of a text that name the studio or a performer who was found."""
    ids = {found.entity.id for found in people}
    names = [m for m in reading.people if m.entity is not None and m.entity.id in ids]
    return studio.spans[reading] + names


def _entity_proposal(field: str, action: str, found: Finding) -> Proposal:
    entity: Entity = found.entity
    return Proposal(field, action, {"id": entity.id, "name": entity.name}, found.confidence, found.reason)


def _date_proposal(
    scene: SceneFacts, readings: Sequence[Reading], studio: StudioChoice, people: Sequence[Finding]
) -> Iterator[Proposal]:
    for reading in readings:
        names = bool(_named_words(reading, studio, people))
        found = the_date([_six_digits(reading, one) if names else one for one in reading.dates])
        if found is not None:
            penalty = 0.0 if reading.source == Source.FILE else 0.03
            written = reading.text[found.start : found.end].strip()
            reason = f"“{written}” in the {reading.source}, read as {found.reading}"
            yield Proposal("date", "set", found.value.isoformat(), round(found.confidence - penalty, 2), reason)
            return
    found = folder_date(scene.folders(), scene.latest)
    if found is not None:
        yield Proposal("date", "set", found.value.isoformat(), found.confidence, f"the folders {found.reading}")


def _six_digits(reading: Reading, found: DateFound) -> DateFound:
    """Six digits may be any number; beside a name, and set apart by separators, they are a date."""
    before, after = reading.text[: found.start], reading.text[found.end :]
    apart = before[-1:] in ("", "_", "-", ".", " ", "[", "(") and after[:1] in ("", "_", "-", ".", " ", "]", ")")
    return replace(found, confidence=0.75) if apart and found.end - found.start == 6 else found


def _title_proposal(
    scene: SceneFacts, readings: Sequence[Reading], studio: StudioChoice, people: Sequence[Finding]
) -> Iterator[Proposal]:
    reading = next((r for r in readings if r.source == Source.FILE), None)
    found = find_title(reading, _named_words(reading, studio, people)) if reading else None
    if found is not None and found.value != scene.title:
        yield Proposal("title", "set", found.value, found.confidence, found.reason)


def _details_proposal(scene: SceneFacts) -> Iterator[Proposal]:
    cleaned = clean_details(scene.details)
    if cleaned != scene.details:
        yield Proposal("details", "set", cleaned, 0.95, "the details hold HTML; this is their text")
