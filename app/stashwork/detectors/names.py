"""Finds the library's names in a row of words, however they are written there."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice, pairwise, product

from .folding import fold, spell_umlauts
from .tokens import Gap, Token, tokenize
from .vocabulary import is_ordinary

_MAX_WORDS = 12  # of a name, CamelCase parts counted; longer ones are not looked for
_MIN_CHARACTERS = 2
_MAX_UMLAUT_SPELLINGS = 16
_HEAD = 3  # characters by which the search is cut short
_BETWEEN = re.compile(r"[^\W\d_][\W_]?(\d+)[-._ ]\d")  # digits between a word and other digits
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+")
_SITE_ENDINGS = (".com", ".net", ".org", ".tv", ".xxx")


class Kind(StrEnum):
    """What a name stands for."""

    PERFORMER = "performer"
    STUDIO = "studio"
    TAG = "tag"


FIELD_KINDS = {"performers": Kind.PERFORMER, "studio": Kind.STUDIO, "tags": Kind.TAG}  # by the field of a scene


@dataclass(frozen=True, slots=True)
class Entity:
    """A performer, studio or tag of the library; `parent_id` is a studio's network.

    One that `is_ignored` is known by its name, and never proposed: its owner set *Ignore Auto Tag*.
    """

    kind: Kind
    id: int
    name: str
    aliases: tuple[str, ...] = ()
    parent_id: int | None = None
    is_ignored: bool = False


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to write an entity. `cuts` are the places between its words, counted in folded characters.

    At `open_cuts` a text may have any separator, at other `cuts` one that stands between words, elsewhere none.
    What is shortened (without The, .com) is somebody else's name if it is that in full. What is inverted (Fontaine,
    Adele) is the name only with its comma, and where nothing else stands.
    """

    entity: Entity
    written: str
    words: int
    cuts: frozenset[int]
    open_cuts: frozenset[int]
    soft_cuts: frozenset[int]
    is_ordinary: bool
    is_shortened: bool
    is_inverted: bool = False

    @property
    def is_alias(self) -> bool:
        """Whether it is not the entity's own name."""
        return self.written != self.entity.name


@dataclass(frozen=True, slots=True)
class Match:
    """Words `start` to `end` (exclusive) are a name of `entity`; of None if several have it.

    `is_squeezed` if spaces of the name are missing in the text.
    """

    start: int
    end: int
    length: int
    kind: Kind
    entity: Entity | None
    spelling: Spelling
    is_squeezed: bool

    def overlaps(self, other: "Match") -> bool:
        """Whether both have a word in common."""
        return self.start < other.end and other.start < self.end


class NameIndex:
    """All names of a library, by their letters without spaces: a look-up costs the same for 10 names and 100,000.

    >>> index = NameIndex([Entity(Kind.PERFORMER, 1, "Zoë O'Neill")])
    >>> [match.entity.id for match in index.matches(tokenize("a.garden.zoe.oneill.1080p"))]
    [1]
    """

    def __init__(self, entities: Iterable[Entity]) -> None:
        self.entities: dict[tuple[Kind, int], Entity] = {}
        self._spellings: defaultdict[str, list[Spelling]] = defaultdict(list)
        self._longest: dict[str, int] = {}
        self._numbers: set[str] = set()
        self._first_names: defaultdict[str, set[int]] = defaultdict(set)
        for entity in entities:
            self.add(entity)

    def add(self, entity: Entity) -> None:
        """Know one more entity."""
        self.entities[entity.kind, entity.id] = entity
        for written in dict.fromkeys((entity.name, *entity.aliases)):
            full = unicodedata.normalize("NFC", written)
            for text in dict.fromkeys(_variants(entity.kind, full)):
                self._add_spelling(entity, written, text, is_shortened=len(text) < len(full))
            for text in _inversions(full) if entity.kind == Kind.PERFORMER else ():
                self._add_spelling(entity, written, text, is_inverted=True)

    def matches(self, tokens: Sequence[Token]) -> list[Match]:
        """All names in the words, overlapping ones included, by their beginning."""
        found = dict.fromkeys(self._read(tokens, [token.folded for token in tokens]))
        spelled = [fold(spell_umlauts(token.text)) for token in tokens]
        if any(
            a != b and token.text not in "&+"
            for a, b, token in zip(spelled, (t.folded for t in tokens), tokens, strict=True)
        ):
            found |= dict.fromkeys(self._read(tokens, spelled))
        return list(found)

    def numbers(self, text: str) -> list[tuple[int, int]]:
        """Where (characters) digits that others follow are a part of a name, and so no date."""
        if self._numbers.isdisjoint(_BETWEEN.findall(text)):
            return []
        tokens = tokenize(text)
        names = [m for m in self.matches(tokens) if any(t.folded.isalpha() for t in tokens[m.start : m.end])]
        return [(t.start, t.end) for m in names for t in tokens[m.start : m.end] if t.folded.isdigit()]

    def find(self, kind: Kind, name: str) -> list[Entity]:
        """The entities of this name or alias, whatever its case, accents and spaces."""
        parts = _parts(name)
        same = [s for s in self._spellings.get("".join(part.folded for part in parts), ()) if not s.is_inverted]
        cuts = _cuts(parts)
        entities = [s.entity for s in same if s.entity.kind == kind and cuts <= s.cuts and s.cuts <= cuts | s.soft_cuts]
        return list(dict.fromkeys(entities))

    def shares_first_name(self, entity: Entity, word: str) -> bool:
        """Whether another performer's name begins with this word."""
        return bool(self._first_names.get(fold(word), set()) - {entity.id})

    def _add_spelling(
        self, entity: Entity, written: str, text: str, *, is_shortened: bool = False, is_inverted: bool = False
    ) -> None:
        parts = _parts(text)
        key = "".join(part.folded for part in parts)
        if len(key) < _MIN_CHARACTERS or len(parts) > _MAX_WORDS:
            return
        hard = _cuts(parts)
        words = _folded_words(parts)
        spelling = Spelling(
            entity,
            written,
            words=len(words),
            cuts=hard,
            open_cuts=_cuts(parts, Gap.LIST),
            soft_cuts=_cuts(parts, Gap.JOINED) - hard,
            is_ordinary=all(is_ordinary(word) or word.isdigit() for word in words),
            is_shortened=is_shortened,
            is_inverted=is_inverted,
        )
        self._spellings[key].append(spelling)
        self._numbers.update(part.folded for part in parts if part.folded.isdigit())
        head = key[:_HEAD]
        self._longest[head] = max(self._longest.get(head, 0), len(key))
        if entity.kind == Kind.PERFORMER and len(words) > 1 and not is_inverted:
            self._first_names[words[0]].add(entity.id)

    def _read(self, tokens: Sequence[Token], folded: Sequence[str]) -> Iterator[Match]:
        for start in range(len(tokens)):
            key = ""
            for end in range(start + 1, min(start + _MAX_WORDS, len(tokens)) + 1):
                key += folded[end - 1]
                if len(key) >= _HEAD and len(key) > self._longest.get(key[:_HEAD], 0):
                    break
                if key in self._spellings:
                    yield from self._fitting(tokens, folded, start, end, key)

    def _fitting(
        self, tokens: Sequence[Token], folded: Sequence[str], start: int, end: int, key: str
    ) -> Iterator[Match]:
        if any(token.is_date for token in tokens[start:end]):
            return
        gaps = _inner_gaps(tokens, folded, start, end)
        is_all = start == 0 and end == len(tokens)
        fitting = [s for s in self._spellings[key] if _fits(s, gaps) and (is_all or not s.is_inverted)]
        for kind in Kind:
            same = [spelling for spelling in fitting if spelling.entity.kind == kind]
            owners = {spelling.entity.id for spelling in same if not spelling.is_shortened}
            same = [spelling for spelling in same if not owners or spelling.entity.id in owners]
            if same:
                entity = same[0].entity if len({spelling.entity.id for spelling in same}) == 1 else None
                best = min(same, key=lambda s: (not s.cuts <= gaps.keys(), s.is_alias))
                yield Match(start, end, len(key), kind, entity, best, is_squeezed=not best.cuts <= gaps.keys())


