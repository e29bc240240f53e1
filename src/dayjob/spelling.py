"""A text in the spellings that it may have inside of another one: escaped by repr(), JSON, URLs, shells or HTML.

What is written into something that is written into something is escaped twice: of the usual ones, three rounds are
known.
"""

from __future__ import annotations

import functools
import html
import json
import re
from collections.abc import Callable
from urllib.parse import quote, quote_plus

_SAME = re.compile(r"[A-Za-z0-9_.-]+")  # characters that nothing changes
_ESCAPES = re.compile(r"[\\%&+']")  # without one of them a text has no spelling of a secret but the secret itself
_SUB_DELIMS = "/:?@!$&'()*+,;=~"  # what some leave as it is in URLs


class Spelled:
    """A text to be looked for in others. Only ``thorough`` ones are known in more than one round of escapes."""

    __slots__ = ("_others", "_same", "_text", "_thorough")

    def __init__(self, text: str, *, thorough: bool = True) -> None:
        self._text = text
        self._thorough = thorough
        self._same = max(_SAME.findall(text), key=len, default="")  # a part that is in every spelling
        self._others: list[str] | None = [] if len(self._same) == len(text) else None

    def replace_in(self, text: str, other: str) -> str:
        """``text`` with ``other`` in place of this one."""
        if self._same not in text:
            return text
        text = text.replace(self._text, other)
        if self._others is None and _ESCAPES.search(text):
            self._others = _spellings(self._text, self._thorough)  # made when they are needed: it takes milliseconds
        for spelling in self._others or ():
            text = text.replace(spelling, other)
        return text


def spellings(text: str, *, thorough: bool = True) -> list[str]:
    r"""The others than ``text`` itself, the longest first.

    >>> spellings('ab"c', thorough=False)
    ['ab&quot;c', 'ab&#34;c', 'ab%22c', 'ab\\"c']
    """
    found = {text}
    for ways in (_WAYS, (*_USUAL, *_URLS[:2]), _USUAL) if thorough else (_WAYS,):
        found |= {way(each) for each in found for way in ways}
    return sorted(found - {text}, key=lambda each: (-len(each), each))


@functools.lru_cache(128)  # the same key is given to many jobs
def _spellings(text: str, thorough: bool) -> list[str]:
    return spellings(text, thorough=thorough)


def _bytes_repr(text: str) -> str:
    return repr(text.encode())[1:]


def _by(shown: Callable[[str], str], apostrophe: str) -> Callable[[str], str]:
    """What ``shown`` makes of a text without its quotes. repr() escapes an apostrophe or not: by what is around it."""
    return lambda text: apostrophe.join(shown(part)[1:-1] for part in text.split("'"))


def _lower(way: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), way(text))


_USUAL: tuple[Callable[[str], str], ...] = (
    *(_by(shown, apostrophe) for shown in (repr, ascii, _bytes_repr) for apostrophe in ("'", r"\'")),
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
)
_URLS = (
    lambda text: quote(text, safe=""),
    lambda text: quote(text, safe="/"),
    lambda text: quote(text, safe=_SUB_DELIMS),
    lambda text: quote_plus(text, safe=""),
)
_WAYS: tuple[Callable[[str], str], ...] = (
    *_USUAL,
    *_URLS,
    *map(_lower, _URLS),
    html.escape,
    lambda text: html.escape(text, quote=False),
    lambda text: html.escape(text, quote=False).replace("'", "&#39;").replace('"', "&#34;"),
    lambda text: text.replace("'", """'"'"'"""),  # in a shell
    lambda text: text.replace("'", r"'\''"),
)
