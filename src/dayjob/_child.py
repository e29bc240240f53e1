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
import runpy
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NoReturn

from .arguments import Arguments, is_coroutine_function
from .context import JobContext
from .errors import Fail, InvalidPayload, Retry, Stopped
from .job_log import InLog, JobLog, start_capture
from .models import JobDefinition, NewLines, Progress, StopReason
from .outcome import describe
from .payload import MAX_RESULT, encode
from .progress import InJob, JobProgress
from .tracebacks import traceback_text

_LOG_PAUSE = 0.1  # seconds between two messages with log lines
_LOG_LINES = 100  # in one message


def main() -> NoReturn:
    """Read the request from standard input, run it, and end with the whole group."""
    out = int(sys.argv[1])
    request = json.loads(_read_line(0))
    sys.path[:] = request["path"]
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # meant for the handler; the supervisor outlives it
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is the app's business
    reasons, to_handler = os.pipe()
    wakeup, on_signal = os.pipe()
    os.set_blocking(on_signal, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(on_signal)
    pid = os.fork()
    if pid == 0:
        signal.set_wakeup_fd(-1)
        os.close(to_handler)
        _run(request, out, reasons)
    _supervise(pid, out, to_handler, wakeup)


def _read_line(descriptor: int) -> bytes:
    """One line, read byte by byte where needed, so that nothing after it is taken."""
    line = bytearray()
    while not line.endswith(b"\n"):
        chunk = os.read(descriptor, 1)
        if not chunk:
            break
        line += chunk
    return bytes(line)


def _supervise(pid: int, out: int, to_handler: int, wakeup: int) -> NoReturn:
    while True:
        readable, _, _ = select.select([0, wakeup], [], [])
        if wakeup in readable:
            os.read(wakeup, 512)
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                _send(out, {"exit": os.waitstatus_to_exitcode(status)})
                break
        if 0 in readable:
            reason = _read_line(0)
            if not reason:
                break  # the app is gone
            os.write(to_handler, reason)
            os.killpg(0, signal.SIGTERM)
    os.killpg(0, signal.SIGKILL)
    raise AssertionError("unreachable")


def _run(request: dict[str, Any], out: int, reasons: int) -> NoReturn:
    """In the handler's process: run the handler, tell how it ended, end."""
    try:
        _send(out, _Handling(request, out, reasons).run())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0)


class _Handling:
    def __init__(self, request: dict[str, Any], out: int, reasons: int) -> None:
        self._request = request
        self._out = out
        self._reasons = reasons
        self._stop_reason: StopReason | None = None
        self._loop = asyncio.new_event_loop()
        self._logged = threading.Event()
        self._log = JobLog(self._logged.set)

    def run(self) -> dict[str, Any]:
        """The handler's ending, as a message."""
        logging.getLogger().setLevel(self._request["log_level"])
        start_capture()
        threading.Thread(target=self._send_logs, name="dayjob-log", daemon=True).start()
        with InLog(self._log):
            ending = self._run()
        self._send_log(self._log.close())
        return ending

    def _run(self) -> dict[str, Any]:
        try:
            handler = find(self._request["module"], self._request["name"], self._request["main"])
            result = self._call(handler)
            return {"result": encode(result, what="result", limit=MAX_RESULT)}
        except InvalidPayload as error:
            return {"fail": str(error)}
        except Fail as error:
            return {"fail": describe(error), "traceback": traceback_text(error)}
        except Retry as error:
            return {"retry": describe(error), "after": error.after, "traceback": traceback_text(error)}
        except BaseException as error:  # noqa: BLE001 (whatever it is, it is the job's end and has to be told)
            kind = "stopped" if self._stop_reason else "error"
            return {kind: describe(error), "traceback": traceback_text(error)}

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
        injected = {"job_id": job.id, "ctx": JobContext(job, lambda: self._stop_reason)}
        bound |= {name: injected[name] for name in arguments.injected}
        in_task = is_coroutine_function(handler)
        progress = JobProgress(job.id, self._report, self._loop, None if in_task else self._check)
        with InJob(progress):
            try:
                return self._as_task(handler, bound) if in_task else self._as_call(handler, bound)
            finally:
                progress.close()

    def _as_task(self, handler: Callable[..., Any], bound: dict[str, Any]) -> Any:
        task = self._loop.create_task(handler(**bound))
        self._loop.add_signal_handler(signal.SIGTERM, self._stop_task, task)
        return self._loop.run_until_complete(task)

    def _as_call(self, handler: Callable[..., Any], bound: dict[str, Any]) -> Any:
        signal.signal(signal.SIGTERM, self._stop_call)
        # The loop only times the reports; the handler has the main thread, where a signal can interrupt it.
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        return handler(**bound)

    def _stop_task(self, task: asyncio.Task[Any]) -> None:
        self._learn_reason()
        task.cancel()

    def _stop_call(self, *_: object) -> None:
        if self._stop_reason is None:
            self._learn_reason()
            self._check()

    def _learn_reason(self) -> None:
        if self._stop_reason is None:
            self._stop_reason = StopReason(_read_line(self._reasons).decode().strip())

    def _check(self) -> None:
        if self._stop_reason is not None:
            raise Stopped(self._stop_reason.value)

    def _report(self, progress: Progress) -> None:
        _send(self._out, {"progress": [progress.processed, progress.total, progress.message]})


def find(module: str, name: str, main: str | None) -> Callable[..., Any]:
    """The function ``name`` of ``module``; ``main`` is the program's file if the module is its ``__main__``."""
    if module == "__main__" and main is not None:
        namespace = runpy.run_path(main, run_name="__dayjob_main__")
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
    data = (json.dumps(message) + "\n").encode()
    with _sending:
        while data:
            data = data[os.write(out, data) :]


if __name__ == "__main__":
    main()