def _fits(spelling: Spelling, gaps: dict[int, Gap]) -> bool:
    if spelling.is_inverted and not any(gaps.get(place) == Gap.LIST for place in spelling.open_cuts):
        return False
    for place, gap in gaps.items():
        if gap >= Gap.LIST and place not in spelling.open_cuts:
            return False
        if gap >= Gap.WORD and place not in spelling.cuts and place not in spelling.soft_cuts:
            return False
    return True


def _inner_gaps(tokens: Sequence[Token], folded: Sequence[str], start: int, end: int) -> dict[int, Gap]:
    gaps: dict[int, Gap] = {}
    place = 0
    for i in range(start, end - 1):
        place += len(folded[i])
        gaps[place] = tokens[i + 1].gap
    return gaps


def _parts(text: str) -> list[Token]:
    return tokenize(unicodedata.normalize("NFC", text))


def _cuts(parts: Sequence[Token], least: Gap = Gap.WORD) -> frozenset[int]:
    cuts, place = set(), 0
    for part, following in pairwise(parts):
        place += len(part.folded)
        if following.gap >= least:
            cuts.add(place)
    return frozenset(cuts)


def _folded_words(parts: Sequence[Token]) -> list[str]:
    """The words as a reader sees them: an apostrophe does not end one, CamelCase does."""
    words: list[str] = []
    for i, part in enumerate(parts):
        apostrophe = i > 0 and part.gap == Gap.JOINED and part.start > parts[i - 1].end
        if apostrophe and words:
            words[-1] += part.folded
        else:
            words.append(part.folded)
    return words


def _variants(kind: Kind, written: str) -> Iterator[str]:
    """The ways in which a name may stand in a file's name."""
    yield from _umlaut_spellings(written)
    if kind == Kind.STUDIO:
        lower = written.casefold()
        yield from (written[: -len(ending)] for ending in _SITE_ENDINGS if lower.endswith(ending))
        if "&" in written:
            yield written.replace("&", " ")
        article, _, rest = written.partition(" ")
        if article.casefold() == "the" and " " in rest:
            yield rest
    if kind == Kind.PERFORMER:
        yield _without_initial_dots(written)


def _inversions(name: str) -> Iterator[str]:
    """The name as catalogues have it, the surname first: Fontaine, Adele; de la Vega, Carmen."""
    words = name.split()
    yield from (f"{' '.join(words[i:])}, {' '.join(words[:i])}" for i in range(1, len(words)) if "," not in name)


def _umlaut_spellings(written: str) -> Iterator[str]:
    """Each umlaut may be written with a second letter or without: Björn Müller as Bjorn Mueller."""
    spelled = spell_umlauts(written)
    yield from (written, spelled)
    if spelled == written:
        return
    choices = [dict.fromkeys((letter, spell_umlauts(letter))) for letter in written]
    yield from ("".join(choice) for choice in islice(product(*choices), _MAX_UMLAUT_SPELLINGS))


def _without_initial_dots(name: str) -> str:
    """J. T. Marlowe as J T Marlowe, R.J. Castor as RJ Castor."""
    return name.replace(".", "") if any(_INITIALS.fullmatch(word) for word in name.split()) else name
