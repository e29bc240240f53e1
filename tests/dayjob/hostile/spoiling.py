"""Handlers that spoil the process for others."""

from __future__ import annotations

import asyncio
import gc
import io
import os
import resource
import signal
import sys
import threading
import warnings

from tests.dayjob.hostile.table import HERE, LOOPS, PROCESS, TASK, hostile


@hostile(on=LOOPS, error="Cannot close a running event loop")
async def closes_the_loop() -> None:
    asyncio.get_running_loop().close()


@hostile("Event loop stopped before Future completed", on=PROCESS)
async def stops_the_loop() -> None:
    asyncio.get_running_loop().stop()
    await asyncio.sleep(30)


@hostile(on=TASK)
async def breaks_the_exception_handler() -> None:
    def handler(*_: object) -> None:
        raise OSError("in the exception handler")

    loop = asyncio.get_running_loop()
    loop.set_exception_handler(handler)
    loop.call_soon(lambda: 1 / 0)
    await asyncio.sleep(0.01)


@hostile({"task": "cannot be called from a running event loop"}, on=HERE)
def runs_a_loop_of_its_own() -> None:
    coroutine = asyncio.sleep(0)
    try:
        asyncio.run(coroutine)
    finally:
        coroutine.close()


@hostile()
def takes_the_loop_away() -> None:
    asyncio.set_event_loop(None)


@hostile({"thread": "signal only works in main thread"})
def takes_the_signals() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


@hostile()
def goes_elsewhere() -> None:
    os.chdir("/")


@hostile()
def takes_stdout_away() -> None:
    sys.stdout = None  # type: ignore[assignment]


@hostile()
def closes_stdout() -> None:
    sys.stdout = io.StringIO()
    sys.stdout.close()


@hostile()
def closes_stderr() -> None:
    sys.stderr = io.StringIO()
    sys.stderr.close()


@hostile()
def makes_errors_of_warnings() -> None:
    warnings.simplefilter("error")


@hostile()
def clears_the_environment() -> None:
    os.environ.clear()


@hostile(on=PROCESS)
def clears_the_modules() -> None:
    sys.modules.clear()


@hostile(on=PROCESS)
def forbids_files() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


@hostile()
def stops_the_collector() -> None:
    gc.disable()
    gc.freeze()


@hostile("ValueError: in the trace function")
def sets_a_broken_trace() -> None:
    def trace(*_: object) -> None:
        raise ValueError("in the trace function")

    sys.settrace(trace)  # which Python forgets when it raises
    (lambda: None)()


@hostile(on=HERE)
def breaks_the_hooks() -> None:
    def hook(*_: object) -> None:
        raise ValueError("in a hook")

    sys.excepthook = threading.excepthook = sys.unraisablehook = hook  # type: ignore[assignment]
