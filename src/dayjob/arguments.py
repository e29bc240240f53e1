"""What a handler takes: read once from its signature, checked when a job is enqueued and again before it runs.

Annotations are checked (and converted: dates, dataclasses, pydantic models) by pydantic's ``TypeAdapter`` when
pydantic can be imported, as it always can beside FastAPI. Without it only the names are checked.
"""

from __future__ import annotations

import functools
import importlib.util
import inspect
import itertools
import json
import types
import typing
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Annotated, Any, Literal, NamedTuple

from . import payload
from .difference import difference
from .errors import FieldError, InvalidArguments
from .redaction import MASK, SecretMarker, is_masked, mask
from .secret_names import is_secret_name

INJECTED = frozenset({"job_id", "ctx"})
_KEPT = "give the argument an annotation whose JSON brings its values back, or send what JSON has"
_JSON_TYPES = (str, int, float, bool, type(None))
_VALUES = frozenset({"default", "examples"})  # members of a schema that show values
_HAS_PYDANTIC = importlib.util.find_spec("pydantic") is not None


class Checked(NamedTuple):
    """Arguments that were accepted: JSON values as they are ``stored``, and what the handler will get of them.

    Neither has what the caller left out.
    """

    stored: dict[str, Any]
    bound: dict[str, Any]


