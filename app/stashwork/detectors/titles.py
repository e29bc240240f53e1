"""The title that is left of a file's name when studio, performers, date and technical words are taken away."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .device_names import is_device_name
from .facts import SceneFacts
from .names import Match
from .reading import Reading
from .tokens import Gap, Token, whole_word
from .vocabulary import LITTLE_WORDS, NOISE, PARTS, TWOFOLD_WORDS, is_noise

_MAX_CHARACTERS = 255  # of a title in Stash's own database
_LOST = "\ufffd"  # stands for a character that could not be read
_MARKS = frozenset(("hd", "hq", "sd"))  # no words, and yet they begin some titles: HD Ready
_SAY_NOTHING = LITTLE_WORDS | PARTS | TWOFOLD_WORDS  # alone
_OWNS = re.compile(r"['’‘`´ʼ＇](?:s\b|[\W_])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TitleFound:
    """A title, how sure it is, and why."""

    value: str
    confidence: float
    reason: str


def is_machine_made(scene: SceneFacts, title: str) -> bool:
    """Whether a title is only the file's name, as a scan leaves it."""
    name = scene.path.replace("\\", "/").rpartition("/")[2]
    return title.strip() in ("", name, name.rpartition(".")[0], scene.stem())


def find_title(reading: Reading, known: Collection[Match]) -> TitleFound | None:
    """The title in a file's name; `known` are the words of its studio and performers.

    It is found whole or not at all: neither longer than Stash stores it, nor with characters that were lost.
    """
    if is_device_name(reading.text):
        return None
    parts = [part for part in _merge(_parts(reading, known)) if _says_something(part)]
    if len(parts) != 1:
        return None
    value = _join_words(reading, parts[0])
    recognised = bool(known) or any(token.is_date for token in reading.tokens)
    if not _is_title(value) or (not recognised and len(parts[0]) < 2):
        return None
    confidence = 0.85 if recognised else 0.72
    reason = "what the file name has beside " + ("what else is known" if recognised else "technical words")
    return TitleFound(value, confidence, reason)


def _is_title(value: str) -> bool:
    return (
        0 < len(value) <= _MAX_CHARACTERS and value.isprintable() and _LOST not in value and not is_device_name(value)
    )


def _parts(reading: Reading, known: Collection[Match]) -> list[list[Token]]:
    """The words that nothing else explains, in the parts between separators."""
    names = [match for match in known if not _is_possessive(reading, match)]
    places = {i for match in names for i in range(match.start, match.end)}
    technical = _technical(reading)
    parts: list[list[Token]] = []
    last = -2
    for i, token in enumerate(reading.tokens):
        if i in places or token.is_date or technical[i] or _joins_names(reading.tokens, i, places):
            continue
        if i != last + 1 or token.gap == Gap.STRONG:
            parts.append([])
        parts[-1].append(token)
        last = i
    ends = {reading.tokens[i - 1].end for i, is_one in enumerate(technical) if is_one and i}
    return [_trim(part, before_technical=part[-1].end in ends) for part in parts]


def _is_possessive(reading: Reading, match: Match) -> bool:
    """Whether a name is a part of the title: Lena Fairweather's Garden, James' Garden."""
    behind = reading.text[reading.tokens[match.end - 1].end :]
    if _OWNS.match(behind) is None:
        return False
    return reading.word_after(match) == "s" or reading.tokens[match.end - 1].folded.endswith("s")


def _technical(reading: Reading) -> list[bool]:
    """Which words are about the file and can be nothing else; in a name without spaces all behind such a one is."""
    found: list[bool] = []
    behind = False
    for i, token in enumerate(reading.tokens):
        word = whole_word(reading.tokens, i)
        is_one = not token.is_date and is_noise(word) and word not in TWOFOLD_WORDS
        behind = behind or (is_one and i > 0 and word in NOISE and not reading.has_spaces)
        joined = i > 0 and found[-1] and (token.gap == Gap.JOINED or _is_group(reading, i))
        found.append(is_one or joined or behind)
    return found


def _is_group(reading: Reading, i: int) -> bool:
    """Whether it is who made the file: x264-GROUP."""
    tokens = reading.tokens
    return i == len(tokens) - 1 and reading.text[tokens[i - 1].end : tokens[i].start] == "-"


def _trim(part: list[Token], *, before_technical: bool) -> list[Token]:
    """The part without the words at its end that are about the file there, and could be words of a title elsewhere."""
    loud = not all(token.text.isupper() for token in part)
    while len(part) > 1 and part[-1].folded in TWOFOLD_WORDS and part[-2].folded not in LITTLE_WORDS:
        last = part[-1]
        if not (before_technical or last.bracket or last.folded in _MARKS or (loud and last.text.isupper())):
            break
        part, before_technical = part[:-1], True
    return part


def _joins_names(tokens: Sequence[Token], i: int, places: Collection[int]) -> bool:
    return tokens[i].is_conjunction and (i - 1 in places or i + 1 in places)


def _merge(parts: list[list[Token]]) -> list[list[Token]]:
    """A remark in round brackets belongs to the words before it."""
    merged: list[list[Token]] = []
    for part in parts:
        if merged and part[0].bracket == "(" and _says_something(merged[-1]) and _says_something(part):
            merged[-1] = merged[-1] + part
        else:
            merged.append(part)
    return merged


def _says_something(part: Sequence[Token]) -> bool:
    """Whether there is a word that means something: the Web, but neither a web (rip), nor `the part`, nor numbers."""
    for before, token in zip([None, *part], part, strict=False):
        is_word = len(token.folded) > 1 and not token.folded.isdigit()
        in_phrase = before is not None and before.folded in LITTLE_WORDS and token.folded not in PARTS
        if is_word and (token.folded not in _SAY_NOTHING or (in_phrase and token.folded in TWOFOLD_WORDS)):
            return True
    return False


def _join_words(reading: Reading, part: Sequence[Token]) -> str:
    text = reading.text[part[0].start : part[-1].end]
    if part[-1].bracket == "(" and part[0].bracket != "(":
        text += ")"
    if not reading.has_spaces:
        text = re.sub(r"[._]+", " ", text)
    text = re.sub(r"\s+", " ", text).strip(" -_.,")
    return _capitalise(text)


def _capitalise(text: str) -> str:
    if text != text.lower():
        return text
    words = text.split(" ")
    return " ".join(w if i and w in LITTLE_WORDS else w[:1].upper() + w[1:] for i, w in enumerate(words))
