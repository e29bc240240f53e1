"""What a handler takes: read once from its signature, checked when a job is enqueued and again before it runs.

Annotations are checked (and converted: dates, dataclasses, pydantic models) by pydantic's ``TypeAdapter`` when
pydantic can be imported, as it always can beside FastAPI. Without it only the names are checked.
"""

from __future__ import annotations

import functools
import importlib.util
import inspect
import json
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Literal

from . import payload
from .errors import FieldError, InvalidArguments
from .redaction import MASK, SecretMarker, is_masked, is_secret_name

INJECTED = frozenset({"job_id", "ctx"})
_HAS_PYDANTIC = importlib.util.find_spec("pydantic") is not None


class Arguments:
    """The parameters of one handler that a caller may set.

    ``job_id`` and ``ctx`` are given by the worker and are no arguments; ``**kwargs`` only lets a handler ignore what
    it gets, it does not widen what a caller may send. Raises `TypeError` for signatures that cannot be called by name.
    """

    def __init__(self, handler: Callable[..., Any]) -> None:
        parameters = inspect.signature(handler).parameters
        for parameter in parameters.values():
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
                raise TypeError(f"{_name(handler)} has the parameter '{parameter}', but handlers are called by name.")
        self.injected = frozenset(INJECTED & parameters.keys())
        self._defaults = {n: p.default for n, p in parameters.items() if p.default is not p.empty}
        named = {n: p for n, p in parameters.items() if n not in INJECTED and p.kind is not p.VAR_KEYWORD}
        self._order = list(named)
        self.names = frozenset(named)
        self.required = frozenset(n for n, p in named.items() if p.default is p.empty)
        hints = _hints(handler, named)
        # Whose values nobody is shown.
        self.secret = frozenset(n for n in named if is_secret_name(n) or _is_marked(hints.get(n)))
        self._adapters = _adapters(_name(handler), hints)

    def validate(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as plain JSON values, as they are stored; raises `InvalidArguments` naming each fault."""
        errors = self._wrong_names(args)
        stored: dict[str, Any] = {}
        for name in args.keys() & self.names:
            stored[name] = self._convert(name, args[name], errors)[1]
            if is_masked(args[name]):
                errors.append(FieldError(_pointer(name), f"is {MASK}, which only stands for a secret; send its value"))
        _raise_if(errors)
        return {name: stored[name] for name in args}

    def schema(self, refs: str = "#/$defs/{model}") -> dict[str, Any]:
        """JSON Schema (draft 2020-12) of the object that a caller sends; ``refs`` is where its ``$defs`` will stand.

        Arguments stand in the order of the signature, with their defaults. Secret ones have ``"writeOnly": true``, and
        no default. Without pydantic the types are left open.
        """
        found, definitions = _schemas(self._adapters, refs)
        properties = {name: self._described(name, found.get(name, {})) for name in self._order}
        required = [name for name in self._order if name in self.required]
        schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
        return schema | ({"$defs": definitions} if definitions else {})

    def _described(self, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        if name in self.secret:
            return {**schema, "writeOnly": True}
        if name in self.required:
            return schema
        try:
            adapter = self._adapters.get(name)
            default = self._defaults[name]
            shown = default if adapter is None else adapter.dump_python(default, mode="json", by_alias=True)
            payload.check(shown, what="default", limit=payload.MAX_ARGS)
        except ValueError:  # pydantic's serialisation errors, and ours: no JSON, so no form can show it
            return schema
        return {**schema, "default": shown}

    def bind(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Stored arguments as the values that the handler's annotations promise; raises `InvalidArguments`."""
        errors = self._wrong_names(args)
        bound = {name: self._convert(name, args[name], errors)[0] for name in args.keys() & self.names}
        _raise_if(errors)
        return bound

    def _wrong_names(self, args: Mapping[str, Any]) -> list[FieldError]:
        if self.required <= args.keys() <= self.names:
            return []
        missing = [FieldError(f"/{n}", "is missing") for n in sorted(self.required - args.keys())]
        return missing + [FieldError(_pointer(str(n)), self._why_not(n)) for n in args if n not in self.names]

    def _why_not(self, name: object) -> str:
        if not isinstance(name, str):
            return f"is a name of type {type(name).__name__}; names are text"
        if name in INJECTED:
            return "is given by dayjob and cannot be sent"
        known = ", ".join(sorted(self.names)) or "none"
        return f"is not an argument of this job type (it takes: {known})"

    def _convert(self, name: str, value: Any, errors: list[FieldError]) -> tuple[Any, Any]:
        """The value as the handler gets it and as it is stored; faults are added to ``errors``."""
        adapter = self._adapters.get(name)
        if adapter is None:
            return value, value
        from pydantic import ValidationError  # noqa: PLC0415 (only here is it known to be importable)

        try:
            bound = _validated(adapter, value)
            # By alias and without computed fields: `bind` has to take what is stored.
            return bound, adapter.dump_python(bound, mode="json", by_alias=True, round_trip=True)
        except ValidationError as error:
            errors += [_field_error(name, fault) for fault in error.errors(include_url=False, include_input=False)]
        except ValueError as error:  # pydantic's serialisation errors
            errors.append(FieldError(_pointer(name), f"cannot be stored as JSON: {error}"))
        return None, None


def _validated(adapter: Any, value: Any) -> Any:
    """The value as its annotation promises. It may be Python's (from a caller) or JSON's (from HTTP, or stored)."""
    from pydantic import ValidationError  # noqa: PLC0415 (as above)

    try:
        return adapter.validate_python(value)
    except ValidationError:
        # In strict models a text is no date, except in JSON, which has no dates.
        try:
            text = json.dumps(value)
        except (TypeError, ValueError, RecursionError):
            text = None
        if text is None:
            raise
    return adapter.validate_json(text)


def is_coroutine_function(handler: Callable[..., Any]) -> bool:
    """Whether calling ``handler`` gives something to await: partials and objects with ``async def __call__`` too."""
    while isinstance(handler, functools.partial):
        handler = handler.func
    called = getattr(handler, "__call__", None)  # noqa: B004 (not whether it can be called, but what is)
    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(called)


def _hints(handler: Callable[..., Any], named: Mapping[str, inspect.Parameter]) -> dict[str, Any]:
    # Of these parameters only: what ``ctx`` is annotated with may be imported for type checkers alone.
    annotations = {n: p.annotation for n, p in named.items() if p.annotation is not p.empty}
    holder = types.SimpleNamespace(__annotations__=annotations)
    return typing.get_type_hints(holder, globalns=_namespace(handler), include_extras=True)


def _adapters(handler: str, hints: Mapping[str, Any]) -> dict[str, Any]:
    if not _HAS_PYDANTIC:
        return {}
    from pydantic import SecretBytes, SecretStr, TypeAdapter  # noqa: PLC0415 (an optional part)

    for name, hint in hints.items():
        if any(part in (SecretStr, SecretBytes) for part in (hint, *typing.get_args(hint))):
            raise TypeError(
                f"{handler} takes '{name}' as pydantic's SecretStr, which is stored as asterisks and so is lost. "
                f"Use `{name}: Secret[str]` (from dayjob import Secret)."
            )
    return {name: TypeAdapter(hint) for name, hint in hints.items() if hint is not Any}


def _schemas(adapters: Mapping[str, Any], refs: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The schema of each argument that has one, and the definitions that they share."""
    if not adapters:
        return {}, {}
    from pydantic import TypeAdapter  # noqa: PLC0415 (only here is it known to be importable)
    from pydantic.errors import PydanticInvalidForJsonSchema  # noqa: PLC0415

    asked: list[tuple[str, Literal["validation"], Any]] = [
        (name, "validation", adapter) for name, adapter in adapters.items()
    ]
    while asked:
        try:
            found, shared = TypeAdapter.json_schemas(asked, ref_template=refs)
            return {name: schema for (name, _), schema in found.items()}, shared.get("$defs", {})
        except PydanticInvalidForJsonSchema:  # one of them has none: the others do
            asked = [each for each in asked if _has_schema(each[2])]
    return {}, {}


def _has_schema(adapter: Any) -> bool:
    from pydantic.errors import PydanticInvalidForJsonSchema  # noqa: PLC0415

    try:
        adapter.json_schema()
    except PydanticInvalidForJsonSchema:
        return False
    return True


def _is_marked(hint: Any) -> bool:
    """Whether ``Secret`` stands anywhere in an annotation, as in ``Secret[str] | None``."""
    if any(isinstance(extra, SecretMarker) or extra is SecretMarker for extra in getattr(hint, "__metadata__", ())):
        return True
    return any(map(_is_marked, typing.get_args(hint)))


def _namespace(handler: Callable[..., Any]) -> dict[str, Any]:
    """Where the annotations of a handler were written: of a function, a partial, or an object with ``__call__``."""
    function: Any = inspect.unwrap(handler)
    while isinstance(function, functools.partial):
        function = inspect.unwrap(function.func)
    if not hasattr(function, "__globals__"):
        function = getattr(type(function), "__call__", function)  # noqa: B004 (the function itself is wanted)
    namespace: dict[str, Any] = getattr(function, "__globals__", {})
    return namespace


def _field_error(name: str, fault: Any) -> FieldError:
    pointer = _pointer(name) + "".join(_pointer(str(part)) for part in fault["loc"])
    message = fault["msg"]
    return FieldError(pointer, message[:1].lower() + message[1:])


def _pointer(key: str) -> str:
    return "/" + payload.pointed(key)


def _raise_if(errors: list[FieldError]) -> None:
    if errors:
        listed = "; ".join(f"{e.pointer[1:] or 'arguments'} {e.detail}" for e in errors[:5])
        raise InvalidArguments(f"The arguments do not fit the job type: {listed}.", errors)


def _name(handler: Callable[..., Any]) -> str:
    return getattr(handler, "__qualname__", repr(handler))
