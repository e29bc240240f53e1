"""Who is in a scene, going by the names in its texts."""

from collections.abc import Sequence
from dataclasses import dataclass

from .names import Entity, Kind, Match, NameIndex
from .reading import GIVING_NAMES, Edge, Reading, Source
from .tokens import Gap, Token
from .vocabulary import LITTLE_WORDS, ORDINARY_WORDS, is_ordinary

_SQUEEZED = 11  # characters that a name without its spaces needs where it is not set apart
_SQUEEZED_WITHOUT_SPACES = 9


@dataclass(frozen=True, slots=True)
class Finding:
    """An entity that a text names, how sure that is, and why."""

    entity: Entity
    confidence: float
    reason: str
    reading: Reading
    match: Match


def find_performers(
    reading: Reading, index: NameIndex, studio_spans: Sequence[Match], *, studio_known: bool
) -> list[Finding]:
    """The performers in one text; `studio_spans` are the words that its studio takes up.

    A name that a studio has, too, counts only if the studio is known otherwise.
    """
    matches = [m for m in reading.people if not _is_taken(m, studio_spans)]
    if not studio_known:
        matches = [m for m in matches if not _is_studio_too(reading, m) or _is_listed(reading, m, matches)]
    accepted: dict[Match, float] = {}
    for match in matches:
        confidence = _confidence(reading, match, matches, studio_spans, index)
        if confidence:
            accepted[match] = confidence
    _accept_lists_of_single_names(reading, matches, accepted, index)
    _accept_in_lists(reading, matches, accepted, index)
    return [_finding(reading, match, sure) for match, sure in accepted.items() if match.entity is not None]


def _is_studio_too(reading: Reading, match: Match) -> bool:
    place = (match.start, match.end)
    return any(other.kind == Kind.STUDIO and (other.start, other.end) == place for other in reading.matches)


def _is_listed(reading: Reading, match: Match, matches: Sequence[Match]) -> bool:
    """Whether another performer stands beside it in a list."""
    others = dict.fromkeys((m for m in matches if m is not match and m.spelling.words > 1), 1.0)
    return _beside(reading, match, others)


def _is_taken(match: Match, spans: Sequence[Match]) -> bool:
    return any(span.overlaps(match) for span in spans)


def _finding(reading: Reading, match: Match, confidence: float) -> Finding:
    entity = match.entity
    if entity is None:
        raise ValueError("an ambiguous name is no finding")
    written = reading.text[reading.tokens[match.start].start : reading.tokens[match.end - 1].end]
    confidence -= {Source.FILE: 0.0, Source.TITLE: 0.02, Source.FOLDER: 0.05}[reading.source]
    alias = f", an alias of {entity.name}" if match.spelling.is_alias else ""
    return Finding(entity, round(confidence, 2), f"“{written}” in the {reading.source}{alias}", reading, match)


def _confidence(
    reading: Reading, match: Match, matches: Sequence[Match], studios: Sequence[Match], index: NameIndex
) -> float:
    """How sure it is that the name means the performer; 0 if it is rather something else."""
    if match.entity is None:
        return 0.0
    weak = match.spelling.words == 1 or match.spelling.is_ordinary
    if match.spelling.is_inverted:
        return 0.9 if reading.source == Source.FOLDER else 0.0
    if match.is_squeezed and not _may_be_squeezed(reading, match):
        return 0.0
    if not weak:
        if _is_in_a_sentence(reading, match) and not _follows_studio(reading, match, studios):
            return 0.6
        return 0.6 if _is_longer_name(reading, match, matches, studios) else _of_full_name(reading, match)
    if reading.is_film(match):
        return 0.0
    if match.spelling.words == 1:
        return _of_single_word(reading, match, studios, index)
    return _of_ordinary_words(reading, match, studios)


def _of_full_name(reading: Reading, match: Match) -> float:
    if Edge.JOINED in (reading.left(match), reading.right(match)):
        return 0.85 if match.length >= 8 else 0.0
    return 0.95 if reading.is_apart(match) else 0.9


def _is_in_a_sentence(reading: Reading, match: Match) -> bool:
    """Whether a name stands among words of the language as one of them: One Christian Night in, a Penny Farthing in."""
    if reading.follows_little_word(match) and reading.lacks_capitals(match):
        return True
    if (reading.left(match), reading.right(match)) != (Edge.WORD, Edge.WORD):
        return False
    own = {token.folded for token in reading.tokens[match.start : match.end]}
    before = reading.word_before(match)
    is_said = (
        (before in ORDINARY_WORDS or reading.text.islower())
        and before not in GIVING_NAMES
        and not own.isdisjoint(ORDINARY_WORDS)
    )
    return (is_said or before in ("a", "an")) and reading.word_after(match) in LITTLE_WORDS


