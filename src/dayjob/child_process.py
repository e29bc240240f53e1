"""Runs a handler in a child process: the one kind of handler that can be stopped whatever it does.

``_child.py`` is the other side. The pipe carries progress, checkpoints, what the handler asks about its children, and
the ending; standard input carries the answers and the reason to stop, and its end tells the child that this process is
gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from asyncio import FIRST_COMPLETED
from collections.abc import Callable
from datetime import datetime
from typing import Any

from .checkpoints import Checkpoints
from .children import Children
from .context import ChildRequest
from .errors import ChildFailed, DayjobError, Fail, Retry, Stopped, Waiting
from .job_log import JobLog
from .models import JobDefinition, JobType, Progress, StopReason
from .outcome import Ending, Raised, Returned, describe
from .payload import MAX_RESULT, decode
from .progress import JobProgress

_LINE = 2 * MAX_RESULT + 65_536  # bytes: the longest message is a result in JSON in JSON
_LAST_WORDS = 0.5  # seconds for what is still in the pipe when the supervisor has ended


class ProcessRunner:
    """One child process for one attempt."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        finish: Callable[[Ending], None],
        progress: JobProgress,
        log: JobLog,
        checkpoints: Checkpoints,
        children: Children,
    ) -> None:
        self._loop = loop
        self._finish = finish
        self._progress = progress
        self._log = log
        self._checkpoints = checkpoints
        self._children = children
        self._answering: asyncio.Task[None] | None = None  # one at a time: the child waits for the answer
        self._process: asyncio.subprocess.Process | None = None
        self._reason: StopReason | None = None
        self._killed = False
        self._ending: Ending | None = None
        self._over = False

    def start(self, job_type: JobType, _arguments: dict[str, Any], job: JobDefinition) -> None:
        """Start the child; what it says is heard in a task of its own."""
        self._task = self._loop.create_task(self._run(_request(job_type, job)), name=f"dayjob-child-{job.id}")

    def stop(self, reason: StopReason) -> None:
        """Ask the handler to stop: its process gets SIGTERM."""
        self._reason = reason
        self._tell_reason()

    def kill(self) -> bool:
        """End the child and all that it started, at once."""
        self._killed = True
        self._kill_group()
        return True

    def _kill_group(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def _run(self, request: dict[str, Any]) -> None:
        try:
            ending = await self._converse(request)
        except OSError as error:
            ending = Raised(ChildFailed(f"The child process could not be started: {error}."))
        except Exception as error:  # noqa: BLE001 (a bug of ours must end the job: nobody else hears of this task)
            self.kill()
            ending = Raised(ChildFailed(f"The child process could not be listened to: {describe(error)}"))
        self._finish(ending)

    async def _converse(self, request: dict[str, Any]) -> Ending:
        said = json.dumps(request)
        reading, writing = os.pipe()
        try:
            command = (sys.executable, "-m", "dayjob._child", str(writing))
            pipe = asyncio.subprocess.PIPE
            self._process = await asyncio.create_subprocess_exec(
                *command, stdin=pipe, pass_fds=[writing], start_new_session=True
            )
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        self._write(said)
        if self._reason is not None:  # asked to stop while the child was being started
            self._tell_reason()
        if self._killed:
            self.kill()
        hearing = self._loop.create_task(self._hear(reading))
        await asyncio.wait([hearing, self._loop.create_task(self._process.wait())], return_when=FIRST_COMPLETED)
        if not hearing.done():  # the supervisor has ended, so all that it leaves behind is this
            await asyncio.wait([hearing], timeout=_LAST_WORDS)
            self._kill_group()
        code = await self._process.wait()
        await asyncio.wait([hearing], timeout=_LAST_WORDS)
        hearing.cancel()
        self._process.stdin.close()  # type: ignore[union-attr]  # it is a pipe, see above
        return self._ending or self._died(code)

    async def _hear(self, descriptor: int) -> None:
        """Take in what the child says, until its supervisor has said its last word, or nobody is there to say one."""
        reader = asyncio.StreamReader(limit=_LINE)
        pipe = os.fdopen(descriptor, "rb")
        transport, _ = await self._loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
        try:
            while not self._over and (line := await reader.readline()):
                self._take(json.loads(line))
        except (ValueError, LookupError, TypeError, AttributeError):  # a handler that writes into our pipe
            self._ending = Raised(ChildFailed("The child process said what nobody understands, so it was ended."))
            self._kill_group()
        finally:
            transport.close()

    def _take(self, message: dict[str, Any]) -> None:
        if "progress" in message:
            self._progress.replace(Progress.of_counts(message["progress"]))
        if "number" in message:
            self._answering = self._loop.create_task(self._answer(message))
        elif "log" in message:
            self._log.missed(message["dropped"])
            for at, level, text in message["log"]:
                self._log.add(at, level, text)
        elif "result" in message:
            self._ending = Returned(decode(message["result"]))
        elif "exit" in message:
            self._ending = self._ending or self._died(message["exit"])
            self._over = True  # not the end of the pipe: something that the handler left behind may hold it
        elif "progress" not in message:
            self._ending = Raised(_raised(message), message.get("traceback"))

    async def _answer(self, message: dict[str, Any]) -> None:
        answer: dict[str, Any] = {"answer": message["number"]}
        try:
            answer["value"] = await self._asked(message)
        except Stopped:
            answer["error"] = ("stopped", "")
        except DayjobError as error:
            answer["error"] = (error.code, str(error))
        except Exception as error:  # noqa: BLE001 (a type's own function for its unique key, perhaps; the child waits)
            answer["error"] = (DayjobError.code, describe(error))
        self._write(json.dumps(answer))

    async def _asked(self, message: dict[str, Any]) -> Any:
        if "checkpoint" in message:
            return await self._checkpoints.store(message["checkpoint"])
        if "join" in message:
            return await self._children.look(message["join"])
        return await self._children.store(_child_request(message["child"]))

    def _died(self, code: int) -> Ending:
        if self._killed or self._reason is not None:
            return Raised(Stopped(self._reason.value if self._reason else "killed"))
        if code >= 0:
            return Raised(ChildFailed(f"The child process ended with exit code {code} before its job did."))
        name = signal.Signals(-code).name
        return Raised(ChildFailed(f"The child process was ended by the signal {name}."))

    def _tell_reason(self) -> None:
        if self._reason is not None and self._process is not None:
            self._write(self._reason.value)

    def _write(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it has ended; the pipe tells how
            self._process.stdin.write(line.encode() + b"\n")  # type: ignore[union-attr]  # both are there by now


def _request(job_type: JobType, job: JobDefinition) -> dict[str, Any]:
    handler = job_type.handler
    main = getattr(sys.modules["__main__"], "__file__", None)
    return {
        "app": os.getpid(),
        "module": handler.__module__,
        "name": handler.__qualname__,
        "main": main and os.path.abspath(main),
        "path": [os.fspath(folder) for folder in sys.path],
        "args": job.args,
        "id": job.id,
        "type": job.type,
        "attempt": job.attempt,
        "log_level": logging.getLogger().level,
        "checkpoint": job.checkpoint,
        "resumed": job.resumed and job.resumed.counts(),
    }


def _child_request(child: dict[str, Any]) -> ChildRequest:
    job = child["job"] if isinstance(child["job"], str) else tuple(child["job"])
    run_at = None if child["run_at"] is None else datetime.fromisoformat(child["run_at"])
    return ChildRequest(job, child["args"], child["key"], child["priority"], run_at, child["delay"], child["timeout"])


def _raised(message: dict[str, Any]) -> BaseException:
    if "wait" in message:
        return Waiting(message["wait"])
    if "fail" in message:
        return Fail(message["fail"])
    if "retry" in message:
        return Retry(message["retry"], after=message["after"])
    if "stopped" in message:
        return Stopped(message["stopped"])
    return ChildFailed(message["error"])
