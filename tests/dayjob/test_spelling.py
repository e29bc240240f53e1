"""A secret is found in whatever way it was written into another text."""

from __future__ import annotations

import html
import json
import shlex
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus, urlencode

from hypothesis import given, settings
from hypothesis import strategies as st

from dayjob.spelling import Spelled, spellings

WAYS: list[Callable[[str], str]] = [
    str,
    repr,
    json.dumps,
    lambda text: json.dumps({text: [text]}, ensure_ascii=False),
    lambda text: repr(KeyError(text)),
    lambda text: repr({"both": [text, "'\""]}),
    lambda text: repr(text.encode()),
    lambda text: json.dumps(json.dumps(json.dumps(text))),
    lambda text: repr(json.dumps({"a": text})),
    lambda text: json.dumps(repr(text)),
    quote,
    lambda text: quote(text, safe="").lower() if text.islower() else quote(text, safe=""),
    quote_plus,
    lambda text: quote(quote(text)),
    lambda text: urlencode({"a": text, "b": "c"}),
    lambda text: repr("https://host/?a=" + quote(text)),
    html.escape,
    shlex.quote,
    lambda text: repr(["curl", shlex.quote(text)]),
]
secrets = st.text(st.characters(codec="utf-8", exclude_characters="*\0"), min_size=6, max_size=30)


@settings(deadline=None)
@given(secret=secrets | st.text("aZ9\"'\\/%&+=ü☃😀\n\t ", min_size=6, max_size=30), way=st.sampled_from(WAYS))
def test_every_spelling_of_a_text_is_found(secret: str, way: Callable[[str], str]) -> None:
    written = f"<< {way(secret)} >>"
    found = Spelled(secret).replace_in(written, "*")
    assert "*" in found
    assert all(each not in found for each in [secret, *spellings(secret)])


def test_a_text_without_it_stays() -> None:
    assert Spelled('p"w-12345').replace_in(r"p\w-1234 %22 'p\"w-1234'", "*") == r"p\w-1234 %22 'p\"w-1234'"


def test_many_texts_that_are_nothing_but_escapes_take_no_time() -> None:
    many = [Spelled(chr(0x410 + n % 32) * 6 + chr(0x410 + n // 32), thorough=False) for n in range(1000)]
    begun = time.process_time()
    for each in many:
        each.replace_in("\\u0410%D0" * 200, "*")
    assert time.process_time() - begun < 5  # 0.05 s alone; every pair of escapes by itself would be minutes
