"""Which studio a scene is from: names in the places where file names have the studio."""

from collections.abc import Sequence
from dataclasses import dataclass

from .names import Entity, Kind, Match, NameIndex
from .performers import Finding
from .reading import Edge, Reading, Source
from .tokens import Gap
from .vocabulary import PARTS

_CLEAR_LEAD = 0.08  # by which one of two studios has to be surer
_PRESENTING = frozenset(("presents", "presenting", "production", "productions"))
_SQUEEZED = 9  # characters that a performer's name without its spaces needs to count beside a studio
_PENALTY = {Source.FILE: 0.0, Source.FOLDER: 0.05, Source.TITLE: 0.08}


@dataclass(frozen=True, slots=True)
class StudioChoice:
    """The studio, and which words of which text say it: they are nobody's name."""

    finding: Finding | None
    spans: dict[Reading, list[Match]]


def find_studio(readings: Sequence[Reading], index: NameIndex) -> StudioChoice:
    """The studio that the texts name; none if they name several equally well."""
    candidates = [found for reading in readings for found in _candidates(reading)]
    finding = _decide(candidates, index)
    spans: dict[Reading, list[Match]] = {reading: [] for reading in readings}
    if finding is not None:
        for found in candidates:
            if found.entity == finding.entity or _is_network(finding.entity, found.entity, index):
                spans[found.reading].append(found.match)
    return StudioChoice(finding, spans)


def _candidates(reading: Reading) -> list[Finding]:
    found = []
    for match in reading.matches:
        if match.kind == Kind.STUDIO and match.entity is not None:
            confidence, place = _slot(reading, match)
            if confidence and _is_performer_too(reading, match) and not _is_clearly_a_studio(reading, match, place):
                confidence = 0.0
            if confidence:
                found.append(_finding(reading, match, match.entity, confidence, place))
    return found


def _finding(reading: Reading, match: Match, entity: Entity, confidence: float, place: str) -> Finding:
    written = reading.text[reading.tokens[match.start].start : reading.tokens[match.end - 1].end]
    if reading.source == Source.FOLDER and reading.is_everything(match):
        reason = f"the folder is called “{written}”"
    else:
        reason = f"“{written}” stands {place} in the {reading.source}"
    if match.spelling.is_alias:
        reason += f", an alias of {entity.name}"
    sure = confidence - _PENALTY[reading.source] - 0.01 * max(0, reading.depth - 1)
    return Finding(entity, round(sure, 2), reason, reading, match)


def _slot(reading: Reading, match: Match) -> tuple[float, str]:
    """How sure the place of the name makes it that this is the studio, and what the place is called."""
    left, right = reading.left(match), reading.right(match)
    single = match.spelling.words == 1
    ordinary = match.spelling.is_ordinary and (single or not reading.is_one_word(match))
    if _is_remark(reading, match) or reading.is_film(match):
        return 0.0, ""
    if match.is_squeezed and match.length < 7 and not reading.is_alone(match):
        return 0.0, ""
    if reading.is_apart(match):
        return _apart(reading, match, left, right, weak=single and ordinary)
    if reading.word_before(match) in ("by", "from") and right != Edge.WORD and not (single and ordinary):
        return 0.85, f"after “{reading.word_before(match)}”"
    if reading.word_before(match) == "for" and right != Edge.WORD and _performer_ends(reading, match.start - 1):
        return 0.85, "after “for”"
    if left == Edge.END and reading.word_after(match) in _PRESENTING:
        return 0.92, f"before “{reading.word_after(match)}”"
    if left == Edge.END and not ordinary and _number_follows(reading, match):
        return 0.78, "at the beginning, before a number"
    if single:
        return _single_in_a_row(reading, match, left, right, ordinary=ordinary)
    return _in_a_row(reading, match, left, right, ordinary=ordinary)


def _is_remark(reading: Reading, match: Match) -> bool:
    """Whether words stand behind others as a phrase, without the name's capitals: Garden (rough draft)."""
    is_behind = reading.tokens[match.start].bracket != "[" and bool(reading.words_before(match))
    is_phrase = match.spelling.is_ordinary or not reading.is_one_word(match)
    return is_behind and is_phrase and reading.lacks_capitals(match)


