"""Turns what a language model read into proposals, in the library's own names."""

from collections.abc import Iterator
from datetime import date

from stashwork.detectors import Kind, NameIndex, Proposal, SceneFacts, Wanted
from stashwork.detectors.titles import is_machine_made

from .ai import Suggestion

_CONFIDENCE, _NEW_CONFIDENCE = 0.8, 0.72
_REASON = "the language model read it in the scene's texts"


def ai_proposals(scene: SceneFacts, read: Suggestion, index: NameIndex, wanted: Wanted) -> Iterator[Proposal]:
    """Proposals for what the scene does not have; names that the library lacks only if new ones are wanted."""
    if wanted.studio and scene.studio_id is None and read.studio:
        yield from _entity("studio", Kind.STUDIO, read.studio, index, wanted, frozenset())
    for name in read.performers if wanted.performers else ():
        yield from _entity("performers", Kind.PERFORMER, name, index, wanted, scene.performer_ids)
    for name in read.tags if wanted.tags else ():
        yield from _entity("tags", Kind.TAG, name, index, wanted, scene.tag_ids)
    if wanted.date and not scene.date and _is_date(read.date, scene.latest):
        yield Proposal("date", "set", read.date, _CONFIDENCE, _REASON, "ai")
    if wanted.title and read.title and is_machine_made(scene, scene.title) and read.title != scene.title:
        yield Proposal("title", "set", read.title, _CONFIDENCE, _REASON, "ai")


def _entity(
    field: str, kind: Kind, name: str, index: NameIndex, wanted: Wanted, present: frozenset[int]
) -> Iterator[Proposal]:
    known = index.find(kind, name)
    action = "set" if field == "studio" else "add"
    if len(known) == 1 and known[0].id not in present and not known[0].is_ignored:
        value = {"id": known[0].id, "name": known[0].name}
        yield Proposal(field, action, value, _CONFIDENCE, _REASON, "ai")
    elif not known and wanted.missing and len(name) <= 100:
        yield Proposal(field, action, {"id": None, "name": name}, _NEW_CONFIDENCE, _REASON, "ai")


def _is_date(text: str | None, latest: date) -> bool:
    try:
        return text is not None and len(text) == 10 and date(1900, 1, 1) <= date.fromisoformat(text) <= latest
    except ValueError:
        return False