def _may_be_squeezed(reading: Reading, match: Match) -> bool:
    if reading.is_apart(match):
        return match.length >= 7 or (match.end - match.start > 1)
    return match.length >= (_SQUEEZED if reading.has_spaces else _SQUEEZED_WITHOUT_SPACES)


def _is_longer_name(reading: Reading, match: Match, matches: Sequence[Match], studios: Sequence[Match]) -> bool:
    """Whether one more word makes it the name of somebody else: known is Anna Belle, the text has Anna Belle Knox."""
    begin, end = reading.segment(match, [(m.start, m.end) for m in matches])
    extra = [i for i in range(begin, end) if not match.start <= i < match.end]
    if any(_is_hyphenated(reading, place) for place in (match.start, match.end)):
        return True
    if len(extra) != 1 or not _is_name_word(reading, extra[0], match):
        return False
    if any(other.start <= extra[0] < other.end for other in (*matches, *studios) if other is not match):
        return False
    after_date = begin > 0 and reading.tokens[begin - 1].is_void
    behind = [token for token in reading.tokens[end:] if not any(_within(token, reading, studio) for studio in studios)]
    without_spaces, is_last = not reading.has_spaces, not _has_words(behind)
    # Behind a date, or in a name without spaces, and with nothing more to come, the one word is the title.
    is_title = (after_date and (without_spaces or is_last)) or (without_spaces and is_last and begin > 0)
    return not is_title


def _has_words(tokens: Sequence[Token]) -> bool:
    return any(not token.is_void for token in tokens)


def _within(token: Token, reading: Reading, match: Match) -> bool:
    return reading.tokens[match.start].start <= token.start < reading.tokens[match.end - 1].end


def _is_name_word(reading: Reading, place: int, match: Match) -> bool:
    """Whether it may be a surname: capitals say so, but in a text that has none.

    A word of the language is one only where nothing but names is expected: before a dash and the title.
    """
    token, following = reading.tokens[place], reading.tokens[place + 1 : place + 2]
    capital = token.text[:1].isupper() or (reading.has_spaces and reading.text.islower())
    before_title = place == match.end and any(
        t.gap == Gap.STRONG and not t.is_void and not t.bracket for t in following
    )
    is_word = token.folded in ORDINARY_WORDS and not (before_title and token.text.istitle())
    return capital and token.text.isalpha() and not is_word


def _is_hyphenated(reading: Reading, place: int) -> bool:
    """Whether a hyphen joins two words of one name at the place, where dashes with spaces separate."""
    if not 0 < place < len(reading.tokens) or not reading.tokens[place].text.isalpha():
        return False
    between = reading.text[reading.tokens[place - 1].end : reading.tokens[place].start]
    return between == "-" and reading.tokens[place].gap == Gap.WORD and reading.has_spaces


def _of_single_word(reading: Reading, match: Match, studios: Sequence[Match], index: NameIndex) -> float:
    entity = match.entity
    if entity is None or reading.source == Source.TITLE or not reading.is_alone(match):
        return 0.0
    word = reading.tokens[match.start].text
    if match.spelling.is_alias and index.shares_first_name(entity, word):
        return 0.0
    if match.spelling.is_ordinary:
        return 0.75 if _stands_between_studio_and_title(reading, match, studios) else 0.0
    if reading.word_before(match) in GIVING_NAMES:
        return 0.85
    if len(match.spelling.written) < 3:
        return 0.0
    return 0.8 if reading.words_before(match) or reading.words_after(match) else 0.78


def _stands_between_studio_and_title(reading: Reading, match: Match, studios: Sequence[Match]) -> bool:
    after_studio = any(studio.end <= match.start for studio in studios)
    between = [t for t in reading.words_before(match) if not any(_within(t, reading, s) for s in studios)]
    if any(m.spelling.words > 1 for m in reading.people):
        return False  # who is in it stands elsewhere
    return after_studio and not between and bool(reading.words_after(match)) and reading.source == Source.FILE


def _of_ordinary_words(reading: Reading, match: Match, studios: Sequence[Match]) -> float:
    if reading.is_apart(match):
        if _is_joined_to_words(reading, match):
            return 0.0
        return 0.82 if reading.source != Source.TITLE or not reading.is_everything(match) else 0.0
    if reading.left(match) == Edge.DATE and reading.right(match) == Edge.WORD:
        return 0.78
    if reading.word_before(match) in GIVING_NAMES:
        return 0.78
    after_studio = _follows_studio(reading, match, studios)
    return 0.75 if after_studio and reading.left(match) in (Edge.WORD, Edge.STRONG) else 0.0


