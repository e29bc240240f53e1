"""What runs in the child process of a job with ``run_in="process"``: ``python -m dayjob._child FD``.

Two processes, in a session of their own. The *supervisor* runs no code of the user's: it waits for the end of standard
input (the app is gone, however that came about) or for the end of the handler's process, and in both cases kills
all that is left of the group. The *handler's process* is forked from it, imports the handler and runs it. Both speak
to the app in lines of JSON through the pipe ``FD``.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import os
import queue
import runpy
import select
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn

from .arguments import Arguments, is_coroutine_function
from .context import WENT_ON, ChildRequest, Done, JobContext
from .errors import Fail, InvalidArguments, InvalidPayload, Retry, Stopped, error_of
from .job_log import InLog, JobLog, start_capture
from .models import Ended, Handler, JobDefinition, NewLines, Progress, StopReason
from .outcome import describe, is_stop, waiting_in
from .payload import MAX_ARGS, MAX_RESULT, check, encode
from .progress import InJob, JobProgress
from .tracebacks import traceback_text

_LOG_PAUSE = 0.1  # seconds between two messages with log lines
_LOG_LINES = 100  # in one message
_CHUNK = 65_536  # bytes
_PARENT_LOOK = 0.25  # seconds between looks whether the app is still there
_MAIN = "__dayjob_main__"  # what the app's ``__main__`` is called here


def main() -> NoReturn:
    """Read the request from standard input, run it, and end with the whole group."""
    out = int(sys.argv[1])
    request = json.loads(_read_line(0))
    sys.path[:] = request["path"]
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # meant for the handler; the supervisor outlives it
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is the app's business
    reasons, to_handler = os.pipe()
    answers, to_waiting = os.pipe()
    wakeup, on_signal = os.pipe()
    os.set_blocking(on_signal, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(on_signal)
    pid = os.fork()
    if pid == 0:
        signal.set_wakeup_fd(-1)
        os.close(to_handler)
        os.close(to_waiting)
        _read_nothing()
        _run(request, out, reasons, answers)
    _supervise(pid, out, to_handler, to_waiting, wakeup, request["app"])


def _read_nothing() -> None:
    """Standard input is between the app and the supervisor: a tool that reads it (ssh, ffmpeg) would take answers."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def _read_line(descriptor: int) -> bytes:
    """One line, read byte by byte where needed, so that nothing after it is taken."""
    line = bytearray()
    while not line.endswith(b"\n"):
        chunk = os.read(descriptor, 1)
        if not chunk:
            break
        line += chunk
    return bytes(line)


def _supervise(pid: int, out: int, to_handler: int, to_waiting: int, wakeup: int, app: int) -> NoReturn:
    answers = _Answers(to_waiting)
    commands = bytearray()
    while True:
        readable, _, _ = select.select([0, wakeup], [to_waiting] if answers.left else [], [], _PARENT_LOOK)
        if os.getppid() != app:
            break  # it is gone, and a process that it had forked keeps our standard input open
        if wakeup in readable:
            os.read(wakeup, 512)
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                _send(out, {"exit": os.waitstatus_to_exitcode(status)})
                break
        if 0 in readable:
            chunk = os.read(0, _CHUNK)
            if not chunk:
                break  # the app is gone
            *lines, commands[:] = (commands + chunk).split(b"\n")
            for line in lines:
                if line.startswith(b"{"):  # the answer to what the handler asked
                    answers.left += line + b"\n"
                else:
                    os.write(to_handler, line + b"\n")
                    os.killpg(0, signal.SIGTERM)
        answers.pass_on()
    os.killpg(0, signal.SIGKILL)
    raise AssertionError("unreachable")


class _Answers:
    """Answers on their way to the handler's process, which may be busy or gone: nothing here waits for it.

    It asks one thing at a time, so there are two at most: one that nobody waits for any more, and its successor.
    """

    def __init__(self, to_waiting: int) -> None:
        self.left = bytearray()
        self._to_waiting = to_waiting
        os.set_blocking(to_waiting, False)

    def pass_on(self) -> None:
        try:
            while self.left:
                del self.left[: os.write(self._to_waiting, self.left[:_CHUNK])]
        except BlockingIOError:
            pass
        except BrokenPipeError:  # it has ended, which is heard of in a moment
            self.left.clear()


def _run(request: dict[str, Any], out: int, reasons: int, answers: int) -> NoReturn:
    """In the handler's process: run the handler, tell how it ended, end."""
    me = os.getpid()
    try:
        ending = _Handling(request, out, reasons, answers).run()
        if os.getpid() == me:  # else the handler has forked, and returned twice
            _send(out, ending)
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
    finally:  # whatever became of the streams: threads that are left must not keep the process from ending
        os._exit(0)


