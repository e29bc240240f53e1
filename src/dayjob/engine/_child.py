"""What runs in the child process of a job with ``run_in="process"``; ``child_process.py`` starts it.

Two processes, in a session of their own. The *supervisor* (``_supervisor.py``) runs no code of the user's. The
*handler's process* is forked from it, imports the handler and runs it. Both speak to the app in lines of JSON through
a pipe.
"""

from __future__ import annotations

import asyncio
import logging
import os
import queue
import select
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

from ..arguments import Arguments, is_coroutine_function
from ..awaitable import awaited, is_awaitable
from ..context import ChildRequest, Done
from ..current import InAttempt
from ..errors import InvalidPayload, Stopped
from ..invocation import Invocation
from ..job_log import JobLog, start_capture
from ..models import Ended, JobDefinition, NewLines, Progress, StopReason
from ..origin import Named, find
from ..outcome import describe
from ..payload import MAX_ARGS, check, encode_result
from ..progress import JobProgress
from ..redaction import Redact, of_arguments
from ..registry import registered_as
from . import child_wire as wire
from ._supervisor import Supervisor, adopt_orphans, die_with

_LOG_PAUSE = 0.1  # seconds between two messages with log lines
_LOG_LINES = 100  # in one message


def main() -> NoReturn:
    """Read the request from standard input, run it, and end with the whole group."""
    out = int(sys.argv[1])
    request = wire.decode_as(wire.Request, wire.read_line(0))
    sys.argv[:] = request.argv
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # meant for the handler; the supervisor outlives it
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is the app's business
    adopt_orphans()
    supervisor = os.getpid()
    try:
        reasons, to_handler = os.pipe()
        answers, to_waiting = os.pipe()
        wakeup, on_signal = os.pipe()
        os.set_blocking(on_signal, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(on_signal)
        pid = os.fork()
    except OSError as error:
        wire.send(out, wire.NotBegun(f"Its child process could not be started: {describe(error)}"))
        sys.exit(1)
    if pid == 0:
        die_with(supervisor)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for end in (to_handler, to_waiting, wakeup, on_signal):
            os.close(end)
        _read_nothing()
        _run(request, out, reasons, answers)
    for end in (reasons, answers):
        os.close(end)
    Supervisor(pid, out, to_handler, to_waiting, request.app).run(wakeup)


def _read_nothing() -> None:
    """Standard input is between the app and the supervisor: a tool that reads it (ssh, ffmpeg) would take answers."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def _run(request: wire.Request, out: int, reasons: int, answers: int) -> NoReturn:
    """In the handler's process: run the handler, tell how it ended, end."""
    me = os.getpid()
    try:
        ending = _Attempt(request, out, reasons, answers).run()
        if os.getpid() == me:  # else the handler has forked, and returned twice
            wire.send(out, ending)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    finally:  # whatever became of the streams: threads that are left must not keep the process from ending
        os._exit(0)


class _NotBegun(Exception):
    """What it takes to call the handler cannot be had."""


def _start_thread(target: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=target, name=f"dayjob{target.__name__}", daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        raise _NotBegun(str(error)) from None
    return thread


class _Attempt:
    """The attempt, for its handler: what it asks for goes through the pipe."""

    def __init__(self, request: wire.Request, out: int, reasons: int, answers: int) -> None:
        self._request = request
        self._out = out
        self._reasons = reasons
        self._answers: queue.SimpleQueue[wire.Answer] = queue.SimpleQueue()
        self._read_from = answers
        self._asking = threading.Lock()
        self._asked = 0
        self.stop_reason: StopReason | None = None
        self.children = self
        self._loop = asyncio.new_event_loop()
        self._logged = threading.Event()
        self.job = JobDefinition(request.id, request.type, request.args, datetime.now(UTC))
        self.job.attempt = request.attempt
        self.job.checkpoint = request.checkpoint
        self.job_id = self.job.id
        self.redact = of_arguments(request.args, request.secret).text
        self.log = JobLog(self._logged.set, self.redact)
        counts = request.resumed
        resumed = Progress.of_counts(counts) if counts else None
        self._in_task = False
        self.progress = JobProgress(self.job_id, self._report, self._loop, self._check_in_call, resumed, self.redact)

    def run(self) -> wire.Message:
        """The handler's ending, as a message."""
        logging.getLogger().setLevel(self._request.log_level)
        start_capture()
        try:
            _start_thread(self._send_logs)
            _start_thread(self._hear_answers)
            with InAttempt(self):
                ending = self._run()
        except _NotBegun as error:
            return wire.NotBegun(f"A thread in its child process could not be started: {error}")
        self._send_log(self.log.close())
        return ending

    def _run(self) -> wire.Message:
        try:
            handler = find(self._request.origin, lambda: registered_as(self._request.type))
            result = self._call(handler)
        except _NotBegun:
            raise
        except BaseException as error:  # noqa: BLE001 (whatever it is, it is the job's end and has to be told)
            return wire.Failure.of(error, self.redact, stopped=self.stop_reason is not None)
        return _result(result, self.redact)

    def _send_logs(self) -> None:
        """In a thread of its own, since the handler may hold every other: a line at once, those behind it together."""
        while self._logged.wait():
            self._logged.clear()
            self._send_log(self.log.take())
            time.sleep(_LOG_PAUSE)

    def _send_log(self, new: NewLines) -> None:
        wire.send_lines(self._out, new, _LOG_LINES)

    def _call(self, handler: Callable[..., Any]) -> Any:
        self._in_task = is_coroutine_function(handler)
        invocation = Invocation(handler, Arguments(handler), self)
        try:
            returned = self._as_task(invocation.call()) if self._in_task else self._as_call(invocation)
        finally:
            self.progress.close()
        return invocation.result_of(returned)

    def _as_task(self, begun: Awaitable[Any]) -> Any:
        task = self._loop.create_task(awaited(begun))
        self._loop.add_signal_handler(signal.SIGTERM, self._stop_task, task)
        self._stop_task(task)  # if that was asked for before a signal could be heard
        return self._loop.run_until_complete(task)

    def _as_call(self, invocation: Invocation) -> Any:
        signal.signal(signal.SIGTERM, self._stop_call)
        self._stop_call()  # as above
        # The loop only times the reports; the handler has the main thread, where a signal can interrupt it.
        timing = _start_thread(self._loop.run_forever)
        self.progress.home = timing.ident
        returned = invocation.call()
        if not is_awaitable(returned):
            return returned
        # A decorator that is a plain function, around a coroutine: it goes on as one.
        self._loop.call_soon_threadsafe(self._loop.stop)
        timing.join()
        self.progress.home = threading.get_ident()
        self._in_task = True
        return self._as_task(returned)

    def _stop_task(self, task: asyncio.Task[Any]) -> None:
        if self._learn_reason():
            task.cancel()

    def _stop_call(self, *_: object) -> None:
        if self._learn_reason():
            self._check_in_call()

    def _learn_reason(self) -> bool:
        """Whether the app asks to stop, for the first time. A SIGTERM of somebody else comes without a reason."""
        if self.stop_reason is not None or not select.select([self._reasons], [], [], 0)[0]:
            return False
        self.stop_reason = StopReason(wire.decode_as(wire.Stop, wire.read_line(self._reasons)).reason)
        return True

    def _check_in_call(self) -> None:
        """In a coroutine a cancel does this."""
        if self.stop_reason is not None and not self._in_task:
            raise Stopped(self.stop_reason.value)

    def _report(self, progress: Progress) -> None:
        wire.send(self._out, wire.Counted(progress.counts()))

    def keep(self, checkpoint: str) -> Awaitable[None]:
        """For the context: have the app store a checkpoint."""
        self.progress.count_in_hand()
        return self._ask(wire.SaveCheckpoint(checkpoint, self.progress.snapshot().counts()))

    def enqueue(self, asked: ChildRequest) -> Awaitable[str]:
        """For the context: have the app store a child."""
        args = asked.job_args
        if not isinstance(asked.job, str | Named):
            args = Arguments(asked.job).validate(args)
        question = wire.AddChild.of(asked, args)
        check([question.args, question.key, question.options], what="arguments", limit=2 * MAX_ARGS)
        return self._ask(question)

    def read(self, children: Sequence[str]) -> Awaitable[list[Ended] | None]:
        """For the context: ask the app how these children ended."""
        return self._ask(wire.ReadChildren(list(children)), lambda found: found and [Ended(*child) for child in found])

    def _ask(self, question: wire.Question, made: Callable[[Any], Any] = lambda value: value) -> Awaitable[Any]:
        """The app's answer: in the handler's task something to await, else the call itself waits."""
        if self._in_task and threading.get_ident() == threading.main_thread().ident:
            return self._await_answer(question, made)
        return Done(made(self._answer_to(question)))

    async def _await_answer(self, question: wire.Question, made: Callable[[Any], Any]) -> Any:
        return made(await asyncio.to_thread(self._answer_to, question))  # the handler's other tasks go on meanwhile

    def _answer_to(self, question: wire.Question) -> Any:
        with self._asking:
            self._asked += 1
            # By the loop: here a signal could tear the line in the middle.
            self._loop.call_soon_threadsafe(wire.send, self._out, question._replace(number=self._asked))
            answer = self._answers.get()
            while answer.number not in (self._asked, None):  # meant for somebody who was stopped while waiting
                answer = self._answers.get()
        return answer.result()

    def _hear_answers(self) -> None:
        """In a thread of its own, where no signal can tear a line in the middle."""
        with os.fdopen(self._read_from, "rb") as lines:
            for line in lines:
                self._answers.put(wire.decode_as(wire.Answer, line))
        self._answers.put(wire.Answer.of_error(None, Stopped("the app is gone")))


def _result(result: Any, redact: Redact) -> wire.Message:
    try:
        return wire.Result(encode_result(result, redact))
    except InvalidPayload as error:
        return wire.Failure("fail", str(error))
    except BaseException as error:  # noqa: BLE001 (a handler's own list or dict may do anything when it is read)
        return wire.Failure("fail", f"The result cannot be read: {describe(error, redact)}")
