"""Where a handler is defined, whether it can be one, and whether it is a newer definition of another one.

A module may run twice in one process: ``python main.py`` that ends in ``uvicorn.run("main:app")`` runs it as
``__main__`` and as ``main``; `importlib.reload` and the cells of a notebook do the same.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

Handler = Callable[..., Any]


def check_handler(handler: Any) -> None:
    """Raise `TypeError`, with the fix, for what cannot be the handler of a job."""
    if isinstance(handler, classmethod):
        raise TypeError(
            f"{_name(handler)} is a class method without its class: register it below the class, with "
            "registry.register('a_name', TheClass.the_method)."
        )
    if not callable(handler):
        raise TypeError(f"{handler!r:.100} cannot be a handler; use a function.")
    if inspect.isclass(handler):
        raise TypeError(f"{_name(handler)} is a class; a handler is a function, or an object with __call__.")
    if _yields(handler):
        raise TypeError(
            f"{_name(handler)} yields, and a handler returns its result: return a list of what it yields, and tell "
            "the steps with ctx.progress.update()."
        )
    if _is_unbound(handler):
        raise TypeError(
            f"{_name(handler)} is a method, and jobs have no object to call it on: use a function, or register the "
            "method of an object, with registry.register('a_name', the_object.the_method)."
        )


def is_newer(new: Handler, old: Handler) -> bool:
    """Whether ``new`` comes from the definition of ``old``, which ran again; two uses of one function do not."""
    if isinstance(new, functools.partial) and isinstance(old, functools.partial):
        given = (new.args, new.keywords) == (old.args, old.keywords)
        return given and (new.func == old.func or is_newer(new.func, old.func))
    one, two = _function(new), _function(old)
    name = _name(one)
    if one is two or name != _name(two) or "<locals>" in name or _made_together(one, two):
        return False
    if not _same_module(one, two):
        return False
    # All lambdas of a module have the same name.
    return not name.endswith("<lambda>") or getattr(one, "__code__", 1) == getattr(two, "__code__", 2)


def place_of(handler: Handler) -> str:
    """Where people find a handler: ``jobs.resize (/app/jobs.py:12)``."""
    function = _function(handler)
    code = getattr(function, "__code__", None)
    place = f" ({code.co_filename}:{code.co_firstlineno})" if code else ""
    return f"{getattr(function, '__module__', None)}.{_name(function)}{place}"


def _function(handler: Any) -> Any:
    """The innermost function: under decorators with `functools.wraps`, of a partial, a method, or an object."""
    inner = inspect.unwrap(handler)
    if isinstance(inner, functools.partial):
        return _function(inner.func)
    if inspect.ismethod(inner):
        return _function(inner.__func__)
    if not hasattr(inner, "__code__") and inspect.isfunction(getattr(type(inner), "__call__", None)):  # noqa: B004
        return _function(type(inner).__call__)
    return inner


def _name(function: Any) -> str:
    """Its qualified name; the code's own, if there is one: nobody changes that."""
    code = getattr(function, "__code__", None)
    return str(getattr(code, "co_qualname", None) or getattr(function, "__qualname__", repr(function)))


def _made_together(one: Any, two: Any) -> bool:
    """Whether one run of the module made both, in a loop."""
    parts = [(getattr(each, "__code__", each), getattr(each, "__globals__", each)) for each in (one, two)]
    return all(ours is theirs for ours, theirs in zip(*parts, strict=True))


def _same_module(one: Any, two: Any) -> bool:
    """By the file, whatever the module is called; each cell of a notebook is another file, and none on the disk."""
    files = [_file(one), _file(two)]
    if None in files:
        return bool(getattr(one, "__module__", 1) == getattr(two, "__module__", 2))
    return files[0] == files[1]


def _file(function: Any) -> Path | None:
    code = getattr(function, "__code__", None)
    path = Path(code.co_filename) if code else None
    return path.resolve() if path and path.is_file() else None


def _yields(handler: Any) -> bool:
    called = getattr(type(handler), "__call__", None)  # noqa: B004 (not whether it can be called, but what is)
    tests = (inspect.isgeneratorfunction, inspect.isasyncgenfunction)
    return any(test(each) for test in tests for each in (handler, called))


def _is_unbound(handler: Any) -> bool:
    first = next(iter(_signature(handler).parameters), None)
    return first in ("self", "cls") and "." in _name(_function(handler)).rpartition("<locals>.")[2]


def _signature(handler: Any) -> inspect.Signature:
    try:
        return inspect.signature(handler)
    except ValueError as error:
        raise TypeError(f"{_name(handler)} does not say which arguments it takes; call it in a function.") from error
