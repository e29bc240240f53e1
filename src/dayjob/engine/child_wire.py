"""The messages between the app, the supervisor and the handler's process: lines of JSON, each with its ``kind``.

All of them are here, with how they are written and read. The supervisor passes on what is meant for the handler.
"""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, cast, get_args

from ..context import ChildRequest
from ..errors import ChildFailed, DayjobError, Fail, InvalidArguments, Stopped, Waiting
from ..models import Handler, JobDefinition, JobType, NewLines, Progress
from ..options import RunOptions, options_from_json, options_to_json
from ..origin import Named
from ..outcome import describe, is_final, is_stop, pause_asked, waiting_in
from ..redaction import Redact
from ..retry import Retry
from ..tracebacks import traceback_text

_sending = threading.Lock()
M = TypeVar("M")


# --- from the app ---


class Request(NamedTuple):
    """What is to be run: the first message. ``resumed`` are the counts of the progress at the last checkpoint."""

    app: int  # its process
    argv: list[str]
    origin: dict[str, Any]
    args: dict[str, Any]
    secret: list[str]
    id: str
    type: str
    attempt: int
    log_level: int
    checkpoint: str | None
    resumed: dict[str, Any] | None

    @classmethod
    def of(cls, job_type: JobType, job: JobDefinition) -> Request:
        """Raises `Fail` if no child process could find the handler."""
        return cls(
            app=os.getpid(),
            argv=[str(argument) for argument in getattr(sys, "argv", [])],
            origin=job_type.origin.request(),  # type: ignore[union-attr]  # it runs in a process
            args=job.args,
            secret=sorted(job_type.arguments.secret),
            id=job.id,
            type=job.type,
            attempt=job.attempt,
            log_level=logging.getLogger().level,
            checkpoint=job.checkpoint,
            resumed=None if job.resumed is None else job.resumed.counts(),
        )


class Stop(NamedTuple):
    """The handler has to stop."""

    reason: str


class Kill(NamedTuple):
    """The handler's time is over: this is for the supervisor."""


class Answer(NamedTuple):
    """The answer to the question with this number; None: to all of them. ``error`` is a code and a text."""

    number: int | None
    value: Any = None
    error: tuple[str, str] | None = None

    @classmethod
    def of_error(cls, number: int | None, error: Stopped | Exception) -> Answer:
        """The answer to a question that raised ``error``."""
        if isinstance(error, Stopped):
            return cls(number, error=(_STOPPED, str(error)))
        if isinstance(error, DayjobError):
            return cls(number, error=(error.code, str(error)))
        return cls(number, error=(DayjobError.code, describe(error)))

    def result(self) -> Any:
        """The value; raises the error."""
        if self.error is None:
            return self.value
        code, text = self.error
        raise Stopped("lease_lost") if code == _STOPPED else DayjobError.of_code(code, text)


_STOPPED = "stopped"  # beside the codes of `DayjobError`


# --- from the supervisor ---


class Forked(NamedTuple):
    """The handler's process is there."""

    pid: int


class Exited(NamedTuple):
    """The last message: the handler's process has ended, and nothing of it is left."""

    code: int


# --- from the handler's process ---


class NotBegun(NamedTuple):
    """The handler was not called; from the supervisor, too."""

    why: str


class Counted(NamedTuple):
    """How far the handler is: the counts of its `Progress`."""

    counts: dict[str, Any]

    def progress(self) -> Progress:
        """The progress that was counted."""
        return Progress.of_counts(self.counts)


class Logged(NamedTuple):
    """Lines of the job's log, after ``dropped`` that had no room."""

    lines: Sequence[tuple[int, str, str]]
    dropped: int


class SaveCheckpoint(NamedTuple):
    """A question: store this (JSON), with the counts of this moment."""

    checkpoint: str
    counts: dict[str, Any]
    number: int = 0


class AddChild(NamedTuple):
    """A question: store this child; the answer is its id."""

    job: str | Named
    args: dict[str, Any]
    key: str | None
    options: dict[str, Any]
    number: int = 0

    @classmethod
    def of(cls, asked: ChildRequest, args: Mapping[str, Any]) -> AddChild:
        """Raises `InvalidArguments` for a handler that the app could not find."""
        return cls(_name_of(asked.job), dict(args), asked.key, options_to_json(asked.options))

    def request(self) -> ChildRequest:
        """What the handler asked for."""
        job = self.job if isinstance(self.job, str) else Named.read(self.job)
        return ChildRequest(job, self.args, self.key, cast("RunOptions", options_from_json(self.options)))


