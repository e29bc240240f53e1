"""What is secret, and how it is kept out of what people see: arguments, errors, tracebacks, log lines, messages.

An argument is secret by its name (`password`, `token`, `api_key`, ...) or because it is marked as `Secret`. Its value
is stored with the job, since the handler needs it; whatever is shown has `MASK` in its place.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Annotated, Any, TypeVar

from .secret_names import is_secret_name
from .spelling import Spelled

T = TypeVar("T")
MASK = "**********"
Redact = Callable[[str], str]
_SHORTEST = 6  # characters of a value that is looked for in texts: shorter ones are in many innocent words
_MANY, _LONG = 500, 50_000  # values, characters: of more, only the usual spellings are looked for
_USER_INFO = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,20}://)[^\s/?#]+@")
_PARAMETER = re.compile(r"([?&;])([A-Za-z0-9_.-]{1,60})=([^\s&;#\"'<>]+)")
_MASKED = re.compile(r"://\*{10}@|[?&;][A-Za-z0-9_.-]{1,60}=\*{10}(?!\*)")


class SecretMarker:
    """Marks an annotation as secret: ``Annotated[dict[str, str], SecretMarker()]``; `Secret` is shorter."""


Secret = Annotated[T, SecretMarker()]
"""``key: Secret[str]``: an argument whose value nobody is shown. Handlers and type checkers see a ``str``."""


def mask(value: Any, marked: Collection[str] = ()) -> Any:
    """JSON without the values of secret names, at any depth, and what is secret in URLs; ``marked`` are more names.

    What is null or empty stays: that nothing was given is no secret.
    """
    if isinstance(value, str):
        return _without_url_secrets(value)
    if isinstance(value, Mapping):
        return {
            name: _hidden(member) if name in marked or is_secret_name(name) else mask(member, marked)
            for name, member in value.items()
        }
    return [mask(member, marked) for member in value] if isinstance(value, list) else value


def secret_texts(value: Any, marked: Collection[str] = ()) -> Iterator[str]:
    """All texts (and numbers, as texts) that `mask` would hide."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _texts(member) if name in marked or is_secret_name(name) else secret_texts(member, marked)
    elif isinstance(value, list):
        for member in value:
            yield from secret_texts(member, marked)


def is_masked(value: Any) -> bool:
    """Whether the mask is in the place of a value somewhere in this JSON."""
    if isinstance(value, Mapping):
        return any(map(is_masked, value.values()))
    if isinstance(value, str):
        return value == MASK or _MASKED.search(value) is not None
    return isinstance(value, list) and any(map(is_masked, value))


class Redactor:
    """Takes secrets out of texts: the values it is given, those of secret names in the environment, and in URLs.

    >>> redactor = Redactor(["s3cr3t-value"])
    >>> redactor.text("no s3cr3t-value here, nor at https://me:pw@host/?token=abc")
    'no ********** here, nor at https://**********@host/?token=**********'
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._secrets = (*_spelled(values), *_environment())

    def text(self, text: str) -> str:
        """``text`` with the mask in place of every secret."""
        for secret in self._secrets:
            text = secret.replace_in(text, MASK)
        return _without_url_secrets(text)

    def optional(self, text: str | None) -> str | None:
        """`text`, or None."""
        return None if text is None else self.text(text)

    def json(self, value: Any) -> Any:
        """JSON with the mask in place of every secret in its texts, also where it is the name of a member."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return self._members(value)
        return [self.json(member) for member in value] if isinstance(value, list) else value

    def _members(self, value: Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, member in value.items():
            hidden = self.text(name)
            while hidden in made:  # two secrets are two members
                hidden += "*"
            made[hidden] = self.json(member)
        return made


def of_arguments(args: Mapping[str, Any], marked: Collection[str] = ()) -> Redactor:
    """The redactor for what a job with these arguments leaves behind."""
    return Redactor(secret_texts(args, marked))


def as_it_is(text: str) -> str:
    """The `Redact` where there are no secrets."""
    return text


def shortened(text: str, longest: int, redact: Redact) -> str:
    """``text`` in at most so many characters; its secrets are hidden before it is cut, since afterwards a part of one
    could be left that nobody knows.

    >>> shortened("the key is s3cr3t-value", 15, Redactor(["s3cr3t-value"]).text)
    'the key is ***…'
    """
    if len(text) <= longest:
        return text
    hidden = redact(text)
    return hidden if len(hidden) <= longest else hidden[: longest - 1] + "…"


def _spelled(values: Iterable[str]) -> list[Spelled]:
    """Those that are long enough to be looked for; the longest first, since others may be a part of them."""
    known = sorted({value for value in values if len(value) >= _SHORTEST and value.strip("*")}, key=len, reverse=True)
    thorough = len(known) <= _MANY and sum(map(len, known)) <= _LONG
    return [Spelled(value, thorough=thorough) for value in known]


def _hidden(value: Any) -> Any:
    return value if value is None or value in ("", [], {}) else MASK


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for member in value.values():
            yield from _texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member)
    elif isinstance(value, str):
        yield value
        yield from map(str.strip, value.split("\n") if "\n" in value else ())  # a key may be logged line by line
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from (str(value), f"{value:,}")


def _without_url_secrets(text: str) -> str:
    if "://" in text:
        text = _USER_INFO.sub(rf"\1{MASK}@", text)
    return _PARAMETER.sub(_parameter, text) if "=" in text else text


def _parameter(found: re.Match[str]) -> str:
    before, name, value = found.groups()
    return f"{before}{name}={MASK if is_secret_name(name) else value}"


@functools.cache
def _environment() -> tuple[Spelled, ...]:
    """Read once: what a process is started with does not change behind its back."""
    named = {name: value for name, value in os.environ.items() if name not in ("PWD", "OLDPWD")}  # folders
    return tuple(_spelled(value for name, value in named.items() if is_secret_name(name)))