class Arguments:
    """The parameters of one handler that a caller may set.

    ``job_id`` and ``ctx`` are given by the worker and are no arguments; ``**kwargs`` only lets a handler ignore what
    it gets, it does not widen what a caller may send. Raises `TypeError` for signatures that cannot be called by name.
    """

    def __init__(self, handler: Callable[..., Any]) -> None:
        parameters = inspect.signature(handler).parameters
        for parameter in parameters.values():
            if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL):
                raise TypeError(
                    f"{name_of_handler(handler)} has the parameter '{parameter}', but handlers are called by name."
                )
        self.injected = frozenset(INJECTED & parameters.keys())
        self._defaults = {n: p.default for n, p in parameters.items() if p.default is not p.empty}
        named = {n: p for n, p in parameters.items() if n not in INJECTED and p.kind is not p.VAR_KEYWORD}
        self._order = list(named)
        self.names = frozenset(named)
        self.required = frozenset(n for n, p in named.items() if p.default is p.empty)
        hints = _hints(handler, named)
        # Whose values nobody is shown: arguments, and what is marked in them.
        seen: set[type] = set()
        marked = itertools.chain.from_iterable(_marked_fields(hint, seen) for hint in hints.values())
        self.secret = frozenset(n for n in named if is_secret_name(n) or _is_marked(hints.get(n))).union(marked)
        self._adapters = _adapters(name_of_handler(handler), hints)
        # What these hold comes back from JSON as it was; everything else is looked at.
        self._safe = frozenset(n for n, hint in hints.items() if _is_plain(hint))

    def validate(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments as plain JSON values, as they are stored; raises `InvalidArguments` naming each fault."""
        return self.check(args).stored

    def check(self, args: Mapping[str, Any]) -> Checked:
        """The arguments as they are stored, and as the handler will get them.

        Raises `InvalidArguments` naming each fault, also for values that would arrive as others.
        """
        errors = self._wrong_names(args)
        stored: dict[str, Any] = {}
        bound: dict[str, Any] = {}
        for name in args.keys() & self.names:
            stored[name], bound[name] = self._accept(name, args[name], errors)
            if is_masked(args[name]):
                errors.append(FieldError(_pointer(name), f"is {MASK}, which only stands for a secret; send its value"))
        _raise_if(errors)
        return Checked({name: stored[name] for name in args}, bound)

    def complete(self, bound: Mapping[str, Any]) -> dict[str, Any]:
        """All arguments as the handler will see them: with the defaults of those that were left out."""
        return {n: default for n, default in self._defaults.items() if n in self.names} | dict(bound)

    @functools.cached_property
    def defaults(self) -> dict[str, str]:
        """The defaults that a caller could send as well, as JSON (see `essential`)."""
        found = {name: self._stored_default(name) for name in self.names - self.required}
        return {name: text for name, text in found.items() if text is not None}

    def _stored_default(self, name: str) -> str | None:
        default, errors = self._defaults[name], list[FieldError]()
        try:
            stored, bound = self._accept(name, default, errors)
            if errors or difference(default, bound) is not None:
                return None
            payload.check(stored, what="default", limit=payload.MAX_ARGS)
        except Exception:  # noqa: BLE001 (validators raise anything, and no caller sent this)
            return None
        return canonical(stored)

    def schema(self, refs: str = "#/$defs/{model}") -> dict[str, Any]:
        """JSON Schema (draft 2020-12) of the object that a caller sends; ``refs`` is where its ``$defs`` will stand.

        Arguments stand in the order of the signature, with their defaults. Secret ones, at any depth, have
        ``"writeOnly": true``, and no default. Without pydantic the types are left open.
        """
        found, definitions = (_without_secrets(schemas, self.secret) for schemas in _schemas(self._adapters, refs))
        properties = {name: self._describe(name, found.get(name, {})) for name in self._order}
        required = [name for name in self._order if name in self.required]
        schema = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
        return schema | ({"$defs": definitions} if definitions else {})

    def _describe(self, name: str, schema: dict[str, Any]) -> dict[str, Any]:
        if name in self.secret:
            return _as_secret(schema)
        if name in self.required:
            return schema
        try:
            adapter = self._adapters.get(name)
            default = self._defaults[name]
            shown = default if adapter is None else adapter.dump_python(default, mode="json", by_alias=True)
            payload.check(shown, what="default", limit=payload.MAX_ARGS)
        except ValueError:  # pydantic's serialisation errors, and ours: no JSON, so no form can show it
            return schema
        return {**schema, "default": mask(shown, self.secret)}

    def bind(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Stored arguments as the values that the handler's annotations promise; raises `InvalidArguments`."""
        errors = self._wrong_names(args)
        bound = {name: self._bind(name, args[name], errors) for name in args.keys() & self.names}
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

    def _accept(self, name: str, value: Any, errors: list[FieldError]) -> tuple[Any, Any]:
        """The value as it is stored and as the handler will get it; faults are added to ``errors``."""
        adapter = self._adapters.get(name)
        bound = self._bind(name, value, errors)
        if adapter is None or errors:
            return value, bound
        try:
            # By alias and without computed fields: `bind` has to take what is stored.
            stored = adapter.dump_python(bound, mode="json", by_alias=True, round_trip=True)
        except ValueError as error:  # pydantic's serialisation errors
            errors.append(FieldError(_pointer(name), f"cannot be stored as JSON: {error}"))
            return None, None
        return stored, bound if name in self._safe else self._check_arrival(name, bound, stored, errors)

    def _check_arrival(self, name: str, sent: Any, stored: Any, errors: list[FieldError]) -> Any:
        """What the handler will get of what is stored: the value that was sent, or it is a fault."""
        refused: list[FieldError] = []
        arrived = self._bind(name, stored, refused)
        if refused:
            detail = "cannot be stored: what a serializer or exclude=True leaves of it is not taken ({})"
            errors += [FieldError(fault.pointer, detail.format(fault.detail)) for fault in refused]
        elif (found := difference(sent, arrived)) is not None:
            pointer = _pointer(name) + "".join(map(_pointer, found.path))
            errors.append(FieldError(pointer, f"{found.what}; {_KEPT}"))
        return arrived

    def _bind(self, name: str, value: Any, errors: list[FieldError]) -> Any:
        """The value as its annotation promises; faults are added to ``errors``."""
        adapter = self._adapters.get(name)
        if adapter is None:
            return value
        from pydantic import ValidationError  # noqa: PLC0415 (only here is it known to be importable)

        try:
            return validate_with(adapter, value)
        except ValidationError as error:
            errors += [_field_error(name, fault) for fault in error.errors(include_url=False, include_input=False)]
        return None


def canonical(value: Any) -> str:
    """JSON text that is the same for the same value, whatever the order of its members."""
    return json.dumps(value, sort_keys=True)


def essential(args: Mapping[str, Any], defaults: Mapping[str, str]) -> dict[str, Any]:
    """What tells a call from other calls: stored arguments without those that only say their default.

    To leave out an argument and to send its default is the same call. So it stays when a handler is given one more
    argument with a default: what was added by the version before is still found. ``defaults`` are JSON.

    >>> essential({"server": "main", "page": 2}, {"server": '"main"', "page": "1"})
    {'page': 2}
    """
    if not defaults:
        return dict(args)
    return {name: value for name, value in args.items() if name not in defaults or canonical(value) != defaults[name]}


def adapter_of(hint: Any) -> Any:
    """What checks values by an annotation; None without pydantic, or if it cannot read the annotation."""
    if not _HAS_PYDANTIC:
        return None
    from pydantic import TypeAdapter  # noqa: PLC0415 (an optional part)
    from pydantic.errors import PydanticUndefinedAnnotation, PydanticUserError  # noqa: PLC0415

    try:
        return TypeAdapter(hint)
    except (PydanticUserError, PydanticUndefinedAnnotation):
        return None


def validate_with(adapter: Any, value: Any) -> Any:
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


def name_of_handler(handler: Callable[..., Any]) -> str:
    """What a handler is called in errors."""
    return getattr(handler, "__qualname__", repr(handler))


def namespace_of(handler: Callable[..., Any]) -> dict[str, Any]:
    """Where the annotations of a handler were written: of a function, a partial, or an object with ``__call__``."""
    function: Any = inspect.unwrap(handler)
    while isinstance(function, functools.partial):
        function = inspect.unwrap(function.func)
    if not hasattr(function, "__globals__"):
        function = getattr(type(function), "__call__", function)  # noqa: B004 (the function itself is wanted)
    namespace: dict[str, Any] = getattr(function, "__globals__", {})
    return namespace


def is_coroutine_function(handler: Callable[..., Any]) -> bool:
    """Whether calling ``handler`` gives something to await: partials and objects with ``async def __call__`` too."""
    while isinstance(handler, functools.partial):
        handler = handler.func
    called = getattr(handler, "__call__", None)  # noqa: B004 (not whether it can be called, but what is)
    return inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(called)


def _hints(handler: Callable[..., Any], named: Mapping[str, inspect.Parameter]) -> dict[str, Any]:
    # Of these parameters only: what ``ctx`` is annotated with may be imported for type checkers alone.
    return {n: _hint(handler, n, p.annotation) for n, p in named.items() if p.annotation is not p.empty}


def _hint(handler: Callable[..., Any], name: str, annotation: Any) -> Any:
    if _is_context(annotation):
        raise TypeError(
            f"{name_of_handler(handler)} takes '{name}' as JobContext, which dayjob gives to the parameter called "
            "'ctx': write `ctx: JobContext`."
        )
    holder = types.SimpleNamespace(__annotations__={name: annotation})
    try:
        return typing.get_type_hints(holder, globalns=namespace_of(handler), include_extras=True)[name]
    except NameError as error:
        raise TypeError(
            f"{name_of_handler(handler)} takes '{name}' as '{annotation}', and {error.name or error} is not known in "
            "its module: define it above the handler, at the top of the module, and import it also when TYPE_CHECKING "
            "is false."
        ) from None


def _is_context(annotation: Any) -> bool:
    """Whether it is `JobContext`, which is of a higher rank than this, or its name."""
    if isinstance(annotation, str):
        return annotation.rpartition(".")[2] == "JobContext"
    return (getattr(annotation, "__module__", ""), getattr(annotation, "__name__", "")) == (
        f"{__package__}.context",
        "JobContext",
    )


def _adapters(handler: str, hints: Mapping[str, Any]) -> dict[str, Any]:
    return {n: _adapter(handler, n, hint) for n, hint in hints.items() if hint is not Any} if _HAS_PYDANTIC else {}


def _adapter(handler: str, name: str, hint: Any) -> Any:
    from pydantic import SecretBytes, SecretStr, TypeAdapter  # noqa: PLC0415 (an optional part)
    from pydantic.errors import PydanticUndefinedAnnotation, PydanticUserError  # noqa: PLC0415

    if any(part in (SecretStr, SecretBytes) for part in (hint, *typing.get_args(hint))):
        raise TypeError(
            f"{handler} takes '{name}' as pydantic's SecretStr, which is stored as asterisks and so is lost. "
            f"Use `{name}: Secret[str]` (from dayjob import Secret)."
        )
    try:
        return TypeAdapter(hint)
    except (PydanticUserError, PydanticUndefinedAnnotation) as error:
        why = str(error).partition("\n")[0]
        raise TypeError(f"{handler} takes '{name}' as {_name_of_hint(hint)}, which cannot be checked: {why}") from None


def _name_of_hint(hint: Any) -> str:
    return hint.__qualname__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint)