class _Handling:
    def __init__(self, request: dict[str, Any], out: int, reasons: int, answers: int) -> None:
        self._request = request
        self._out = out
        self._reasons = reasons
        self._answers: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._read_from = answers
        self._asking = threading.Lock()
        self._asked = 0
        self._stop_reason: StopReason | None = None
        self._loop = asyncio.new_event_loop()
        self._logged = threading.Event()
        self._log = JobLog(self._logged.set)

    def run(self) -> dict[str, Any]:
        """The handler's ending, as a message."""
        logging.getLogger().setLevel(self._request["log_level"])
        start_capture()
        threading.Thread(target=self._send_logs, name="dayjob-log", daemon=True).start()
        threading.Thread(target=self._hear_answers, name="dayjob-answers", daemon=True).start()
        with InLog(self._log):
            ending = self._run()
        self._send_log(self._log.close())
        return ending

    def _run(self) -> dict[str, Any]:
        try:
            handler = find(self._request["module"], self._request["name"], self._request["main"])
            result = self._call(handler)
            if self._context.left_to_wait:
                return {"fail": WENT_ON}
        except Fail as error:
            return {"fail": describe(error), "traceback": traceback_text(error)}
        except Retry as error:
            return {"retry": describe(error), "after": error.after, "traceback": traceback_text(error)}
        except BaseException as error:  # noqa: BLE001 (whatever it is, it is the job's end and has to be told)
            if (waiting := waiting_in(error)) is not None:
                return {"wait": waiting.children}
            kind = "stopped" if self._stop_reason and is_stop(error) else "error"
            return {kind: describe(error), "traceback": traceback_text(error)}
        return _result(result)

    def _send_logs(self) -> None:
        """In a thread of its own, since the handler may hold every other: a line at once, those behind it together."""
        while self._logged.wait():
            self._logged.clear()
            self._send_log(self._log.take())
            time.sleep(_LOG_PAUSE)

    def _send_log(self, new: NewLines) -> None:
        for start in range(0, len(new.lines), _LOG_LINES):
            dropped = 0 if start else new.dropped
            _send(self._out, {"log": new.lines[start : start + _LOG_LINES], "dropped": dropped})

    def _call(self, handler: Callable[..., Any]) -> Any:
        arguments = Arguments(handler)
        bound = arguments.bind(self._request["args"])
        job = JobDefinition(self._request["id"], self._request["type"], {}, datetime.now(UTC), handler)
        job.attempt = self._request["attempt"]
        job.checkpoint = self._request["checkpoint"]
        self._in_task = in_task = is_coroutine_function(handler)
        counts = self._request["resumed"]
        resumed = Progress.of_counts(counts) if counts else None
        self._progress = JobProgress(job.id, self._report, self._loop, None if in_task else self._check, resumed)
        self._context = JobContext(job, self._progress, lambda: self._stop_reason, self._keep, self, self._log)
        injected = {"job_id": job.id, "ctx": self._context}
        bound |= {name: injected[name] for name in arguments.injected}
        with InJob(self._progress):
            try:
                return self._as_task(handler, bound) if in_task else self._as_call(handler, bound)
            finally:
                self._progress.close()

    def _as_task(self, handler: Callable[..., Any], bound: dict[str, Any]) -> Any:
        task = self._loop.create_task(handler(**bound))
        self._loop.add_signal_handler(signal.SIGTERM, self._stop_task, task)
        self._stop_task(task)  # if that was asked for before a signal could be heard
        return self._loop.run_until_complete(task)

    def _as_call(self, handler: Callable[..., Any], bound: dict[str, Any]) -> Any:
        signal.signal(signal.SIGTERM, self._stop_call)
        self._stop_call()  # as above
        # The loop only times the reports; the handler has the main thread, where a signal can interrupt it.
        timing = threading.Thread(target=self._loop.run_forever, daemon=True)
        timing.start()
        self._progress.home = timing.ident
        return handler(**bound)

    def _stop_task(self, task: asyncio.Task[Any]) -> None:
        if self._learn_reason():
            task.cancel()

    def _stop_call(self, *_: object) -> None:
        if self._learn_reason():
            self._check()

    def _learn_reason(self) -> bool:
        """Whether the app asks to stop, for the first time. A SIGTERM of somebody else comes without a reason."""
        if self._stop_reason is not None or not select.select([self._reasons], [], [], 0)[0]:
            return False
        self._stop_reason = StopReason(_read_line(self._reasons).decode().strip())
        return True

    def _check(self) -> None:
        if self._stop_reason is not None:
            raise Stopped(self._stop_reason.value)

    def _report(self, progress: Progress) -> None:
        _send(self._out, {"progress": progress.counts()})

    def _keep(self, checkpoint: str) -> Awaitable[None]:
        self._progress.count_in_hand()
        return self._ask({"checkpoint": checkpoint, "progress": self._progress.snapshot().counts()})

    def enqueue(self, asked: ChildRequest) -> Awaitable[str]:
        """For the context: have the app store a child."""
        job, args = _named(asked.job), dict(asked.job_args)
        if not isinstance(asked.job, str | tuple):
            args = Arguments(asked.job).validate(args)
        check([args, asked.priority, asked.key, asked.delay, asked.timeout], what="arguments", limit=2 * MAX_ARGS)
        run_at = None if asked.run_at is None else asked.run_at.isoformat()
        options = {
            "key": asked.key,
            "priority": asked.priority,
            "run_at": run_at,
            "delay": asked.delay,
            "timeout": asked.timeout,
        }
        return self._ask({"child": {"job": job, "args": args, **options}})

    def ended(self, children: Sequence[str]) -> Awaitable[list[Ended] | None]:
        """For the context: ask the app how these children ended."""
        return self._ask({"join": list(children)}, lambda found: found and [Ended(*child) for child in found])

    def _ask(self, message: dict[str, Any], made: Callable[[Any], Any] = lambda value: value) -> Awaitable[Any]:
        """The app's answer: in the handler's task something to await, else the call itself waits."""
        if self._in_task and threading.get_ident() == threading.main_thread().ident:
            return self._await_answer(message, made)
        return Done(made(self._answer_to(message)))

    async def _await_answer(self, message: dict[str, Any], made: Callable[[Any], Any]) -> Any:
        return made(await asyncio.to_thread(self._answer_to, message))  # the handler's other tasks go on meanwhile

    def _answer_to(self, message: dict[str, Any]) -> Any:
        with self._asking:
            self._asked += 1
            # By the loop: here a signal could tear the line in the middle.
            self._loop.call_soon_threadsafe(_send, self._out, message | {"number": self._asked})
            answer = self._answers.get()
            while answer["answer"] not in (self._asked, None):  # meant for somebody who was stopped while waiting
                answer = self._answers.get()
        if "error" not in answer:
            return answer["value"]
        code, text = answer["error"]
        raise Stopped("lease_lost") if code == "stopped" else error_of(code, text)

    def _hear_answers(self) -> None:
        """In a thread of its own, where no signal can tear a line in the middle."""
        with os.fdopen(self._read_from, "rb") as lines:
            for line in lines:
                self._answers.put(json.loads(line))
        self._answers.put({"answer": None, "error": ("stopped", "the app is gone")})


