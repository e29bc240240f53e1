"""Takes the HTML out of details and keeps what it meant: paragraphs, lists, characters."""

import html
import re
from html.parser import HTMLParser

MAX_CHARACTERS = 200_000  # longer details are left alone
_ROUNDS = 4  # texts may be encoded several times
_TAGS = (
    "a|abbr|b|big|blockquote|br|center|cite|code|dd|del|div|dl|dt|em|font|h[1-6]|hr|i|img|ins|li|ol|p|pre|q|s|script|"
    "small|span|strike|strong|style|sub|sup|table|tbody|td|th|thead|tr|tt|u|ul"
)
_MARKUP = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_PARAGRAPHS = frozenset(
    ("p", "div", "blockquote", "ul", "ol", "dl", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "center", "hr")
)
_LINES = frozenset(("br", "tr", "dt", "dd"))
_DROPPED = frozenset(("script", "style"))


def clean_details(details: str) -> str:
    """The details without HTML; a text that has none is returned as it is.

    >>> clean_details("<p>One &amp; two</p><ul><li>three</li></ul>")
    'One & two\\n\\n- three'
    """
    if len(details) > MAX_CHARACTERS:
        return details
    for _ in range(_ROUNDS):
        cleaned = _clean_once(details)
        if cleaned == details:
            break
        details = cleaned
    return details


def _clean_once(text: str) -> str:
    if _MARKUP.search(text):
        parser = _TextOf()
        parser.feed(_MARKUP.sub(lambda match: match.group(), _escape_other(text)))
        parser.close()
        return parser.text()
    if any(html.unescape(entity) != entity for entity in _ENTITY.findall(text)):
        return (
            _ENTITY.sub(lambda match: html.unescape(match.group()), text).replace("\xa0", " ").replace("\0", "\ufffd")
        )
    return text


def _escape_other(text: str) -> str:
    """Keep what only looks like a tag: `a < b`, `<3`."""
    pieces, last = [], 0
    for match in _MARKUP.finditer(text):
        pieces += [text[last : match.start()].replace("<", "&lt;"), match.group()]
        last = match.end()
    return "".join([*pieces, text[last:].replace("<", "&lt;")])


class _TextOf(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._pieces: list[str] = []
        self._lists: list[int | None] = []
        self._dropped = 0
        self._preformatted = 0
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self._dropped += 1
        elif tag in _PARAGRAPHS:
            self._pieces.append("\n" if tag in ("ul", "ol") and self._lists else "\n\n")
        elif tag in _LINES:
            self._pieces.append("\n")
        if tag in ("ul", "ol"):
            self._lists.append(0 if tag == "ol" else None)
        elif tag == "li":
            self._begin_item()
        elif tag == "td" or tag == "th":
            self._pieces.append(" ")
        elif tag == "pre":
            self._preformatted += 1
        elif tag == "a":
            self._links.append((dict(attributes).get("href") or "", len(self._pieces)))

    def handle_endtag(self, tag: str) -> None:
        if tag in _DROPPED:
            self._dropped = max(0, self._dropped - 1)
        elif tag in _PARAGRAPHS:
            self._pieces.append("\n" if tag in ("ul", "ol") and len(self._lists) > 1 else "\n\n")
        if tag in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif tag == "pre":
            self._preformatted = max(0, self._preformatted - 1)
        elif tag == "a" and self._links:
            self._end_link(*self._links.pop())

    def handle_data(self, data: str) -> None:
        if self._dropped:
            return
        self._pieces.append(data if self._preformatted else data.replace("\t", " "))

    def text(self) -> str:
        """What was read, with at most one empty line between paragraphs."""
        text = "".join(self._pieces).replace("\r\n", "\n").replace("\xa0", " ").replace("\0", "\ufffd")
        text = re.sub(r" *\n *", "\n", re.sub(r" {2,}", " ", text))
        return re.sub(r"\n{3,}", "\n\n", text).strip()

    def _begin_item(self) -> None:
        marker = "- "
        if self._lists and self._lists[-1] is not None:
            self._lists[-1] += 1
            marker = f"{self._lists[-1]}. "
        self._pieces.append("\n" + marker)

    def _end_link(self, address: str, begin: int) -> None:
        """An address that the text does not show is kept behind it."""
        shown = "".join(self._pieces[begin:])
        if address.startswith(("http://", "https://")) and address not in shown:
            self._pieces.append(f" ({address})")
