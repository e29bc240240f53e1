"""The supervisor of a handler's process: it runs no code of the user's, and leaves nothing of the handler running."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from collections.abc import Iterator
from typing import Any, NoReturn

from . import child_wire as wire

_prctl: Any = None
with contextlib.suppress(ImportError, OSError, AttributeError):  # not Linux, or a Python that was built without it
    import ctypes

    _prctl = ctypes.CDLL(None).prctl
    _prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]

_CHUNK = 65_536  # bytes
_PARENT_LOOK = 0.25  # seconds between looks whether the app is still there
_LAST_BREATH = 2.0  # seconds for processes that were killed to be gone: an uninterruptible wait may hold one
_PAUSE = 0.002  # seconds
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36


def adopt_orphans() -> None:
    """Linux: what a process that descends from this one leaves behind becomes a child of this one, not of init."""
    if _prctl is not None:
        _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with(supervisor: int) -> None:
    """Linux: this process is killed when the thread that forked it ends; the supervisor has only that one."""
    if _prctl is not None:
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != supervisor:  # it had ended before
        os._exit(1)


class Supervisor:
    """Waits for the end of the app or of the handler's process (``pid``), then ends all that is left."""

    def __init__(self, pid: int, out: int, to_handler: int, to_waiting: int, app: int) -> None:
        self._pid = pid
        self._out = out
        self._to_handler = to_handler
        self._answers = _Answers(to_waiting)
        self._app = app
        self._commands = bytearray()
        self._exit: int | None = None

    def run(self, wakeup: int) -> NoReturn:
        """``wakeup`` is readable when a child of this process has ended."""
        try:
            wire.send(self._out, wire.Forked(self._pid))
            self._watch([0, wakeup, *_descriptors_of(self._app)], wakeup)
        finally:
            self._end_all()
            if os.getppid() == self._app:
                with contextlib.suppress(OSError):  # only now: when it is heard, nothing of the handler runs any more
                    wire.send(self._out, wire.Exited(-signal.SIGKILL if self._exit is None else self._exit))
            os.killpg(0, signal.SIGKILL)
        raise AssertionError("unreachable")

    def _watch(self, heard: list[int], wakeup: int) -> None:
        answers = self._answers
        while self._exit is None and os.getppid() == self._app:
            readable, _, _ = select.select(heard, [answers.to_waiting] if answers.left else [], [], _PARENT_LOOK)
            if wakeup in readable:
                os.read(wakeup, 512)
                self._reap()
            if 0 in readable and not self._obey():
                return
            answers.pass_on()

    def _obey(self) -> bool:
        """What the app says; False when it says no more: it is gone, or the handler's time is over."""
        chunk = os.read(0, _CHUNK)
        *lines, self._commands[:] = (self._commands + chunk).split(b"\n")
        for line in lines:
            kind = wire.kind_of(line)
            if kind is wire.Kill:
                return False
            if kind is wire.Answer:
                self._answers.left += line + b"\n"
            else:
                with contextlib.suppress(BrokenPipeError):
                    os.write(self._to_handler, line + b"\n")
                self._signal(signal.SIGTERM)
        return bool(chunk)

    def _signal(self, number: signal.Signals) -> None:
        """To the handler's process and what it started: its group, which may be another one than ours by now."""
        with contextlib.suppress(ProcessLookupError):
            if (group := os.getpgid(self._pid)) != os.getpgrp():
                os.killpg(group, number)
        if number != signal.SIGKILL:
            os.killpg(0, number)

    def _end_all(self) -> None:
        """Kill what descends from here until nothing does; where orphans are adopted, that is all there was."""
        if self._exit is None:
            self._signal(signal.SIGKILL)
            _kill(self._pid)
        deadline = time.monotonic() + _LAST_BREATH
        while self._reap() and time.monotonic() < deadline:
            for pid in _descendants(os.getpid()):
                _kill(pid)
            time.sleep(_PAUSE)

    def _reap(self) -> bool:
        """Take note of the children that have ended, adopted ones among them; whether there are others."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == self._pid:
                self._exit = os.waitstatus_to_exitcode(status)


class _Answers:
    """Answers on their way to the handler's process, which may be busy or gone: nothing here waits for it.

    It asks one thing at a time, so there are two at most: one that nobody waits for any more, and its successor.
    """

    def __init__(self, to_waiting: int) -> None:
        self.left = bytearray()
        self.to_waiting = to_waiting
        os.set_blocking(to_waiting, False)

    def pass_on(self) -> None:
        try:
            while self.left:
                del self.left[: os.write(self.to_waiting, self.left[:_CHUNK])]
        except BlockingIOError:
            pass
        except BrokenPipeError:  # it has ended, which is heard of in a moment
            self.left.clear()


def _descriptors_of(app: int) -> list[int]:
    """What is readable when the app has ended, even if a process that it had forked keeps our standard input open."""
    try:
        return [os.pidfd_open(app)]
    except (AttributeError, OSError):  # not Linux, or an old one: there `getppid` tells, a little later
        return []


def _descendants(ancestor: int) -> list[int]:
    """The processes that descend from this one, as far as the system tells."""
    parents = dict(_parents())
    found = {ancestor}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return list(found - {ancestor})


def _parents() -> Iterator[tuple[int, int]]:
    try:
        names = os.listdir("/proc")
    except OSError:  # not Linux
        return
    for name in filter(str.isdigit, names):
        with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as stat:
            yield int(name), int(stat.read().rpartition(b")")[2].split()[1])


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # one that is another user's, by sudo
        os.kill(pid, signal.SIGKILL)
