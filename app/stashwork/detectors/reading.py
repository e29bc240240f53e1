"""One text of a scene (the file's name, a folder, the title), read: its words, dates, and the names in it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .dates import DateFound, find_dates
from .names import Kind, Match, NameIndex
from .tokens import Gap, Token, tokenize
from .vocabulary import LITTLE_WORDS, ORDINARY_WORDS

MAX_CHARACTERS = 1000  # of one text; a file's name has at most 255
_YEAR_OF_A_FILM = re.compile(r"\s\((?:19|20)\d\d\)")
GIVING_NAMES = frozenset(("feat", "ft", "featuring", "with", "starring", "presents", "introducing"))


class Source(StrEnum):
    """Where a text comes from."""

    FILE = "file name"
    FOLDER = "folder"
    TITLE = "title"


class Edge(StrEnum):
    """How the words of a match are set apart from their neighbour."""

    END = "end"  # there is none
    DATE = "date"
    STRONG = "strong"
    LIST = "list"
    WORD = "word"
    JOINED = "joined"


@dataclass(slots=True, eq=False)
class Reading:
    """What was read, equal to itself only. `depth` counts folders upwards from the file, which has 0."""

    text: str
    source: Source
    depth: int
    dates: list[DateFound]
    tokens: list[Token]
    matches: list[Match]

    @property
    def has_spaces(self) -> bool:
        """Whether spaces are between the words; where none are, dots and the like do not separate."""
        return " " in self.text.strip()

    @property
    def people(self) -> list[Match]:
        """The matches that are performers."""
        return [match for match in self.matches if match.kind == Kind.PERFORMER]

    def left(self, match: Match) -> Edge:
        """How the match is set apart from what is before it."""
        if match.start == 0:
            return Edge.END
        return self._edge(self.tokens[match.start - 1], self.tokens[match.start].gap)

    def right(self, match: Match) -> Edge:
        """How the match is set apart from what is behind it."""
        if match.end == len(self.tokens):
            return Edge.END
        return self._edge(self.tokens[match.end], self.tokens[match.end].gap)

    def _edge(self, neighbour: Token, gap: Gap) -> Edge:
        if neighbour.is_date:
            return Edge.DATE
        if gap == Gap.JOINED:
            return Edge.LIST if neighbour.is_conjunction and neighbour.text.istitle() else Edge.JOINED
        if neighbour.is_void or gap in (Gap.STRONG, Gap.HYPHEN):
            return Edge.STRONG
        if gap == Gap.LIST or neighbour.is_conjunction:
            return Edge.LIST
        return Edge.WORD

    def is_apart(self, match: Match) -> bool:
        """Whether the match stands by itself, alone or in a list."""
        return {self.left(match), self.right(match)}.isdisjoint({Edge.WORD, Edge.JOINED})

    def is_alone(self, match: Match) -> bool:
        """Whether the match is a whole part between separators."""
        return self.is_apart(match) and Edge.LIST not in (self.left(match), self.right(match))

    def stands_free(self, match: Match) -> bool:
        """Whether no other capitalised word stands right beside it, which would make it a longer name."""
        before = self.tokens[match.start - 1] if match.start else None
        after = self.tokens[match.end] if match.end < len(self.tokens) else None
        if before is not None and self.left(match) in (Edge.WORD, Edge.JOINED) and before.text[:1].isupper():
            return before.folded in ORDINARY_WORDS
        return after is None or self.right(match) not in (Edge.WORD, Edge.JOINED) or not after.text[:1].isupper()

    def word_before(self, match: Match) -> str:
        """The folded word in front of the match, or nothing."""
        return self.tokens[match.start - 1].folded if match.start else ""

    def word_after(self, match: Match) -> str:
        """The folded word behind the match, or nothing."""
        return self.tokens[match.end].folded if match.end < len(self.tokens) else ""

    def follows_little_word(self, match: Match) -> bool:
        """Whether it is a part of a phrase, such as `in the` ..."""
        edge = self.left(match)
        return edge == Edge.WORD and self.word_before(match) in LITTLE_WORDS

    def is_one_word(self, match: Match) -> bool:
        """Whether it is written without anything between its words, as no phrase of the language is."""
        return all(token.gap == Gap.JOINED for token in self.tokens[match.start + 1 : match.end])

    def lacks_capitals(self, match: Match) -> bool:
        """Whether it has none in a text that has some, where a name would have its own."""
        others = (*self.tokens[: match.start], *self.tokens[match.end :])
        lower = all(token.text.islower() for token in self.tokens[match.start : match.end])
        return lower and match.spelling.written[:1].isupper() and any(token.text.istitle() for token in others)

    def is_everything(self, match: Match) -> bool:
        """Whether there is no other word; numbers are none."""
        rest = [token for i, token in enumerate(self.tokens) if not match.start <= i < match.end]
        return all(token.is_void or token.folded.isdigit() for token in rest)

    def is_film(self, match: Match) -> bool:
        """Whether a file is called as films are, by the match and the year: Paper Moon (1973)."""
        year = _YEAR_OF_A_FILM.match(self.text, self.tokens[match.end - 1].end)
        return self.source == Source.FILE and match.start == 0 and year is not None and self.is_everything(match)

    def words_after(self, match: Match) -> list[Token]:
        """The words that say something behind the match."""
        return [token for token in self.tokens[match.end :] if not token.is_void]

    def words_before(self, match: Match) -> list[Token]:
        """The words that say something in front of the match."""
        return [token for token in self.tokens[: match.start] if not token.is_void]

    def segment(self, match: Match, names: Sequence[tuple[int, int]] = ()) -> tuple[int, int]:
        """The words between the separators around the match, as places of tokens (start, end).

        A word such as `and` separates only beside one of `names`, the places of other names.
        """
        beside = {place for name in names for place in name}
        start, end = match.start, match.end
        while start > 0 and not self._separates(start, beside):
            start -= 1
        while end < len(self.tokens) and not self._separates(end, beside):
            end += 1
        return start, end

    def _separates(self, i: int, beside: set[int]) -> bool:
        before, token = self.tokens[i - 1], self.tokens[i]
        if token.gap >= Gap.HYPHEN or before.is_void or token.is_void:
            return True
        return (token.is_conjunction and i + 1 in beside) or (before.is_conjunction and i - 1 in beside)


_LAST_YEAR = 9000


def read(text: str, source: Source, depth: int, index: NameIndex, latest: date) -> Reading:
    """Read one text."""
    # Some systems name files with accents as characters of their own, which would end a word.
    text = unicodedata.normalize("NFC", text[:MAX_CHARACTERS])
    undated = text
    for start, end in index.numbers(text):
        undated = undated[:start] + "x" * (end - start) + undated[end:]
    dates = find_dates(undated, latest)
    # A date that cannot be this scene's still separates names.
    later = find_dates(undated, date(min(latest.year + 10, _LAST_YEAR), 1, 1))
    places = [(one.start, one.end) for one in (*dates, *later)]
    tokens = tokenize(text, places)
    return Reading(text, source, depth, dates, tokens, _longest(index.matches(tokens)))


def _longest(matches: Sequence[Match]) -> list[Match]:
    """The longest of overlapping names; names of several kinds in the same place all stay. Tags are apart."""
    kept: list[Match] = []
    for match in sorted(matches, key=lambda m: (-m.length, m.start)):
        rivals = [
            other for other in kept if other.overlaps(match) and (other.kind == Kind.TAG) == (match.kind == Kind.TAG)
        ]
        if all((other.start, other.end) == (match.start, match.end) for other in rivals):
            kept.append(match)
    return sorted(kept, key=lambda m: m.start)
