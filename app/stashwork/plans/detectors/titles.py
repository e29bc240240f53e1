"""The title that is left of a file's name when studio, performers, date and technical words are taken away."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .facts import SceneFacts
from .names import Match
from .reading import Reading
from .tokens import Gap, Token
from .vocabulary import LITTLE_WORDS, PARTS

_MAX_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class TitleFound:
    """A title, how sure it is, and why."""

    value: str
    confidence: float
    reason: str


def is_machine_made(scene: SceneFacts, title: str) -> bool:
    """Whether a title is only the file's name, as a scan leaves it."""
    name = scene.path.replace("\\", "/").rpartition("/")[2]
    return title.strip() in ("", name, name.rpartition(".")[0], scene.stem)


def find_title(reading: Reading, known: Collection[Match]) -> TitleFound | None:
    """The title in a file's name; `known` are the words of its studio and performers."""
    parts = _merged(_rest(reading, known))
    parts = [part for part in parts if _says_something(part)]
    if len(parts) != 1:
        return None
    value = _written(reading, parts[0])
    recognised = bool(known) or any(token.is_date for token in reading.tokens)
    if not recognised and len(parts[0]) < 2:
        return None
    confidence = 0.85 if recognised else 0.72
    reason = "what the file name has beside " + ("what else is known" if recognised else "technical words")
    return TitleFound(value, confidence, reason) if value else None


def _rest(reading: Reading, known: Collection[Match]) -> list[list[Token]]:
    """The words that nothing else explains, in the parts between separators."""
    places = {i for match in known for i in range(match.start, match.end)}
    parts: list[list[Token]] = []
    last = -2
    for i, token in enumerate(reading.tokens):
        if i in places or token.is_void or _joins_names(reading.tokens, i, places):
            continue
        if i != last + 1 or token.gap == Gap.STRONG:
            parts.append([])
        parts[-1].append(token)
        last = i
    return parts


def _joins_names(tokens: Sequence[Token], i: int, places: Collection[int]) -> bool:
    return tokens[i].is_conjunction and (i - 1 in places or i + 1 in places)


def _merged(parts: list[list[Token]]) -> list[list[Token]]:
    """A remark in round brackets belongs to the words before it."""
    merged: list[list[Token]] = []
    for part in parts:
        if merged and part[0].bracket == "(" and _says_something(merged[-1]) and _says_something(part):
            merged[-1] = merged[-1] + part
        else:
            merged.append(part)
    return merged


def _says_something(part: Sequence[Token]) -> bool:
    words = [t for t in part if len(t.folded) > 1 and not t.folded.isdigit() and t.folded not in PARTS]
    return any(word.folded not in LITTLE_WORDS for word in words)


def _written(reading: Reading, part: Sequence[Token]) -> str:
    text = reading.text[part[0].start : part[-1].end]
    if part[-1].bracket == "(" and part[0].bracket != "(":
        text += ")"
    if not reading.has_spaces:
        text = re.sub(r"[._]+", " ", text)
    text = re.sub(r"\s+", " ", text).strip(" -_.,")
    return _capitalised(text)[:_MAX_CHARACTERS]


def _capitalised(text: str) -> str:
    if text != text.lower():
        return text
    words = text.split(" ")
    return " ".join(w if i and w in LITTLE_WORDS else w[:1].upper() + w[1:] for i, w in enumerate(words))
