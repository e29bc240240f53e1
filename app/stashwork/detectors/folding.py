"""Writing the same name in the same way: without case, accents and apostrophes."""

import unicodedata
from functools import lru_cache

_APOSTROPHES = "'’‘`´ʼ＇"
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ı": "i", "þ": "th", "ħ": "h"}
    | dict.fromkeys(_APOSTROPHES)
)
_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "å": "aa", "Å": "Aa", "ø": "oe", "Ø": "Oe"}
)


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Lower case, no accents, no apostrophes.

    >>> fold("Zoë O’Neill")
    'zoe oneill'
    """
    if text.isascii():
        return text.casefold().translate(_LETTERS)
    parts = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(character for character in parts if not unicodedata.combining(character)).translate(_LETTERS)


def spell_umlauts(text: str) -> str:
    """The other way to write umlauts on an English keyboard: Müller as Mueller."""
    return unicodedata.normalize("NFC", text).translate(_UMLAUTS)
