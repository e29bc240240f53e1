"""The call of a handler, wherever it runs: its arguments are bound, and it is given what it asks for."""

from __future__ import annotations

from typing import Any

from .arguments import Arguments
from .context import WENT_ON, AttemptPort, JobContext
from .errors import Fail
from .models import Handler


class Invocation:
    """One call of ``handler`` for ``attempt``; raises `InvalidArguments` if the job's arguments do not fit (any more).

    What validators raise comes through.
    """

    __slots__ = ("_arguments", "_context", "_handler")

    def __init__(self, handler: Handler, arguments: Arguments, attempt: AttemptPort) -> None:
        self._handler = handler
        self._arguments = arguments.bind(attempt.job.args)
        self._context: JobContext | None = None
        if "job_id" in arguments.injected:
            self._arguments["job_id"] = attempt.job.id
        if "ctx" in arguments.injected:
            self._arguments["ctx"] = self._context = JobContext(attempt)

    def call(self) -> Any:
        """What the handler returns, which may have to be awaited."""
        return self._handler(**self._arguments)

    def result_of(self, returned: Any) -> Any:
        """The job's result: ``returned``. Raises `Fail` if the handler was to end with `Waiting`, and went on."""
        if self._context is not None and self._context.left_to_wait:
            raise Fail(WENT_ON)
        return returned