def _named(job: str | Handler | tuple[str, str]) -> str | tuple[str, str]:
    """What the app calls a handler: it has the same modules, but for its main one, which runs here by another name."""
    if isinstance(job, str | tuple):
        return job
    name = getattr(job, "__qualname__", None)
    if name is None:
        raise InvalidArguments(f"{job!r:.80} has no name that the app could find it by; use the name of its job type.")
    return (job.__module__ if job.__module__ != _MAIN else "__main__", name)


def _result(result: Any) -> dict[str, Any]:
    try:
        return {"result": encode(result, what="result", limit=MAX_RESULT)}
    except InvalidPayload as error:
        return {"fail": str(error)}
    except BaseException as error:  # noqa: BLE001 (a handler's own list or dict may do anything when it is read)
        return {"fail": f"The result cannot be read: {describe(error)}"}


def find(module: str, name: str, main: str | None) -> Callable[..., Any]:
    """The function ``name`` of ``module``; ``main`` is the program's file if the module is its ``__main__``."""
    if module == "__main__" and main is not None:
        namespace = runpy.run_path(main, run_name=_MAIN)
        found: Any = namespace[name.partition(".")[0]]
        rest = name.partition(".")[2]
    else:
        found, rest = importlib.import_module(module), name
    for part in filter(None, rest.split(".")):
        found = getattr(found, part)
    handler: Callable[..., Any] = found
    return handler


_sending = threading.Lock()


def _send(out: int, message: dict[str, Any]) -> None:
    data = (json.dumps(message, ensure_ascii=False) + "\n").encode(errors="backslashreplace")
    with _sending:
        while data:
            data = data[os.write(out, data) :]


if __name__ == "__main__":
    main()