def _is_joined_to_words(reading: Reading, match: Match) -> bool:
    """Whether `and` or the like is between it and words that are nobody: Cherry Lane and the Machine."""
    for joint, other in ((match.end, match.end + 1), (match.start - 1, match.start - 2)):
        if not (0 <= other < len(reading.tokens) and reading.tokens[joint].is_conjunction):
            continue
        named = any(m.start <= other < m.end for m in reading.people)
        if is_ordinary(reading.tokens[other].folded) and not named:
            return reading.word_before(match) not in GIVING_NAMES
    return False


def _follows_studio(reading: Reading, match: Match, studios: Sequence[Match]) -> bool:
    """Whether nothing but a number stands between the studio and the match."""
    between = [reading.tokens[studio.end : match.start] for studio in studios if studio.end <= match.start]
    return any(all(token.is_void or token.folded.isdigit() for token in tokens) for tokens in between)


def _accept_lists_of_single_names(
    reading: Reading, matches: Sequence[Match], accepted: dict[Match, float], index: NameIndex
) -> None:
    """Single names that nobody else has, and nothing beside them between two separators: Rex & Ivo."""
    if reading.source == Source.TITLE:
        return
    chains: list[list[Match]] = []
    for match in matches:
        if chains and _are_listed(reading, chains[-1][-1], match):
            chains[-1].append(match)
        else:
            chains.append([match])
    for chain in chains:
        *others, last = chain
        # Behind the date of a name without spaces they come first, and the title follows.
        is_apart = reading.is_apart(last) or (reading.left(chain[0]) == Edge.DATE and _is_last(reading, last, index))
        apart = is_apart and all(map(reading.is_apart, others))
        if len(chain) > 1 and apart and all(_says_who(m, index) for m in chain):
            accepted |= dict.fromkeys(chain, 0.8)


def _says_who(match: Match, index: NameIndex) -> bool:
    """Whether a name of one word is one person's, and no word of the language."""
    if match.entity is None or match.spelling.words > 1 or match.spelling.is_ordinary or match.length < 3:
        return False
    return not index.shares_first_name(match.entity, match.spelling.written)


def _is_weak(match: Match) -> bool:
    return match.spelling.words == 1 or match.spelling.is_ordinary


def _is_last(reading: Reading, match: Match, index: NameIndex) -> bool:
    """Whether a name of one word ends a list in a text without spaces, where nothing separates it from the title."""
    listed = reading.left(match) == Edge.LIST and reading.right(match) == Edge.WORD
    return listed and not reading.has_spaces and _says_who(match, index)


def _is_item(reading: Reading, match: Match, index: NameIndex) -> bool:
    """Whether it is set apart as an item of a list; the last one may have the title behind it."""
    if _is_last(reading, match, index):
        return True
    full = match.spelling.words > 1 and not match.is_squeezed
    last = full and reading.left(match) in (Edge.LIST, Edge.WORD)
    return reading.is_apart(match) or (last and reading.right(match) != Edge.JOINED)


def _accept_in_lists(
    reading: Reading, matches: Sequence[Match], accepted: dict[Match, float], index: NameIndex
) -> None:
    """A name of one word, or of ordinary words, counts in a list of performers, next to one that is sure."""
    waiting = [m for m in matches if m not in accepted and m.entity is not None and _is_weak(m)]
    for _ in range(len(waiting)):
        found = next((m for m in waiting if _is_item(reading, m, index) and _beside(reading, m, accepted)), None)
        if found is None:
            return
        accepted[found] = 0.82
        waiting.remove(found)


def _beside(reading: Reading, match: Match, accepted: dict[Match, float]) -> bool:
    """Whether only a comma or a joining word is between the match and a performer."""
    if reading.word_before(match) in GIVING_NAMES and not match.spelling.is_ordinary:
        return True
    pairs = ((other, match) if other.end <= match.start else (match, other) for other in accepted)
    return any(_are_listed(reading, first, second) for first, second in pairs)


def _are_listed(reading: Reading, first: Match, second: Match) -> bool:
    """Whether only a comma or a joining word is between the two; full names in a text without spaces need neither."""
    between = reading.tokens[first.end : second.start]
    without = not reading.has_spaces and min(first.spelling.words, second.spelling.words) > 1
    listed = reading.right(first) == Edge.LIST or (without and reading.right(first) == Edge.WORD)
    return listed and all(token.is_conjunction for token in between) and len(between) <= 2
