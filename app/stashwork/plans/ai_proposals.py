"""Asks a language model about scenes, and turns what it reads into proposals, in the library's own names."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from stashwork.detectors import Kind, NameIndex, Proposal, SceneFacts, Wanted
from stashwork.detectors.titles import is_machine_made
from stashwork.library.mirror import slices

from .ai import AiClient, AiError, Suggestion
from .results import AiUsage

_PAGE = 10  # scenes in one question
_MAX_FAILURES = 3  # in a row; then the analysis goes on without the model
_CONFIDENCE, _NEW_CONFIDENCE = 0.8, 0.72
_REASON = "the language model read it in the scene's texts"


class AiReader:
    """Asks a language model about scenes, and adds what it reads where the rules found nothing.

    It is done without when it fails several times in a row; `warnings` tell. `usage` goes on from `before`.
    """

    def __init__(self, client: AiClient, before: AiUsage) -> None:
        self.warnings: list[str] = []
        self._client = client
        self._before = before
        self._failures = 0  # in a row

    def usage(self) -> AiUsage:
        """What was asked, and what it cost."""
        total = replace(self._before)
        total.add(self._client.usage)
        return total

    async def add_proposals(
        self, scenes: Sequence[SceneFacts], found: dict[int, list[Proposal]], index: NameIndex, wanted: Wanted
    ) -> None:
        """Add to what was `found` for these scenes."""
        for part in slices(scenes, _PAGE):
            for suggestion in await self._suggest(part):
                scene = next(scene for scene in part if scene.id == suggestion.scene_id)
                known = found[scene.id]
                more = ai_proposals(scene, suggestion, index, wanted)
                known += [one for one in more if one.action == "add" or all(k.field != one.field for k in known)]

    async def _suggest(self, scenes: Sequence[SceneFacts]) -> list[Suggestion]:
        if self._failures >= _MAX_FAILURES:
            return []
        try:
            suggestions = await self._client.suggest(scenes)
        except AiError as error:
            self._failures += 1
            self.warnings += [str(error)] if str(error) not in self.warnings else []
            if self._failures == _MAX_FAILURES:
                self.warnings.append("The language model failed several times in a row; the rest was done without it.")
            return []
        self._failures = 0
        return suggestions


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
