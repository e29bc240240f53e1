"""Words with a meaning of their own: what files are called by, joiners of names, and ordinary words."""

import re
from importlib.resources import files


def _words(name: str) -> frozenset[str]:
    return frozenset(files(__package__).joinpath(name).read_text("utf-8").split())


CONJUNCTIONS = frozenset(("and", "feat", "ft", "featuring", "with", "starring", "vs", "x", "y", "und", "et"))
PARTS = frozenset(
    ("part", "pt", "cd", "disc", "disk", "vol", "volume", "episode", "ep", "scene", "chapter", "no", "nr")
)
LITTLE_WORDS = _words("little_words.txt")

# Words that are names as well, or turn up in titles so often that alone they say nothing about who is in a scene.
ORDINARY_WORDS = LITTLE_WORDS | _words("ordinary_words.txt")

# Words about the file and not about its content; in names without spaces all behind one of them is such, too.
NOISE = _words("file_words.txt")
_MORE_NOISE = _words("more_file_words.txt")

# Those of them that are words of the language, too: they count at the end of a title only, and not everywhere there.
TWOFOLD_WORDS = _words("twofold_words.txt")
_SIZE = re.compile(
    r"\d{3,4}x\d{3,4}(?:p|px)?|\d{2,4}(?:p|i|fps|kbps|mbps|mb|gb|bit)(?:\d{2,3}(?:fps)?)?|[xh]26[45]|[248]k|"
    r"s\d{1,2}(?:ep?\d{1,3})?|ep?\d{1,3}"
)


def is_ordinary(word: str) -> bool:
    """Whether a folded word, or the one that it is the plural of, is a word of the language."""
    return word in ORDINARY_WORDS or (len(word) > 3 and word[-1] == "s" and word[:-1] in ORDINARY_WORDS)


def is_noise(word: str) -> bool:
    """Whether a folded word is about the file: its resolution, codec, origin, number in a series."""
    return word in NOISE or word in _MORE_NOISE or _SIZE.fullmatch(word) is not None
