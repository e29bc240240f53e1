"""Cuts a file name, a folder name or a title into words, and notes how strongly each is apart from the one before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from .folding import fold
from .vocabulary import CONJUNCTIONS, NOISE, is_noise

_WORD = re.compile(r"[^\W_]+(?:['’‘`´ʼ＇][^\W_]+)*|[&+]")
_PART = re.compile(
    r"['’‘`´ʼ＇]+|"  # apostrophes, which are dropped; what follows is joined to what was before
    r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])"
)
_STRONG = re.compile(
    r"[\[\](){}「」【】<>|/\\;!?#@~…–—=\"“”«»]|[｜：？＂＊＜＞⧸]|: |\s[-–—_:.•·]+\s|"
    r"[_.]-[_.]|--|__|-\s|\s-|:$|_-|-_"
)


class Gap(IntEnum):
    """What stands before a word, from nothing to a clear separation."""

    JOINED = 0  # inside a CamelCase word, or between letters and digits
    WORD = 1  # a space, or what stands for it
    HYPHEN = 2  # a separator that is rarer in this text than the one between words
    LIST = 3  # a comma
    STRONG = 4  # a dash with spaces, a bracket, a date, the beginning


@dataclass(frozen=True, slots=True)
class Token:
    """One word: as it stands, folded, where (characters), and its surroundings."""

    text: str
    folded: str
    start: int
    end: int
    gap: Gap
    bracket: str = ""  # the bracket that it stands in: "[", "(", "{", or nothing
    is_noise: bool = False
    is_date: bool = False

    @property
    def is_conjunction(self) -> bool:
        """Whether it joins names, as `and` does."""
        return self.folded in CONJUNCTIONS

    @property
    def is_void(self) -> bool:
        """Whether it says nothing about who or what: a resolution, a part of a date."""
        return self.is_noise or self.is_date


def tokenize(text: str, dates: Sequence[tuple[int, int]] = ()) -> list[Token]:
    """The words of `text`; `dates` are the places (start, end) where dates stand, whose digits are marked."""
    found = _words(text)
    spaced = _Separators.of(text, dates)
    tokens: list[Token] = []
    previous_end, bracket = 0, ""
    for start, end in found:
        between = text[previous_end:start]
        bracket = _bracket(bracket, between)
        gap = Gap.STRONG if not tokens else spaced.gap(text, previous_end, start)
        in_date = any(begin <= start < stop for begin, stop in dates)
        if tokens and tokens[-1].is_date != in_date:
            gap = Gap.STRONG
        raw = text[start:end]
        folded = "and" if raw in "&+" else fold(raw)
        tokens.append(Token(raw, folded, start, end, gap, bracket, is_date=in_date))
        previous_end = end
    return _mark_noise(tokens, text)


@dataclass(frozen=True, slots=True)
class _Separators:
    """Which separator stands between the words of one name here: the others are stronger."""

    weakest: frozenset[str]

    @classmethod
    def of(cls, text: str, dates: Sequence[tuple[int, int]]) -> "_Separators":
        plain = text
        for start, end in dates:
            plain = plain[:start] + "\0" * (end - start) + plain[end:]
        if re.search(r"[^\W_] [^\W_]", plain):
            # Where dashes with spaces separate, one without them joins: Anna Fenwick-Shaw - Night
            return cls(frozenset(" .-" if re.search(r"\s[-–—]\s", plain) else " ."))
        counts = {mark: len(re.findall(rf"(?<=[^\W_]){re.escape(mark)}(?=[^\W_])", plain)) for mark in "._-"}
        if counts["."] or counts["_"]:
            counts.pop("-")
        most = max(counts.values(), default=0)
        return cls(frozenset(mark for mark, number in counts.items() if number == most) | {" "})

    def gap(self, text: str, start: int, end: int) -> Gap:
        between = text[start:end]
        if between.strip("'’‘`´ʼ＇") == "":
            return Gap.JOINED
        if between == ". " and text[:start].isdigit():  # 01. Title
            return Gap.STRONG
        if _STRONG.search(between) and not (len(between) == 1 and between in "-"):
            return Gap.STRONG
        if "," in between:
            return Gap.LIST
        marks = set(between) & set(" ._-")
        if "-" in marks and len(between) == 1 and "-" not in self.weakest:
            return Gap.HYPHEN
        return Gap.WORD if not marks or marks & self.weakest else Gap.HYPHEN


def _words(text: str) -> list[tuple[int, int]]:
    return [part for match in _WORD.finditer(text) for part in _parts(match.group(), match.start())]


def _parts(word: str, offset: int) -> list[tuple[int, int]]:
    """A word, cut at CamelCase, between letters and digits, and at apostrophes."""
    cuts = [0, *(i for i in range(1, len(word)) if _is_cut(word, i)), len(word)]
    spans = (_trim(word, offset, (offset + a, offset + b)) for a, b in pairwise(cuts))
    return [(start, end) for start, end in spans if start < end]


def _trim(word: str, offset: int, span: tuple[int, int]) -> tuple[int, int]:
    start, end = span
    while start < end and word[start - offset] in "'’‘`´ʼ＇":
        start += 1
    return start, end


def _is_cut(word: str, i: int) -> bool:
    before, after = word[i - 1], word[i]
    if after in "'’‘`´ʼ＇":
        return True
    if before in "'’‘`´ʼ＇":
        return False
    if before.isdigit() != after.isdigit():
        return True
    if after.isupper() and before.islower():
        return True
    # "BBCNews": the last capital of a run begins a word of its own
    return before.isupper() and after.isupper() and i + 1 < len(word) and word[i + 1].islower()


def _bracket(current: str, between: str) -> str:
    for character in between:
        if character in "[({【「":
            current = {"【": "[", "「": "["}.get(character, character)
        elif character in "])}】」":
            current = ""
    return current


def _mark_noise(tokens: list[Token], text: str) -> list[Token]:
    """Mark what is about the file: resolutions, codecs, and all behind them in a name without spaces."""
    marked: list[Token] = []
    dotted = " " not in text.strip()
    behind = False
    for i, token in enumerate(tokens):
        word = whole_word(tokens, i)
        noise = token.is_date or is_noise(word) or (token.gap == Gap.JOINED and bool(marked) and marked[-1].is_noise)
        noise = noise and not token.is_date
        if noise and dotted and word in NOISE and i > 0:
            behind = True
        is_group = (
            i > 0 and i == len(tokens) - 1 and marked[-1].is_noise and text[tokens[i - 1].end : token.start] == "-"
        )
        marked.append(_mark(token) if (noise or (behind and not token.is_date) or is_group) else token)
    return marked


def whole_word(tokens: Sequence[Token], i: int) -> str:
    """The word from token `i` on with what is joined to it: `1080` and `p` are one resolution."""
    word = tokens[i].folded
    for following in tokens[i + 1 : i + 4]:
        if following.gap != Gap.JOINED:
            break
        word += following.folded
    return word


def _mark(token: Token) -> Token:
    return Token(token.text, token.folded, token.start, token.end, token.gap, token.bracket, is_noise=True)
