"""A handler without a queue: called as a worker would, with what it reported written down."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from .. import payload
from ..arguments import Arguments
from ..awaitable import awaited
from ..context import ChildRequest, Done
from ..current import InAttempt, leave
from ..errors import JobExists
from ..invocation import Invocation
from ..job_log import JobLog
from ..models import Ended, Handler, JobDefinition, Progress, StopReason
from ..outcome import describe
from ..progress import JobProgress
from ..states import Status


class ProgressRecorder(JobProgress):
    """Every update of a handler under test, in ``updates``, every checkpoint, in ``checkpoints``, and what it asked for
    with ``ctx.enqueue_child``, in ``children`` (with ``job``, ``job_args`` and the options).

    Nothing is throttled, and nothing is written anywhere.
    """

    def __init__(self, job_id: str) -> None:
        self.updates: list[Progress] = []
        self.checkpoints: list[Any] = []
        self.children: list[ChildRequest] = []
        super().__init__(job_id, self.updates.append, loop=None)  # type: ignore[arg-type]  # nothing is put off here

    def keep(self, checkpoint: str) -> Awaitable[None]:
        """Take a checkpoint (JSON), as the database would."""
        self.count_in_hand()
        self.checkpoints.append(payload.decode(checkpoint))
        return Done(None)

    def _arrange(self, now: float) -> None:
        self.flush()


@contextlib.contextmanager
def record_progress(job_id: str = "test") -> Iterator[ProgressRecorder]:
    """Make `ProgressReporter` work outside a job, and record what it is told.

    >>> from dayjob import ProgressReporter
    >>> with record_progress("test") as recorded:
    ...     _ = ProgressReporter("test", total_items=2).update(1, "half")
    >>> recorded.updates[-1].percent, recorded.updates[-1].message
    (50, 'half')
    """
    recorder = ProgressRecorder(job_id)
    with _recording(AttemptUnderTest(JobDefinition(job_id, "test", {}, datetime.now(UTC)), recorder, {})):
        yield recorder


async def run_handler(
    handler: Callable[..., Any],
    *,
    job_id: str = "test",
    attempt: int = 1,
    restored: Any = None,
    recorder: ProgressRecorder | None = None,
    children: Mapping[str | Handler, Any] | None = None,
    **args: Any,
) -> Any:
    """Call a handler as a worker would (arguments checked, ``job_id`` and ``ctx`` injected) and return its result.

    ``restored`` is what it finds in ``ctx.restored``, as after a crash. ``recorder`` (of the same job id) shows
    afterwards what it reported, the checkpoints that it made, and the children that it added. ``children`` has their
    results: for a type, or a handler, as ``ctx.enqueue_child`` gets it, the result of all of them, or a plain function
    that makes it from their arguments; what it raises is the child's failure. For children that are not in it
    ``ctx.join`` raises `Waiting`, as in the first run of a job.

    No queue and no database take part. A plain function runs right here, not in a thread. What the handler raises
    comes through. Raises `InvalidArguments`.

    >>> async def test_greeting():
    ...     assert await run_handler(greet, name="Ada") == "Hello Ada"
    >>> async def test_it_goes_on_where_it_stood():
    ...     recorder = ProgressRecorder("test")
    ...     await run_handler(import_pages, restored={"page": 7}, recorder=recorder, pages=9)
    ...     assert recorder.checkpoints == [{"page": 8}, {"page": 9}]
    >>> async def test_it_adds_up_what_its_children_found():
    ...     assert await run_handler(count_all, children={"count": lambda page: page * 2}, pages=3) == 12
    """
    arguments = Arguments(handler)
    recorder = recorder or ProgressRecorder(job_id)
    job = JobDefinition(job_id, "test", arguments.validate(args), datetime.now(UTC), handler, attempt=attempt)
    if restored is not None:
        job.checkpoint = payload.encode(restored, what="checkpoint", limit=payload.MAX_CHECKPOINT)
    tested = AttemptUnderTest(job, recorder, children or {})
    invocation = Invocation(handler, arguments, tested)
    with _recording(tested):
        return invocation.result_of(await awaited(invocation.call()))


class AttemptUnderTest:
    """The attempt that code under test belongs to. Nobody asks it to stop, and its log lines go where the app's do."""

    stop_reason: StopReason | None = None
    log: JobLog | None = None

    def __init__(self, job: JobDefinition, recorder: ProgressRecorder, children: Mapping[str | Handler, Any]) -> None:
        self.job = job
        self.job_id = job.id
        self.progress = recorder
        self.keep = recorder.keep
        self.children = _Children(children, recorder.children)

    def redact(self, text: str) -> str:
        return text


@contextlib.contextmanager
def _recording(attempt: AttemptUnderTest) -> Iterator[None]:
    try:
        with InAttempt(attempt):
            yield
    finally:
        leave(attempt)


class _Children:
    """Children of a handler under test: written down, and ended as soon as there is a result for them."""

    def __init__(self, results: Mapping[str | Handler, Any], asked: list[ChildRequest]) -> None:
        self._results = results
        self._asked = asked
        self._keyed: dict[str, tuple[Any, dict[str, Any]]] = {}
        self._ended: dict[str, Ended | None] = {}

    def enqueue(self, asked: ChildRequest) -> Awaitable[str]:
        args = dict(asked.job_args) if isinstance(asked.job, str) else _validated(asked.job, asked.job_args)
        payload.encode(args, what="arguments", limit=payload.MAX_ARGS)
        if asked.key is not None and (known := self._keyed.get(asked.key)) is not None:
            if known != (asked.job, args):
                raise JobExists(f"A child with the key '{asked.key}' exists already, with another type or arguments.")
            return Done(f"key-{asked.key}")
        child_id = f"child-{len(self._asked)}" if asked.key is None else f"key-{asked.key}"
        if asked.key is not None:
            self._keyed[asked.key] = asked.job, args
        self._asked.append(asked)
        self._ended[child_id] = self._end(child_id, asked.job, args)
        return Done(child_id)

    def read(self, children: Sequence[str]) -> Awaitable[list[Ended] | None]:
        ended = [self._ended[child] for child in children]
        return Done(None if None in ended else [child for child in ended if child is not None])

    def _end(self, child_id: str, job: Any, args: dict[str, Any]) -> Ended | None:
        if job not in self._results:
            return None
        result = self._results[job]
        try:
            made = result(**args) if callable(result) else result
            text = payload.encode_result(made)
        except Exception as error:  # noqa: BLE001 (whatever a child raises is its failure)
            return Ended(child_id, Status.FAILED, None, describe(error))
        return Ended(child_id, Status.COMPLETED, text, None)


def _validated(job: Any, args: Mapping[str, Any]) -> dict[str, Any]:
    return Arguments(job).validate(args)