def _apart(reading: Reading, match: Match, left: Edge, right: Edge, *, weak: bool) -> tuple[float, str]:
    bracket = reading.tokens[match.start].bracket
    if left == Edge.END and bracket == "[":
        return 0.97, "in brackets at the beginning"
    if left == Edge.END and right == Edge.DATE:
        return 0.97, "before the date"
    if bracket in ("[", "("):
        return (0.75 if weak else 0.9), "in brackets"
    if reading.is_everything(match):
        return _everything(reading, match, weak=weak)
    if left == Edge.END and right == Edge.LIST:
        # In front of a joining word it is rather a title, as it is beside nobody: Zero Gravity with Ellis Grey
        joined = reading.tokens[match.end].is_conjunction
        beside_nobody = reading.source == Source.FILE and not _names_somebody(reading)
        return (0.0 if weak else 0.65 if joined or beside_nobody else 0.85), "at the beginning"
    if left == Edge.END:
        return 0.93, "at the beginning"
    if Edge.LIST in (left, right) or (weak and not _has_its_own_place(reading, match)):
        return 0.0, ""
    return 0.85, "between separators" if reading.words_after(match) else "at the end"


def _has_its_own_place(reading: Reading, match: Match) -> bool:
    """Whether no title stands there, for a word of the language: behind the date, or last behind words of a title."""
    if reading.left(match) == Edge.DATE and reading.words_after(match):
        return True
    is_last = reading.source == Source.FILE and not reading.words_after(match) and _names_somebody(reading)
    people = [m for m in reading.people if m.end == match.start]
    return (
        is_last
        and bool(reading.words_before(match))
        and not people
        and reading.tokens[match.start - 1].gap < Gap.STRONG
    )


def _everything(reading: Reading, match: Match, *, weak: bool) -> tuple[float, str]:
    if reading.source == Source.FOLDER:
        return (0.82 if weak else 0.95), ""
    # One word alone is rather a title
    return (0.0 if match.spelling.words == 1 or reading.source == Source.TITLE else 0.75), "alone"


def _has_fields(reading: Reading, match: Match) -> bool:
    """Whether names are written as one word each, so that what stands between two separators is one thing."""
    people = [m for m in reading.people if m.end - m.start > 1]
    joined = any(m.start >= match.end and m.spelling.words > 1 and reading.is_one_word(m) for m in people)
    return joined and reading.is_one_word(match) and not reading.has_spaces


def _opens_a_release(reading: Reading, match: Match) -> bool:
    """Whether it stands first, but for a date, in a name without spaces that has a date and a performer."""
    dated = any(token.is_date for token in reading.tokens)
    opens = dated and not reading.words_before(match) and not reading.has_spaces
    return opens and _names_somebody(reading)


def _single_in_a_row(reading: Reading, match: Match, left: Edge, right: Edge, *, ordinary: bool) -> tuple[float, str]:
    """One word without separators around it counts only beside a performer."""
    opens = right == Edge.WORD and left in (Edge.END, Edge.DATE)
    if opens and _has_fields(reading, match):
        return 0.8, "at the beginning"
    if opens and ordinary:
        dated = any(token.is_date for token in reading.tokens) and _performer_follows(reading, match)
        return (0.75, "before a performer") if dated else (0.0, "")
    if opens and _performer_follows(reading, match):
        return 0.8, "before a performer"
    if ordinary:
        return 0.0, ""
    if opens and _opens_a_release(reading, match):
        return 0.8, "at the beginning, beside a date and a performer"
    ends = right in (Edge.END, Edge.STRONG, Edge.DATE) and not reading.words_after(match)
    named = _names_somebody(reading)
    without_spaces = not reading.has_spaces
    if ends and named and without_spaces and left == Edge.WORD and not reading.follows_little_word(match):
        return 0.74, "at the end"
    return 0.0, ""


