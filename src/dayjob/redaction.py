"""What is secret, and how it is kept out of what people see: arguments, errors, tracebacks, log lines, messages.

An argument is secret by its name (`password`, `token`, `api_key`, ...) or because it is marked as `Secret`. Its value
is stored with the job, since the handler needs it; whatever is shown has `MASK` in its place.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Annotated, Any, TypeVar

T = TypeVar("T")
MASK = "**********"
_SHORTEST = 6  # characters of a value that is looked for in texts: shorter ones are in many innocent words
_MOST_VALUES = 50
_NAME = re.compile(
    r"(?:^|_)(?:password|passwd|passphrase|pwd|secrets?|tokens?|api_?keys?|access_?keys?|private_?keys?|credentials?"
    r"|authorization|auth|cookies?|dsn)(?:$|_(?:hash|value|text|raw|old|new|id|b64|base64|pem|env|header|\d+))"
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_USER_INFO = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,20}://)[^\s/@?#]{1,500}@")
_PARAMETER = re.compile(r"([?&;])([A-Za-z0-9_.-]{1,60})=([^\s&;#\"'<>]{1,4000})")


class SecretMarker:
    """Marks an annotation as secret: ``Annotated[dict[str, str], SecretMarker()]``; `Secret` is shorter."""


Secret = Annotated[T, SecretMarker()]
"""``key: Secret[str]``: an argument whose value nobody is shown. Handlers and type checkers see a ``str``."""


def is_secret_name(name: str) -> bool:
    """Whether values of this name are secret, in any spelling.

    >>> [is_secret_name(name) for name in ("api_key", "apiKey", "X-Auth-Token", "tokenizer", "keyboard")]
    [True, True, True, False, False]
    """
    return _NAME.search(_HUMP.sub("_", name).replace("-", "_").replace(".", "_").lower()) is not None


def masked(value: Any, marked: Collection[str] = ()) -> Any:
    """JSON with the values of secret names replaced; ``marked`` are more names, of the outermost object only.

    What is null or empty stays: that nothing was given is no secret.
    """
    if isinstance(value, Mapping):
        return {
            name: _hidden(member) if name in marked or is_secret_name(name) else masked(member)
            for name, member in value.items()
        }
    return [masked(member) for member in value] if isinstance(value, list) else value


def secret_texts(value: Any, marked: Collection[str] = ()) -> Iterator[str]:
    """All texts (and numbers, as texts) that `masked` would hide."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            yield from _texts(member) if name in marked or is_secret_name(name) else secret_texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from secret_texts(member)


def is_masked(value: Any) -> bool:
    """Whether the mask is in the place of a value somewhere in this JSON."""
    if isinstance(value, Mapping):
        return any(map(is_masked, value.values()))
    return any(map(is_masked, value)) if isinstance(value, list) else value == MASK


class Redactor:
    """Takes secrets out of texts: the values it is given, those of secret names in the environment, and in URLs.

    >>> redactor = Redactor(["s3cr3t-value"])
    >>> redactor.text("no s3cr3t-value here, nor at https://me:pw@host/?token=abc")
    'no ********** here, nor at https://**********@host/?token=**********'
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        known = {value for value in values if len(value) >= _SHORTEST} - {MASK}
        self._values = sorted(known, key=len, reverse=True)[:_MOST_VALUES]

    def text(self, text: str) -> str:
        """``text`` with the mask in place of every secret."""
        for value in (*self._values, *_environment()):
            if value in text:
                text = text.replace(value, MASK)
        if "://" in text:
            text = _USER_INFO.sub(rf"\1{MASK}@", text)
        return _PARAMETER.sub(_parameter, text) if "=" in text else text

    def optional(self, text: str | None) -> str | None:
        """`text`, or None."""
        return None if text is None else self.text(text)

    def json(self, value: Any) -> Any:
        """JSON with the mask in place of every secret in its texts; names of members stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {name: self.json(member) for name, member in value.items()}
        return [self.json(member) for member in value] if isinstance(value, list) else value


def of_arguments(args: Mapping[str, Any], marked: Collection[str] = ()) -> Redactor:
    """The redactor for what a job with these arguments leaves behind."""
    return Redactor(secret_texts(args, marked))


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
        yield from value.split("\n") if "\n" in value else ()  # a log or a traceback may indent the lines of a key
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)


def _parameter(found: re.Match[str]) -> str:
    before, name, value = found.groups()
    return f"{before}{name}={MASK if is_secret_name(name) else value}"


@functools.cache
def _environment() -> tuple[str, ...]:
    """Read once: what a process is started with does not change behind its back."""
    values = {value for name, value in os.environ.items() if is_secret_name(name) and len(value) >= _SHORTEST}
    return tuple(sorted(values, key=len, reverse=True))
