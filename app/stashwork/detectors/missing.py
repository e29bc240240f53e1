"""Names that the library does not have, where a file's name clearly has a studio or a performer."""

from collections.abc import Iterator, Sequence

from .names import Kind, Match
from .reading import Reading
from .tokens import Gap, Token
from .vocabulary import ORDINARY_WORDS, PARTS

Missing = tuple[Kind, str, float, str]


def find_missing(reading: Reading, known: Sequence[Match], *, has_studio: bool) -> Iterator[Missing]:
    """A studio in brackets or before the date at the beginning; performers between studio and title."""
    parts = _parts(reading)
    if not parts or not _is_free(reading, parts[0], known):
        parts = parts or []
    elif not has_studio and (place := _studio_place(reading, parts[0])):
        yield Kind.STUDIO, _join_words(reading, parts[0]), 0.75, f"a name {place} that the library does not have"
        has_studio = True
    if has_studio and len(parts) >= 3:
        for name in _names(parts[1]):
            if _is_free(reading, name, known) and _looks_like_a_person(name):
                yield Kind.PERFORMER, _join_words(reading, name), 0.72, "a name between studio and title that is new"


def _parts(reading: Reading) -> list[list[Token]]:
    parts: list[list[Token]] = []
    for i, token in enumerate(reading.tokens):
        if token.is_void:
            continue
        if not parts or token.gap == Gap.STRONG or (i and reading.tokens[i - 1].is_void):
            parts.append([])
        parts[-1].append(token)
    return parts


def _studio_place(reading: Reading, part: Sequence[Token]) -> str:
    if not any(token.text[:1].isupper() for token in part) or len(part) > 5 or part[0].folded in PARTS:
        return ""
    if len(part) == 1 and part[0].folded in ORDINARY_WORDS:
        return ""
    if part[0].bracket == "[":
        return "in brackets at the beginning"
    after = reading.tokens.index(part[-1]) + 1
    before_date = after < len(reading.tokens) and reading.tokens[after].is_date
    return "before the date" if before_date and part[0] is reading.tokens[0] else ""


def _names(part: Sequence[Token]) -> Iterator[list[Token]]:
    name: list[Token] = []
    for token in part:
        if token.is_conjunction or token.gap == Gap.LIST:
            if name:
                yield name
            name = []
        if not token.is_conjunction:
            name.append(token)
    if name:
        yield name


def _looks_like_a_person(name: Sequence[Token]) -> bool:
    capitals = all(token.text[:1].isupper() and token.text.isalpha() for token in name)
    return capitals and 2 <= len(name) <= 3 and not any(token.folded in ORDINARY_WORDS for token in name)


def _is_free(reading: Reading, words: Sequence[Token], known: Sequence[Match]) -> bool:
    taken = {token.start for match in known for token in reading.tokens[match.start : match.end]}
    return not any(token.start in taken for token in words)


def _join_words(reading: Reading, words: Sequence[Token]) -> str:
    return reading.text[words[0].start : words[-1].end].replace("_", " ").replace(".", " ").strip()