def _in_a_row(reading: Reading, match: Match, left: Edge, right: Edge, *, ordinary: bool) -> tuple[float, str]:
    """A name of several words without separators around it: what follows may make it another studio's name."""
    if left == Edge.DATE and right == Edge.WORD and _performer_follows(reading, match):
        return 0.86, "between the date and a performer"
    if right == Edge.WORD and _opens_a_release(reading, match):
        return 0.8, "at the beginning, beside a date and a performer"
    if right == Edge.WORD and not reading.words_before(match) and _has_fields(reading, match):
        return 0.8, "at the beginning"
    if left == Edge.END and right in (Edge.WORD, Edge.JOINED):
        if _performer_follows(reading, match):
            return 0.88, "at the beginning, before a performer"
        start, end = reading.segment(match)
        apart = end - start == len([token for token in reading.tokens if not token.is_void])
        # With spaces it is rather a title: Loft 9 Apartments
        sure = 0.6 if reading.has_spaces else 0.8
        return (sure, "at the beginning") if apart and right == Edge.WORD and not ordinary else (0.0, "")
    if Edge.JOINED in (left, right):
        return 0.0, ""
    if ordinary or right == Edge.WORD or reading.follows_little_word(match) or not _names_somebody(reading):
        return 0.0, ""
    return 0.78, "at the end"


def _names_somebody(reading: Reading) -> bool:
    """Whether there is a performer's full name: without one, words without separators are rather a sentence."""
    return any(m.spelling.words > 1 for m in reading.people)


def _number_follows(reading: Reading, match: Match) -> bool:
    """Whether only numbers stand between the name and a performer: Backroads 12, Backroads No. 1204."""
    end = match.end
    while end < len(reading.tokens) and (reading.tokens[end].folded.isdigit() or reading.tokens[end].folded in PARTS):
        end += 1
    between = reading.tokens[match.end : end]
    numbers = sum(token.folded.isdigit() for token in between)
    return numbers > 0 and between[0].gap == Gap.WORD and _performer_follows(reading, match, end)


def _performer_follows(reading: Reading, match: Match, at: int | None = None) -> bool:
    return any(
        other.kind == Kind.PERFORMER
        and other.start == (match.end if at is None else at)
        and other.spelling.words > 1
        and (not other.is_squeezed or other.length >= _SQUEEZED)
        for other in reading.matches
    )


def _performer_ends(reading: Reading, place: int) -> bool:
    return any(m.end == place and m.spelling.words > 1 for m in reading.people)


def _is_performer_too(reading: Reading, match: Match) -> bool:
    return any(
        other.kind == Kind.PERFORMER and (other.start, other.end) == (match.start, match.end)
        for other in reading.matches
    )


def _is_clearly_a_studio(reading: Reading, match: Match, place: str) -> bool:
    """For a name that a performer has, too: the place says it, or that a performer is named beside it."""
    if place in ("in brackets at the beginning", "before the date"):
        return True
    others = [m for m in reading.people if m.start >= match.end and m.spelling.words > 1]
    return place == "at the beginning" and bool(others) and reading.right(match) != Edge.LIST


def _decide(candidates: Sequence[Finding], index: NameIndex) -> Finding | None:
    best: dict[int, Finding] = {}
    for found in candidates:
        known = best.get(found.entity.id)
        if known is None or found.confidence > known.confidence:
            best[found.entity.id] = found
    ranked = sorted(best.values(), key=lambda found: -found.confidence)
    children = [f for f in ranked if not any(_is_network(o.entity, f.entity, index) for o in ranked)]
    if not children:
        return None
    if len(children) > 1 and not _leads(children[0], children[1]):
        return None
    return children[0]


def _leads(first: Finding, second: Finding) -> bool:
    if first.confidence - second.confidence >= _CLEAR_LEAD:
        return True
    return first.reading.depth < second.reading.depth and first.confidence >= 0.9


def _is_network(studio: Entity, other: Entity, index: NameIndex) -> bool:
    """Whether `other` is above `studio`."""
    seen = {studio.id}
    parent = studio.parent_id
    while parent is not None and parent not in seen:
        if parent == other.id:
            return True
        seen.add(parent)
        above = index.entities.get((Kind.STUDIO, parent))
        parent = above.parent_id if above else None
    return False
