"""What a handler gave back that has to be awaited: a plain function may return a coroutine, as some decorators do."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, TypeVar

T = TypeVar("T")


def at_once(value: T) -> Generator[Any, None, T]:
    """An ``__await__`` for what is there already: ``value``, without a pause."""
    yield from ()
    return value


def is_awaitable(value: Any) -> bool:
    """Whether ``value`` can be awaited: by its real type, since an instance may say anything about itself."""
    return hasattr(type(value), "__await__")


async def awaited(value: Any) -> Any:
    """What ``value`` comes to in the end, however many coroutines return coroutines."""
    while is_awaitable(value):
        before, value = value, await value
        if value is before:  # what a plain function may await, too, and need not
            break
    return value
