"""Enqueueing by function instead of by name, so that type checkers see a handler's parameters and its result."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, overload

from .arguments import INJECTED
from .context import JobContext
from .errors import InvalidArguments
from .handle import JobHandle
from .models import Handler

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class TakesJobId(Protocol[P, R_co]):
    """A handler whose first parameter is called ``job_id``."""

    def __call__(self, job_id: str, *args: P.args, **kwargs: P.kwargs) -> R_co: ...


class Submitter(ABC):
    """What `JobQueue` and `JobQueue.configure` have in common: `submit`."""

    @overload
    async def submit(
        self, handler: Callable[Concatenate[JobContext, P], Awaitable[R]], /, *args: P.args, **kwargs: P.kwargs
    ) -> JobHandle[R]: ...
    @overload
    async def submit(
        self, handler: Callable[Concatenate[JobContext, P], R], /, *args: P.args, **kwargs: P.kwargs
    ) -> JobHandle[R]: ...
    @overload
    async def submit(
        self, handler: TakesJobId[P, Awaitable[R]], /, *args: P.args, **kwargs: P.kwargs
    ) -> JobHandle[R]: ...
    @overload
    async def submit(self, handler: TakesJobId[P, R], /, *args: P.args, **kwargs: P.kwargs) -> JobHandle[R]: ...
    @overload
    async def submit(
        self, handler: Callable[P, Awaitable[R]], /, *args: P.args, **kwargs: P.kwargs
    ) -> JobHandle[R]: ...
    @overload
    async def submit(self, handler: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> JobHandle[R]: ...
    async def submit(self, handler: Handler, /, *args: Any, **kwargs: Any) -> JobHandle[Any]:
        """Enqueue a job of ``handler``, a function under ``@job``, with these arguments; they are checked by type too.

        ``ctx`` or ``job_id`` are given by dayjob and left out; as the handler's first parameter they are known to
        type checkers as well. Elsewhere, and for handlers with an untyped ``**kwargs``, checkers see less.
        Raises `UnknownJobType` for a function that is no handler here, and what `JobQueue.enqueue` raises.

        >>> async def main(queue: JobQueue) -> int:
        ...     handle = await queue.submit(resize, paths=["a.png"], width=640)
        ...     return await handle.result()
        """
        return await self._submit(handler, bind_names(handler, args, kwargs))

    @abstractmethod
    async def _submit(self, handler: Handler, args: Mapping[str, Any]) -> JobHandle[Any]:
        """Enqueue with the arguments by name."""


def bind_names(handler: Handler, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a call by name, as jobs are stored; raises `InvalidArguments` for too many, or one twice."""
    if not args:
        return dict(kwargs)
    parameters = inspect.signature(handler).parameters.values()
    names = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD and p.name not in INJECTED]
    if len(args) > len(names):
        raise InvalidArguments(f"{len(args)} arguments without a name were given, and the handler takes {len(names)}.")
    positional = dict(zip(names, args, strict=False))
    if twice := sorted(positional.keys() & kwargs.keys()):
        raise InvalidArguments(f"The argument '{twice[0]}' was given twice.")
    return positional | dict(kwargs)
