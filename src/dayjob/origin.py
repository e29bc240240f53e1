"""Where a handler comes from: how a child process finds it, and how it proves that it found the same one.

A name is no proof: a decorator, another ``def`` or a loop may have left another function under it. So the app tells
what the function is made of, layer by layer where ``functools.wraps`` made several, and the child compares.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import CodeType
from typing import Any, NamedTuple

from .errors import Fail, QueueNotRunning
from .main_module import NAMES, MainModule

Function = Callable[..., Any]
_MOST_LAYERS = 100
_MISSING = object()


class Layer(NamedTuple):
    """One function of several around each other: where its ``def`` stands, and a hash of what it does."""

    name: str
    file: str = ""
    line: int = 0
    code: str = ""

    @property
    def place(self) -> tuple[object, ...]:
        return (self.name, self.file, self.line) if self.file else self.content

    @property
    def content(self) -> tuple[str, str]:
        return self.name, self.code


class Named(NamedTuple):
    """A function as another process is told of it."""

    module: str
    name: str
    layers: tuple[Layer, ...]

    @classmethod
    def of(cls, function: Function) -> Named:
        """Raises `AttributeError` for what has no name, like a partial."""
        function = _plain(function)
        return cls(_module_of(function), function.__qualname__, layers_of(function))

    @classmethod
    def read(cls, told: Iterable[Any]) -> Named:
        """What came through JSON."""
        module, name, layers = told
        return cls(module, name, tuple(Layer(*layer) for layer in layers))

    def is_like(self, other: Named) -> bool:
        """Whether both are the same function, even if the file was changed between the two looks at it."""
        return self[:2] == other[:2] and (
            _places(self.layers) == _places(other.layers) or _contents(self.layers) == _contents(other.layers)
        )


class Origin:
    """The origin of a handler for child processes; raises `ValueError` for what a child could not import."""

    def __init__(self, handler: Function) -> None:
        self._handler = _plain(handler)
        _check_name(self._handler)
        self._namespace = _namespace(self._handler)
        self.named = Named.of(self._handler)
        self.main = MainModule.of(self._namespace) if self.named.module in NAMES else None
        self._stamps = self._look_at_files()
        self._check()

    def request(self) -> dict[str, Any]:
        """What a child is told, to find the function: the fields of `find`, in JSON. Raises `Fail` if it cannot."""
        if self.main is None and self.named.module in NAMES:
            raise Fail(
                f"{self.named.name} cannot run in a process: no file holds it (it comes from a notebook, a prompt or "
                "python -c), so a child process cannot import it. Put it into a module and import it from there."
            )
        return {
            "named": self.named,
            "main": self.main and [self.main.name, self.main.file],
            "by_name": self._is_told_apart(),
            "changed": self._look_at_files() != self._stamps,
        }

    def _is_told_apart(self) -> bool:
        """Whether what stands under the name is the function, or differs from it in more than what it closes over."""
        found = _look_up(self._namespace, self.named.name)
        return found is self._handler or found is _MISSING or layers_of(found) != self.named.layers

    def _look_at_files(self) -> list[tuple[int, int] | None]:
        return [_stamp(layer.file) for layer in self.named.layers]

    def _check(self) -> None:
        module, name, _ = self.named
        if getattr(sys, "frozen", False) or not sys.executable:
            raise ValueError(
                f"{name} cannot run in a process: a frozen or embedded app has no interpreter to start one with. "
                "Leave run_in out."
            )
        if not _is_being_run(self._namespace) and _look_up(self._namespace, name) is not self._handler:
            raise ValueError(
                f"{name} cannot run in a process: a child process would find another function as {module}.{name}. "
                "Give the function that is registered that name (decorators between @job and def, one def a name)."
            )


def _check_name(handler: Function) -> None:
    name = getattr(handler, "__qualname__", "<")
    if "<" in name or hasattr(handler, "__self__"):
        raise ValueError(
            f"{name} cannot run in a process: use a function at the top of a module, which can be imported."
        )


def layers_of(function: Any) -> tuple[Layer, ...]:
    """The function, and those that it says it wraps, from the outside in."""
    return tuple(_layer(each) for each in _unwrap(function))


def _layer(function: Any) -> Layer:
    name = str(getattr(function, "__qualname__", type(function).__qualname__))
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return Layer(name)
    generated = code.co_filename.startswith("<")  # in no file, and numbered, perhaps
    file, line = ("", 0) if generated else (os.path.abspath(code.co_filename), code.co_firstlineno)
    return Layer(name, file, line, _digest(code))


def _digest(code: CodeType) -> str:
    """The same in every process with the same source, wherever in a file it stands."""
    made = hashlib.sha256(code.co_code)
    for part in (code.co_names, code.co_varnames, code.co_freevars, code.co_flags, *map(_constant, code.co_consts)):
        made.update(f"{part!r}\n".encode(errors="backslashreplace"))
    return made.hexdigest()


def _constant(value: Any) -> Any:
    if isinstance(value, CodeType):
        return _digest(value)
    if isinstance(value, tuple):
        return tuple(map(_constant, value))
    return sorted(map(repr, value)) if isinstance(value, frozenset) else value  # whose order differs


def _unwrap(function: Any) -> Iterator[Any]:
    for _ in range(_MOST_LAYERS):
        if isinstance(function, functools.partial):
            function = function.func
        yield function
        if (function := getattr(function, "__wrapped__", None)) is None:
            return


def _plain(function: Any) -> Any:
    return function.__func__ if isinstance(function, staticmethod) else function


def _module_of(function: Any) -> str:
    module = str(function.__module__)
    return NAMES[0] if module in NAMES else module


def _namespace(function: Any) -> Mapping[str, Any]:
    """The names of the module that the function says it belongs to."""
    for each in _unwrap(function):
        names: Mapping[str, Any] = getattr(each, "__globals__", {})
        if names.get("__name__") == function.__module__:
            return names
    return getattr(sys.modules.get(function.__module__), "__dict__", {})


def _look_up(namespace: Mapping[str, Any], name: str) -> Any:
    first, *rest = name.split(".")
    found = namespace.get(first, _MISSING)
    for part in rest:
        found = getattr(found, part, _MISSING)
    return found


def _is_being_run(namespace: Mapping[str, Any]) -> bool:
    """Whether the module is being imported (or reloaded) just now, so that its names are not final yet."""
    frame = sys._getframe()
    while (outer := frame.f_back) is not None:
        frame = outer
        if frame.f_globals is namespace and frame.f_code.co_name == "<module>":
            return True
    return False


def _stamp(file: str) -> tuple[int, int] | None:
    try:
        found = os.stat(file)
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size


def _places(layers: Iterable[Layer]) -> list[Any]:
    return [layer.place for layer in layers]


def _contents(layers: Iterable[Layer]) -> list[Any]:
    return [layer.content for layer in layers]


# --- in the child process ---


class _Importing:
    """Whether this process is a child that imports its handler, and whether the app was about to start in it again."""

    def __init__(self) -> None:
        self.now = False
        self.refused = False


_importing = _Importing()
_STARTED = (
    "{where} starts a job queue when it is imported, as a child process has to do to find its handler: put what starts "
    'the app under `if __name__ == "__main__":`.'
)


def check_not_importing() -> None:
    """Raise `QueueNotRunning` in a child process whose modules, on their import, would start the app once more."""
    if _importing.now:
        _importing.refused = True
        raise QueueNotRunning(_STARTED.format(where="The program"))


def find(request: Mapping[str, Any], registered: Callable[[], Iterable[Function]]) -> Function:
    """The function that `Origin.request` told of: by its name, or among those that its module ``registered``.

    Raises `Fail` if none of them is proven to be it, or several are, or if the import starts the app.
    """
    wanted = Named.read(request["named"])
    main = request["main"] and MainModule(*request["main"])
    namespace = _import(wanted.module, main)
    found = [_look_up(namespace, wanted.name)] if request["by_name"] else []
    same = [function for function in found if _is_proven(function, wanted, request["changed"])]
    if not same:
        others = [other for other in map(_plain, registered()) if _is_called(other, wanted)]
        same = list({id(other): other for other in others if _is_proven(other, wanted, request["changed"])}.values())
    if len(same) != 1:
        raise Fail(_refusal(wanted, changed=request["changed"]))
    function: Function = same[0]
    return function


def _import(module: str, main: MainModule | None) -> Mapping[str, Any]:
    _importing.now = True
    try:
        return vars(importlib.import_module(module) if main is None else main.run_again())
    except BaseException as error:
        if _importing.refused:
            raise Fail(_STARTED.format(where=_where(module, main))) from error
        raise
    finally:
        _importing.now = False


def _where(module: str, main: MainModule | None) -> str:
    return module if main is None else main.name or os.path.basename(main.file or module)


def _is_called(function: Any, wanted: Named) -> bool:
    return getattr(function, "__qualname__", "") == wanted.name and _module_of(function) == wanted.module


def _is_proven(function: Any, wanted: Named, changed: bool) -> bool:
    """By its place in a file that is as it was; in a changed one, by what it does.

    Only then: import hooks, as pytest's for its assertions, make other code of the same source in the app.
    """
    if function is _MISSING:
        return False
    found = layers_of(_plain(function))
    return _contents(found) == _contents(wanted.layers) if changed else _places(found) == _places(wanted.layers)


def _refusal(wanted: Named, *, changed: bool) -> str:
    where = f"{wanted.module}.{wanted.name}"
    if changed:
        return f"{where} is not what it was when the app was started, since its file was changed: restart the app."
    return (
        f"A child process does not find the function that is registered as {where}, so nothing was run. "
        "Give the function that is registered that name (decorators between @job and def, one def a name)."
    )