class ReadChildren(NamedTuple):
    """A question: how did these end?"""

    children: list[str]
    number: int = 0


class Result(NamedTuple):
    """The handler returned this (JSON)."""

    value: str


class Failure(NamedTuple):
    """The handler raised, and ``what`` it comes to: wait (for ``children``), fail, retry, stopped or error."""

    what: str
    text: str = ""
    traceback: str | None = None
    children: Sequence[str] | None = None
    after: float | None = None  # seconds, of a retry

    @classmethod
    def of(cls, error: BaseException, redact: Redact, *, stopped: bool) -> Failure:
        """``stopped``: whether the handler was asked to."""
        if (waiting := waiting_in(error)) is not None:
            return cls("wait", children=waiting.children)
        text, traceback = describe(error, redact), traceback_text(error, redact)
        if is_final(error):
            return cls("fail", text, traceback)
        if (after := pause_asked(error)) is not None:
            return cls("retry", text, traceback, after=after)
        return cls("stopped" if stopped and is_stop(error) else "error", text, traceback)

    def error(self) -> BaseException:
        """What the handler raised, as the app decides about it. Raises `LookupError` for what nobody understands."""
        if self.what == "wait":
            return Waiting(self.children or ())
        if self.what == "retry":
            retry = Retry(self.text)
            retry.after = self.after  # not NaN by its constructor, but whatever the handler has made of it since
            return retry
        return _ERRORS[self.what](self.text)


_ERRORS: dict[str, type[BaseException]] = {"fail": Fail, "stopped": Stopped, "error": ChildFailed}

# --- how they are written and read ---

Question = SaveCheckpoint | AddChild | ReadChildren
Message = Request | Stop | Kill | Answer | Forked | Exited | NotBegun | Counted | Logged | Question | Result | Failure
_KINDS: dict[str, Any] = {kind.__name__: kind for kind in get_args(Message)}


def encode(message: Message) -> bytes:
    """``message`` as a line."""
    members = {"kind": type(message).__name__, **message._asdict()}
    return (json.dumps(members, ensure_ascii=False) + "\n").encode(errors="backslashreplace")


def decode(line: bytes | str) -> Message:
    """The message in a line. Raises `ValueError`, `LookupError`, `TypeError` or `AttributeError` if there is none."""
    members = json.loads(line)
    message: Message = _KINDS[members.pop("kind")](**members)
    return message


def decode_as(kind: type[M], line: bytes) -> M:
    """The same, where only one kind may come."""
    message = decode(line)
    if not isinstance(message, kind):
        raise TypeError(f"A {type(message).__name__} came instead of a {kind.__name__}.")
    return message


def kind_of(line: bytes | bytearray) -> type[Message]:
    """The kind of the message in a line that `encode` made, which may be long and is not read."""
    kind: type[Message] = _KINDS[line.split(b'"', 4)[3].decode()]
    return kind


def send(out: int, message: Message) -> None:
    """Write a message for the app, as a whole, whatever other threads send."""
    data = encode(message)
    with _sending:
        while data:
            data = data[os.write(out, data) :]


def send_lines(out: int, new: NewLines, at_most: int) -> None:
    """Send log lines, so many in a message."""
    for start in range(0, len(new.lines), at_most):
        send(out, Logged(new.lines[start : start + at_most], 0 if start else new.dropped))


def read_line(descriptor: int) -> bytes:
    """One line, read byte by byte, so that nothing after it is taken."""
    line = bytearray()
    while not line.endswith(b"\n"):
        chunk = os.read(descriptor, 1)
        if not chunk:
            break
        line += chunk
    return bytes(line)


def _name_of(job: str | Handler | Named) -> str | Named:
    """What the app calls a handler."""
    if isinstance(job, str | Named):
        return job
    try:
        return Named.of(job)
    except AttributeError:
        raise InvalidArguments(
            f"{job!r:.80} has no name that the app could find it by; use the name of its job type."
        ) from None
