"""What a handler is annotated to return: whether that can be stored, and how the stored JSON becomes it again."""

from __future__ import annotations

import functools
import inspect
import types
import typing
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from typing import Annotated, Any, Literal

from .arguments import adapter_of, name_of_handler, namespace_of, validate_with
from .errors import InvalidPayload
from .jsonable import holds_jsonable, is_jsonable

_BYTES = "return text, as base64.b64encode(...).decode() makes it, or store them and return where they are"
_LAZY = "return what it gives, as a list for one"
_OTHER = "return what describes it, as a dict, a dataclass or a pydantic model for one"


class ReturnType:
    """The return annotation of one handler; of one that cannot be read here (for type checkers only) nothing is known.

    Raises `TypeError` for one whose values no JSON has: bytes, generators, objects of classes that say nothing.
    """

    def __init__(self, handler: Callable[..., Any]) -> None:
        self._hint = _hint(handler)
        self._handler = name_of_handler(handler)
        if (found := _unstorable(self._hint)) is not None:
            part, fix = found
            raise TypeError(f"{self._handler} returns {part.__qualname__}, which cannot be stored as a result; {fix}.")

    def of_json(self, value: Any) -> Any:
        """A stored result as the annotation promises it. Raises `InvalidPayload` if it is something else."""
        if self._adapter is None:
            return value
        try:
            return validate_with(self._adapter, value)
        except ValueError as error:  # pydantic's
            faults = error.errors(include_url=False, include_input=False)  # type: ignore[attr-defined]  # as above
            said = "; ".join("/".join(map(str, (*fault["loc"], fault["msg"]))) for fault in faults[:5])
            raise InvalidPayload(
                f"The result is not what {self._handler} is annotated to return ({said:.500}); "
                "queue.result(job_id) has it as JSON."
            ) from error

    @functools.cached_property
    def _adapter(self) -> Any:
        return None if self._hint in (None, Any, type(None)) else adapter_of(self._hint)


def _hint(handler: Callable[..., Any]) -> Any:
    annotation = inspect.signature(handler).return_annotation
    if annotation is inspect.Signature.empty:
        return None
    holder = types.SimpleNamespace(__annotations__={"return": annotation})
    try:
        hint = typing.get_type_hints(holder, globalns=namespace_of(handler), include_extras=True)["return"]
    except Exception:  # noqa: BLE001 (it may be meant for type checkers only, and any text may stand there)
        return None
    # Of a plain function that calls a coroutine function.
    return typing.get_args(hint)[-1] if typing.get_origin(hint) in (Awaitable, Coroutine) else hint


def _unstorable(hint: Any) -> tuple[type, str] | None:
    """A class in an annotation whose objects cannot be stored, and what to do about it."""
    hint = getattr(hint, "__supertype__", getattr(hint, "__value__", hint))  # of a NewType, of a `type` statement
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Annotated, Literal):
        return _unstorable(args[0]) if origin is Annotated else None
    kind = origin or hint
    if isinstance(kind, type) and kind is not types.UnionType:
        if (fix := _fix(kind)) is not None:
            return kind, fix
        args = args if holds_jsonable(kind) else ()
    return next(filter(None, map(_unstorable, args)), None)


def _fix(kind: type) -> str | None:
    bases = kind.__mro__
    if any(base in bases for base in (bytes, bytearray, memoryview)):
        return _BYTES
    if any(base in bases for base in (Iterator, AsyncIterator, Awaitable)):
        return _LAZY
    return None if is_jsonable(kind) else _OTHER
