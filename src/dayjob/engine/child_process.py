"""Runs a handler in a child process: the one kind of handler that can be stopped whatever it does.

``_child.py`` is the other side, ``_supervisor.py`` stands between. The pipe carries progress, checkpoints, what the
handler asks about its children, and the ending; standard input carries the answers and the reason to stop, and its end
tells the child that this process is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from asyncio import FIRST_COMPLETED
from asyncio.subprocess import Process
from collections.abc import Callable
from typing import Any

from .. import payload
from ..errors import ChildFailed, Fail, Stopped
from ..invocation import Invocation
from ..job_log import JobLog
from ..models import JobDefinition, JobType, Progress, StopReason
from ..outcome import Ending, NotStarted, Raised, Returned, describe
from ..payload import MAX_RESULT
from ..progress import JobProgress
from . import child_wire as wire
from .checkpoints import Checkpoints
from .children import Children

_LINE = 2 * MAX_RESULT + 65_536  # bytes: the longest message is a result in JSON in JSON
_LAST_WORDS = 0.5  # seconds for what is still in the pipe when the supervisor has ended
_PATHS: Any = (str, os.PathLike)
_TO_KILL = 0.4  # seconds for the supervisor to kill; then it is done from here
# The path before any import: what lies in the working directory is no module, unless the app finds it there, too.
_PROGRAM = "import sys; sys.path[:] = eval(sys.stdin.buffer.raw.readline()); import dayjob.engine._child as c; c.main()"


class ProcessRunner:
    """One child process for one attempt."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        finish: Callable[[Ending], None],
        job_type: JobType,
        progress: JobProgress,
        log: JobLog,
        checkpoints: Checkpoints,
        children: Children,
    ) -> None:
        self._loop = loop
        self._finish = finish
        self._job_type = job_type
        self._progress = progress
        self._log = log
        self._checkpoints = checkpoints
        self._children = children
        self._answering: asyncio.Task[None] | None = None  # one at a time: the child waits for the answer
        self._process: Process | None = None
        self._reason: StopReason | None = None
        self._is_killed = False
        self._handler: _HandlersProcess | None = None
        self._ending: Ending | None = None
        self._is_over = False

    def start(self, _invocation: Invocation, job: JobDefinition) -> None:
        """Start the child, which makes the call; what it says is heard in a task of its own."""
        self._task = self._loop.create_task(self._run(job), name=f"dayjob-child-{job.id}")

    def stop(self, reason: StopReason) -> None:
        """Ask the handler to stop: its process gets SIGTERM."""
        self._reason = reason
        self._tell_reason()

    def kill(self) -> bool:
        """End the child and all that it started, at once."""
        self._is_killed = True
        if self._process is not None:
            self._send(wire.Kill())
            self._loop.call_later(_TO_KILL, self._kill_from_here)
        return True

    def _kill_from_here(self) -> None:
        """If the supervisor cannot do it: a handler may stop it, or kill it."""
        if self._process is None or self._is_over:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if self._handler is not None:
            self._handler.kill()

    async def _run(self, job: JobDefinition) -> None:
        try:
            ending = await self._attempt(wire.Request.of(self._job_type, job))
        except Fail as error:  # no child could find the handler
            ending = Raised(error)
        except asyncio.CancelledError as error:  # by a handler that cancels all tasks, perhaps
            self.kill()
            ending = Raised(error)
        except Exception as error:  # noqa: BLE001 (a bug of ours must end the job: nobody else hears of this task)
            self.kill()
            ending = Raised(ChildFailed(f"The child process could not be listened to: {describe(error)}"))
        self._finish(ending)

    async def _attempt(self, request: wire.Request) -> Ending:
        try:
            self._process, reading = await _start_child()
        except (OSError, RuntimeError) as error:  # no process, no descriptor, or no thread to watch it with
            return NotStarted(f"Its child process could not be started: {describe(error)}")
        return await self._converse(self._process, request, reading)

    async def _converse(self, process: Process, request: wire.Request, reading: int) -> Ending:
        self._write(ascii(_path()).encode() + b"\n")
        self._send(request)
        if self._reason is not None:  # asked to stop while the child was being started
            self._tell_reason()
        if self._is_killed:
            self.kill()
        hearing = self._loop.create_task(self._hear(reading))
        ended = self._loop.create_task(process.wait())
        await asyncio.wait([hearing, ended], return_when=FIRST_COMPLETED)
        if not self._is_over:
            await self._make_sure(hearing, ended)
        code = await ended
        await asyncio.wait([hearing], timeout=_LAST_WORDS)
        hearing.cancel()
        self._is_over = True
        if self._handler is not None:
            self._handler.close()
        process.stdin.close()  # type: ignore[union-attr]  # it is a pipe, see above
        return self._ending or self._ending_of_exit(code)

    async def _make_sure(self, hearing: asyncio.Task[None], ended: asyncio.Task[int]) -> None:
        """The supervisor has not said that nothing is left: it may say so yet, or it cannot any more."""
        if ended.done():
            await asyncio.wait([hearing], timeout=_LAST_WORDS)
        else:  # it is no longer understood
            self._send(wire.Kill())
            await asyncio.wait([ended], timeout=_TO_KILL)
        self._kill_from_here()

    async def _hear(self, descriptor: int) -> None:
        """Take in what the child says, until its supervisor has said its last word, or nobody is there to say one."""
        reader = asyncio.StreamReader(limit=_LINE)
        pipe = os.fdopen(descriptor, "rb")
        transport, _ = await self._loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
        try:
            while not self._is_over and (line := await reader.readline()):
                self._take(wire.decode(line))
        except (ValueError, LookupError, TypeError, AttributeError):  # a handler that writes into our pipe
            self._ending = Raised(ChildFailed("The child process said what nobody understands, so it was ended."))
        finally:
            transport.close()

    def _take(self, message: wire.Message) -> None:
        match message:
            case wire.Forked(pid):
                self._handler = self._handler or _HandlersProcess(pid)
            case wire.Counted():
                self._progress.replace(message.progress())
            case wire.Logged(lines, dropped):
                self._log.missed(dropped)
                for at, level, text in lines:
                    self._log.add(at, level, text)
            case wire.SaveCheckpoint() | wire.AddChild() | wire.ReadChildren():
                if isinstance(message, wire.SaveCheckpoint):
                    self._progress.replace(Progress.of_counts(message.counts))
                self._answering = self._loop.create_task(self._answer(message))
            case wire.NotBegun(why):
                self._ending = NotStarted(why)
            case wire.Result(value):
                self._ending = Returned(payload.decode(value))
            case wire.Failure():
                self._ending = Raised(message.error(), message.traceback)
            case wire.Exited(code):
                self._ending = self._ending or self._ending_of_exit(code)
                self._is_over = True  # not the end of the pipe: something that the handler left behind may hold it

    async def _answer(self, question: wire.Question) -> None:
        try:
            answer = wire.Answer(question.number, await self._result_of(question))
        except (Stopped, Exception) as error:  # noqa: BLE001 (a type's own function for its unique key, perhaps; the child waits)
            answer = wire.Answer.of_error(question.number, error)
        self._send(answer)

    async def _result_of(self, question: wire.Question) -> Any:
        match question:
            case wire.SaveCheckpoint():
                return await self._checkpoints.store(question.checkpoint)
            case wire.ReadChildren():
                return await self._children.look(question.children)
            case wire.AddChild():
                return await self._children.store(question.request())

    def _ending_of_exit(self, code: int) -> Ending:
        if self._is_killed or self._reason is not None:
            return Raised(Stopped(self._reason.value if self._reason else "killed"))
        if code >= 0:
            return Raised(ChildFailed(f"The child process ended with exit code {code} before its job did."))
        name = signal.Signals(-code).name
        return Raised(ChildFailed(f"The child process was ended by the signal {name}."))

    def _tell_reason(self) -> None:
        if self._reason is not None and self._process is not None:
            self._send(wire.Stop(self._reason.value))

    def _send(self, message: wire.Message) -> None:
        self._write(wire.encode(message))

    def _write(self, line: bytes) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it has ended; the pipe tells how
            self._process.stdin.write(line)  # type: ignore[union-attr]  # both are there by now


