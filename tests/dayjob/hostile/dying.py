"""Handlers that take their process along, or what it says."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
import time
import warnings

from tests.dayjob.hostile.table import ALL, PROCESS, hostile


@hostile("exit code 7", on=PROCESS)
def ends_its_process() -> None:
    os._exit(7)


@hostile("exit code 0", on=PROCESS)
def ends_its_process_quietly() -> None:
    os._exit(0)


@hostile("signal SIGSEGV", on=PROCESS)
def reads_address_zero() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.string_at(0)


@hostile("signal SIGABRT", on=PROCESS)
def aborts() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.abort()


@hostile("signal SIGKILL", on=PROCESS)
def kills_itself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@hostile("signal SIGKILL", on=PROCESS)
def kills_its_group() -> None:
    os.killpg(0, signal.SIGKILL)


@hostile("signal SIGKILL", on=PROCESS)
def kills_who_watches_it() -> None:
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(30)


@hostile("signal SIGALRM", on=PROCESS)
def sets_an_alarm() -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    time.sleep(30)


@hostile("exit code 0", on=PROCESS)
def closes_all_files() -> None:
    os.closerange(0, 64)


NOISE = "The child process said what nobody understands"


def _say(data: bytes) -> None:
    os.write(int(sys.orig_argv[-1]), data)


@hostile(NOISE, on=PROCESS)
def says_nonsense() -> None:
    _say(b"nonsense\n")
    time.sleep(30)


@hostile(NOISE, on=PROCESS)
def says_null() -> None:
    _say(b"null\n")


@hostile(NOISE, on=PROCESS)
def says_half_a_progress() -> None:
    _say(b'{"progress": {"processed": "many"}}\n')


@hostile(NOISE, on=PROCESS)
def says_what_is_no_result() -> None:
    _say(b'{"result": "]"}\n')


@hostile(NOISE, on=PROCESS)
def says_a_line_without_end() -> None:
    for _ in range(64):
        _say(100_000 * b"x")


@hostile(NOISE, on=PROCESS)
def says_what_is_no_text() -> None:
    _say(b"\xff\xfe\n")


@hostile(on=PROCESS)
def forks_and_both_return() -> str:
    child = os.fork()
    if child:
        os.waitpid(child, 0)
    return "parent" if child else "child"


@hostile(on=PROCESS)
def leaves_a_process_of_another_session() -> None:
    if os.fork() == 0:
        os.setsid()
        time.sleep(3)
        os._exit(0)


@hostile(on=PROCESS)
def leaves_a_process_behind() -> None:
    subprocess.Popen(["sleep", "30"])


@hostile(on=ALL)
def forks_a_child_that_ends() -> int:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # newer Pythons say that this is dangerous, and it is
        child = os.fork()
    if child == 0:
        os._exit(0)
    return os.waitpid(child, 0)[1]