def _is_plain(hint: Any) -> bool:
    """Whether an annotation takes nothing but what JSON has, so that it comes back as it was."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return _is_plain(args[0]) and all(map(_is_constraint, args[1:]))
    if origin is Literal:
        return all(any(type(value) is kind for kind in _JSON_TYPES) for value in args)
    if origin is dict:
        return args[0] is str and _is_plain(args[1])
    if origin in (list, typing.Union, types.UnionType):
        return all(map(_is_plain, args))
    return any(hint is kind for kind in _JSON_TYPES)


def _is_constraint(extra: Any) -> bool:
    """Whether it only narrows what is taken, as ``Field(ge=3)`` and `Secret` do, and changes nothing."""
    return isinstance(extra, SecretMarker) or type(extra).__module__ in ("annotated_types", "pydantic.fields")


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


def _without_secrets(schemas: dict[str, Any], marked: Collection[str]) -> dict[str, Any]:
    """Schemas by name, in which members with secret names, at any depth, have no values: no default, no examples."""
    return {name: _without_values(schema, marked) for name, schema in schemas.items()}


def _without_values(schema: Any, marked: Collection[str]) -> Any:
    if isinstance(schema, list):
        return [_without_values(each, marked) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {
        name: mask(member, marked) if name in _VALUES else _without_values(member, marked)
        for name, member in schema.items()
    }
    if isinstance(members := schema.get("properties"), dict):
        made["properties"] = {
            name: _as_secret(member) if name in marked or is_secret_name(name) else member
            for name, member in _without_secrets(members, marked).items()
        }
    return made


def _as_secret(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name not in _VALUES} | {"writeOnly": True}


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


def _marked_fields(hint: Any, seen: set[type]) -> Iterator[str]:
    """The names of the fields, at any depth, that are `Secret` in the classes of an annotation, with their aliases.

    Each class is looked at once: ``seen`` has those that were.
    """
    for part in typing.get_args(hint):
        yield from _marked_fields(part, seen)
    if not isinstance(hint, type) or hint in seen or hint.__module__ == "builtins":
        return
    seen.add(hint)
    try:
        fields = typing.get_type_hints(hint, include_extras=True)
    except (NameError, TypeError):  # of a class that nobody could validate, either
        return
    for name, field in fields.items():
        if _is_marked(field):
            alias = getattr(getattr(hint, "model_fields", {}).get(name), "alias", None)
            yield from filter(None, (name, alias))
        if typing.get_origin(field) is not typing.ClassVar:  # those of pydantic lead to all of its own classes
            yield from _marked_fields(field, seen)


def _field_error(name: str, fault: Any) -> FieldError:
    pointer = _pointer(name) + "".join(_pointer(str(part)) for part in fault["loc"])
    message = fault["msg"]
    return FieldError(pointer, message[:1].lower() + message[1:])


def _pointer(key: str) -> str:
    return "/" + payload.to_pointer_part(key)


def _raise_if(errors: list[FieldError]) -> None:
    if errors:
        listed = "; ".join(f"{e.pointer[1:] or 'arguments'} {e.detail}" for e in errors[:5])
        raise InvalidArguments(f"The arguments do not fit the job type: {listed}.", errors)