async def _start_child() -> tuple[Process, int]:
    """Start it; with the descriptor to hear it by."""
    reading, writing = os.pipe()
    try:
        command = (sys.executable, *_interpreter_flags(), "-c", _PROGRAM, str(writing))
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, pass_fds=[writing], start_new_session=True
        )
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    return process, reading


class _HandlersProcess:
    """For the case that its supervisor is gone: held by a descriptor, where there are such, which no pid replaces."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._descriptor: int | None = None
        with contextlib.suppress(AttributeError, OSError):
            self._descriptor = os.pidfd_open(pid)

    def kill(self) -> None:
        with contextlib.suppress(OSError):
            if self._descriptor is not None:
                signal.pidfd_send_signal(self._descriptor, signal.SIGKILL)
            elif not hasattr(os, "pidfd_open"):
                os.kill(self._pid, signal.SIGKILL)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)


def _interpreter_flags() -> list[str]:
    """``-O``, ``-W``, ``-X``, ``-I`` and so on, as this process was started with them."""
    flags: list[str] = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
    named = [name if value is True else f"{name}={value}" for name, value in sys._xoptions.items()]
    return flags + [part for option in named if option not in flags for part in ("-X", option)]


def _path() -> list[str]:
    """What the app can import, the child can: imports ignore the entries of other types, too."""
    return [os.fsdecode(folder) for folder in sys.path if isinstance(folder, _PATHS)]
