"""Handlers in child processes: whatever they do, it is the end of their own job only, and nothing is left of them."""

from __future__ import annotations

import asyncio
import functools
import importlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.dayjob import child_handlers as handlers
from tests.processes import is_running
from tests.support import eventually

from dayjob import JobQueue, JobRegistry, JobStatus, Status, constant, outcome
from dayjob.engine import executions
from dayjob.errors import OutOfResources
from dayjob.events import JobEvent, ProgressMade

PLAIN = [handlers.report, handlers.coroutine, handlers.segfault, handlers.leave, handlers.kill_itself, handlers.tidy]
PLAIN += [handlers.raise_value_error, handlers.raise_system_exit, handlers.raise_fail, handlers.return_nan]
PLAIN += [handlers.return_text, handlers.close_everything, handlers.say_rubbish, handlers.spin, handlers.deaf]
PLAIN += [handlers.sleep_for_ever, handlers.leave_a_child]
PLAIN += [handlers.count_quietly, handlers.stop_its_group, handlers.stop_its_group_in_task]
PLAIN += [handlers.let_a_tool_read, handlers.get_away, handlers.put_away, handlers.check_in_a_group]


@pytest.fixture
async def queue(tmp_path: Path) -> AsyncIterator[JobQueue]:
    registry = JobRegistry()
    for handler in PLAIN:
        registry.register(handler.__name__, handler, run_in="process")
    registry.register("raise_retry", handlers.raise_retry, run_in="process", max_attempts=2)
    for resuming in (handlers.count_on, handlers.count_on_in_task):
        registry.register(resuming.__name__, resuming, run_in="process", max_attempts=2, backoff=constant(0))
    registry.register("fail_in_a_group", handlers.fail_in_a_group, run_in="process", max_attempts=3)
    registry.register("get_away_slowly", handlers.get_away, run_in="process", timeout=4)
    registry.register("slow", handlers.deaf, run_in="process", timeout=4)
    async with JobQueue(f"sqlite:///{tmp_path}/jobs.db", registry=registry, grace=0.5) as queue:
        yield queue


async def run(queue: JobQueue, job_type: str, **args: Any) -> JobStatus:
    return await queue.wait(await queue.enqueue(job_type, job_args=args), timeout=30)


async def test_a_plain_function_reports_and_returns(queue: JobQueue) -> None:
    job = await run(queue, "report", n=4)
    assert (job.status, job.processed_items, job.total_items, job.message) == (Status.COMPLETED, 4, 4, "at 4")
    assert job.result["pid"] != os.getpid()
    assert (job.result["attempt"], job.result["type"]) == (1, "report")


async def test_a_path_that_is_no_text_comes_along(queue: JobQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, Path("elsewhere")])
    assert (await run(queue, "report", n=1)).status is Status.COMPLETED


async def test_a_coroutine_reports_and_returns(queue: JobQueue) -> None:
    job = await run(queue, "coroutine")
    assert (job.status, job.processed_items, job.result) == (Status.COMPLETED, 3, 3)


@pytest.mark.parametrize(
    ("job_type", "error"),
    [
        ("segfault", "SIGSEGV"),
        ("kill_itself", "SIGKILL"),
        ("leave", "exit code 3"),
        ("raise_value_error", "ValueError: no such thing"),
        ("raise_system_exit", "SystemExit: 4"),
        ("raise_fail", "Set the key."),
        ("return_nan", "nan"),
        ("close_everything", "before its job did"),
    ],
)
async def test_a_bad_end_fails_its_own_job_only(queue: JobQueue, job_type: str, error: str) -> None:
    job, beside = await asyncio.gather(run(queue, job_type), run(queue, "report"))
    assert job.status is Status.FAILED
    assert error in str(job.error)
    assert beside.status is Status.COMPLETED


async def test_a_large_result_comes_through_and_a_larger_one_is_refused(queue: JobQueue) -> None:
    assert len((await run(queue, "return_text", size=1_000_000)).result) == 1_000_000
    job = await run(queue, "return_text", size=2_000_000)
    assert (job.status, job.result) == (Status.FAILED, None)
    assert "larger than" in str(job.error)


async def test_what_it_prints_does_not_disturb(queue: JobQueue) -> None:
    assert (await run(queue, "say_rubbish")).result == 1


async def test_retry_is_understood(queue: JobQueue) -> None:
    job = await run(queue, "raise_retry")
    assert (job.status, job.result, job.failures) == (Status.COMPLETED, 2, 1)


@pytest.mark.parametrize("job_type", ["spin", "deaf", "sleep_for_ever"])
async def test_a_cancel_stops_everything(queue: JobQueue, job_type: str, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    job_id = await queue.enqueue(job_type, job_args={"ready": str(ready)})
    pids = await written(ready)
    assert await queue.cancel_job(job_id)
    job = await queue.wait(job_id, timeout=10)
    assert (job.status, job.error) == (Status.CANCELLED, None)
    await gone(pids)
    assert not queue._get_engine().executions.stuck


async def test_standard_input_is_empty_for_the_handler_and_its_tools(queue: JobQueue) -> None:
    """What the app says to the supervisor comes through it: a tool that took an answer would leave its job waiting."""
    job = await run(queue, "let_a_tool_read")
    assert (job.status, job.result) == (Status.COMPLETED, "")


async def test_a_timeout_stops_everything(queue: JobQueue, tmp_path: Path) -> None:
    """Also a handler that left its group. Both at once: a child takes seconds to start on a busy day."""
    ready, ledger = tmp_path / "ready", tmp_path / "ledger"
    jobs = await asyncio.gather(
        run(queue, "slow", ready=str(ready)), run(queue, "get_away_slowly", how="setsid", ledger=str(ledger))
    )
    assert [(job.status, job.error) for job in jobs] == [(Status.FAILED, "The job ran longer than its timeout.")] * 2
    await gone(await written(ready))
    await gone(await written(tmp_path / "ledger.ready"), seconds=1.0)


async def test_the_handler_learns_why_and_can_tidy_up(queue: JobQueue, tmp_path: Path) -> None:
    ready, done = tmp_path / "ready", tmp_path / "done"
    job_id = await queue.enqueue("tidy", job_args={"ready": str(ready), "done": str(done)})
    await written(ready)
    await queue.cancel_job(job_id)
    assert (await queue.wait(job_id, timeout=10)).status is Status.CANCELLED
    assert done.read_text() == "cancelled"


async def test_what_a_finished_handler_left_behind_is_ended(queue: JobQueue, tmp_path: Path) -> None:
    job = await run(queue, "leave_a_child", ready=str(tmp_path / "ready"))
    assert job.status is Status.COMPLETED
    await gone([job.result])


async def test_stop_gives_the_job_back(queue: JobQueue, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    job_id = await queue.enqueue("deaf", job_args={"ready": str(ready)})
    pids = await written(ready)
    await queue.stop(grace=0.2)
    await gone(pids)
    async with JobQueue(queue.url, max_workers=0, registry=queue.registry) as other:
        job = await other.get_job_status(job_id)
    assert job is not None
    assert (job.status, job.attempt, job.failures) == (Status.PENDING, 1, 0)
    await queue.start()


async def test_when_the_app_is_killed_the_child_and_its_children_go_too(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    program = (
        "import asyncio\nfrom dayjob import JobQueue, registry\nfrom tests.dayjob.child_handlers import deaf\n"
        "registry.register('deaf', deaf, run_in='process')\n"
        "async def main():\n"
        f"    async with JobQueue('sqlite:///{tmp_path}/killed.db') as queue:\n"
        f"        await queue.wait(await queue.enqueue('deaf', job_args={{'ready': {str(ready)!r}}}))\n"
        "asyncio.run(main())\n"
    )
    app = subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parents[3])
    pids = await written(ready)
    app.send_signal(signal.SIGKILL)
    app.wait()
    await gone(pids, seconds=1.0)


async def test_a_process_that_the_app_had_forked_does_not_keep_the_child_alive(tmp_path: Path) -> None:
    """It has what the app had open: the child's standard input among it, which does not end then."""
    ready = tmp_path / "ready"
    program = (
        "import asyncio, os, time\nfrom dayjob import JobQueue, registry\n"
        "from tests.dayjob.child_handlers import deaf\n"
        "registry.register('deaf', deaf, run_in='process')\n"
        "async def main():\n"
        f"    async with JobQueue('sqlite:///{tmp_path}/forked.db') as queue:\n"
        f"        job_id = await queue.enqueue('deaf', job_args={{'ready': {str(ready)!r}}})\n"
        f"        while not os.path.exists({str(ready)!r}):\n"
        "            await asyncio.sleep(0.01)\n"
        "        if (pool := os.fork()) == 0:\n"
        "            time.sleep(60)\n"
        "            os._exit(0)\n"
        "        print(pool, flush=True)\n"
        "        await queue.wait(job_id)\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, cwd=Path(__file__).parents[3], stdout=subprocess.PIPE, text=True) as app:
        assert app.stdout is not None
        pool = int(await asyncio.to_thread(app.stdout.readline))
        try:
            pids = await written(ready)
            app.kill()
            await gone(pids, seconds=2.0)
            assert is_running(pool)
        finally:
            os.kill(pool, signal.SIGKILL)


@pytest.mark.parametrize("job_type", ["stop_its_group", "stop_its_group_in_task"])
async def test_a_signal_of_somebody_else_is_no_stop(queue: JobQueue, job_type: str) -> None:
    job = await run(queue, job_type)
    assert (job.status, job.result) == (Status.COMPLETED, "SIGTERM")


@pytest.mark.parametrize("job_type", ["work", "work_in_task"])
async def test_a_cancel_while_the_child_imports_is_obeyed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, job_type: str
) -> None:
    """The child imports for as long as it takes: until a file is there, which comes after the cancel."""
    (tmp_path / "slow_to_import.py").write_text(SLOW)
    monkeypatch.syspath_prepend(tmp_path)
    slow = importlib.import_module("slow_to_import")
    monkeypatch.delitem(sys.modules, "slow_to_import")
    monkeypatch.setenv("IMPORTING", f"{tmp_path}/importing")
    registry = JobRegistry()
    registry.register(job_type, getattr(slow, job_type), run_in="process")
    async with JobQueue(f"sqlite:///{tmp_path}/jobs.db", registry=registry, grace=60) as queue:
        job_id = await queue.enqueue(job_type)
        beside = await written(tmp_path / "importing")
        assert await queue.cancel_job(job_id)
        await gone(beside)  # the signal went to the whole group
        (tmp_path / "importing.go").touch()
        assert (await queue.wait(job_id, timeout=20)).status is Status.CANCELLED
    assert not (tmp_path / "importing.ran").exists()


SLOW = """
import asyncio, os, subprocess, sys, time
from pathlib import Path

BESIDE = "import os, signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_DFL); " \\
    "open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(60)"

if here := os.environ.get("IMPORTING"):
    subprocess.Popen([sys.executable, "-c", BESIDE, here])
    while not Path(here + ".go").exists():
        time.sleep(0.01)

def work() -> None:
    Path(here + ".ran").touch()

async def work_in_task() -> None:
    work()
    await asyncio.sleep(60)
"""


async def test_whoever_cancels_all_tasks_of_the_app_leaves_no_job_without_an_end(
    queue: JobQueue, tmp_path: Path
) -> None:
    ready = tmp_path / "ready"
    job_id = await queue.enqueue("deaf", job_args={"ready": str(ready)})
    pids = await written(ready)
    for task in asyncio.all_tasks():
        if task.get_name().startswith("dayjob-child-"):
            task.cancel()
    assert (await queue.wait(job_id, timeout=10)).status is Status.FAILED
    await gone(pids)


AWAY = ["setsid", "setpgid", "supervisor stopped", "without a supervisor"]


@pytest.mark.parametrize("how", AWAY)
async def test_a_handler_that_leaves_its_group_ends_with_its_job(queue: JobQueue, tmp_path: Path, how: str) -> None:
    ledger = tmp_path / "ledger"
    job_id = await queue.enqueue("get_away", job_args={"how": how, "ledger": str(ledger)})
    pids = await written(tmp_path / "ledger.ready")
    await queue.cancel_job(job_id)
    job = await queue.wait(job_id, timeout=10)
    lines = ledger.stat().st_size
    assert job.status in ((Status.CANCELLED,) if how != "without a supervisor" else (Status.CANCELLED, Status.FAILED))
    await gone(pids, seconds=1.0)
    assert ledger.stat().st_size == lines


async def test_a_handler_that_becomes_another_process_ends_its_job_and_is_ended(
    queue: JobQueue, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger"
    job = await run(queue, "get_away", how="twice", ledger=str(ledger))
    lines = ledger.stat().st_size if ledger.exists() else 0
    assert (job.status, job.error) == (Status.FAILED, "The child process ended with exit code 0 before its job did.")
    await asyncio.sleep(0.1)  # not to wait for anything: it writes all the time
    assert (ledger.stat().st_size if ledger.exists() else 0) == lines


async def test_a_handler_that_left_its_group_goes_when_the_queue_stops(queue: JobQueue, tmp_path: Path) -> None:
    await queue.enqueue("get_away", job_args={"how": "setsid", "ledger": f"{tmp_path}/ledger"})
    pids = await written(tmp_path / "ledger.ready")
    await queue.stop(grace=0.2)
    assert not any(map(is_running, pids))
    await queue.start()


async def test_a_handler_that_left_its_group_goes_with_the_app(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    arguments = {"how": "setsid", "ledger": f"{tmp_path}/ledger", "ready": str(ready)}
    program = (
        "import asyncio\nfrom dayjob import JobQueue, registry\nfrom tests.dayjob.child_handlers import get_away\n"
        "registry.register('get_away', get_away, run_in='process')\n"
        "async def main():\n"
        f"    async with JobQueue('sqlite:///{tmp_path}/killed.db') as queue:\n"
        f"        await queue.wait(await queue.enqueue('get_away', job_args={arguments!r}))\n"
        "asyncio.run(main())\n"
    )
    app = subprocess.Popen([sys.executable, "-c", program], cwd=Path(__file__).parents[3])
    pids = await written(ready)
    app.kill()
    app.wait()
    await gone(pids, seconds=1.0)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody adopts what a handler puts away")
async def test_what_a_handler_put_into_another_session_is_ended_with_it(queue: JobQueue, tmp_path: Path) -> None:
    job = await run(queue, "put_away", ready=str(tmp_path / "ready"))
    assert job.status is Status.COMPLETED
    assert not is_running(job.result)


async def test_a_group_of_exceptions_is_understood(queue: JobQueue) -> None:
    job_id = await queue.enqueue("fail_in_a_group", job_args={"how": "fail"})
    job = await queue.wait(job_id, timeout=30)
    assert (job.status, job.failures, job.error) == (Status.FAILED, 1, "Set the key.")
    traceback = str((await queue.get_attempts(job_id))[-1].traceback)
    assert "ExceptionGroup: unhandled errors in a TaskGroup" in traceback
    assert "in one" in traceback


async def test_a_retry_in_a_group_keeps_its_pause(queue: JobQueue) -> None:
    job_id = await queue.enqueue("fail_in_a_group", job_args={"how": "retry"})
    job = await eventually(lambda: _failed_once(queue, job_id))
    assert job.error == "down"
    assert (job.run_at - job.created_at).total_seconds() > 3500


async def _failed_once(queue: JobQueue, job_id: str) -> JobStatus | None:
    job = await queue.get_job_status(job_id)
    return job if job is not None and job.failures else None


async def test_a_cancel_in_a_group_is_a_clean_one(queue: JobQueue, tmp_path: Path) -> None:
    job_id = await queue.enqueue("check_in_a_group", job_args={"ready": f"{tmp_path}/ready"})
    await written(tmp_path / "ready")
    await queue.cancel_job(job_id)
    job = await queue.wait(job_id, timeout=10)
    assert (job.status, job.error) == (Status.CANCELLED, None)


async def test_a_child_that_cannot_be_started_is_tried_again_and_leaves_nothing_open(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome, "START_AGAIN", 1_000_000)  # long enough to see all of them wait
    monkeypatch.setattr(executions, "_LONGEST_TROUBLE", 1.5)
    await run(queue, "report")
    before = len(os.listdir("/proc/self/fd"))
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/nowhere/python")
        ids = [await queue.enqueue("report") for _ in range(5)]
        await eventually(lambda: _all_tried(queue, ids))
        assert "could not be started: FileNotFoundError" in str(queue.trouble)
        assert isinstance(queue.trouble, OutOfResources)
        assert len(os.listdir("/proc/self/fd")) < before + 5
    ended = [await queue.wait(job_id, timeout=30) for job_id in ids]
    assert [(job.status, job.failures) for job in ended] == [(Status.COMPLETED, 0)] * 5
    await eventually(lambda: queue.trouble is None)


async def _all_tried(queue: JobQueue, ids: list[str]) -> bool:
    jobs = await queue.list_jobs([Status.PENDING])
    return {job.id for job in jobs.items if job.attempt} == set(ids)


NO_FORK = """
import errno, os

def fork():
    raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

os.fork = fork
"""
NO_THREAD = """
import threading

def start(thread):
    raise RuntimeError("can't start new thread")

threading.Thread.start = start
"""


@pytest.mark.parametrize(
    ("program", "why"),
    [
        (NO_FORK, "Its child process could not be started: BlockingIOError"),
        (NO_THREAD, "A thread in its child process could not be started: can't start new thread"),
    ],
    ids=["fork", "thread"],
)
async def test_what_a_child_cannot_have_before_it_calls_the_handler_is_no_failure_either(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str, why: str
) -> None:
    monkeypatch.setattr(outcome, "START_AGAIN", 200_000)
    (tmp_path / "sitecustomize.py").write_text(program)
    with monkeypatch.context() as patch:
        patch.setenv("PYTHONPATH", str(tmp_path))
        job_id = await queue.enqueue("report")
        assert why in str(await eventually(lambda: queue.trouble))
    job = await queue.wait(job_id, timeout=30)
    assert (job.status, job.failures) == (Status.COMPLETED, 0)


@pytest.mark.parametrize(
    "handler", [lambda: None, functools.partial(handlers.report), "text".upper], ids=["lambda", "partial", "method"]
)
def test_what_a_child_cannot_import_is_refused(handler: Any) -> None:
    with pytest.raises(ValueError, match="top of a module"):
        JobRegistry().register("bad", handler, run_in="process")


def test_an_unknown_place_to_run_is_refused() -> None:
    with pytest.raises(ValueError, match="use 'process'"):
        JobRegistry().register("bad", handlers.report, run_in="thread-pool")


async def written(path: Path) -> list[int]:
    """The process ids that a handler wrote when it was ready; looked for, since a child cannot tell us otherwise."""
    await eventually(lambda: path.exists() and path.read_text())
    return [int(pid) for pid in path.read_text().split()]


async def gone(pids: list[int], seconds: float = 5.0) -> None:
    """Wait until none of the processes runs."""
    await eventually(lambda: not any(map(is_running, pids)), seconds)


async def test_a_plain_function_that_only_counts_is_seen_counting(queue: JobQueue, tmp_path: Path) -> None:
    seen: list[int] = []
    often = asyncio.Event()

    def listener(event: JobEvent) -> None:
        if isinstance(event, ProgressMade):
            seen.append(event.progress.processed)
            if len(seen) >= 4:
                often.set()

    queue.bus.listen(listener)
    job_id = await queue.enqueue("count_quietly", job_args={"go_on": f"{tmp_path}/go on"})
    await asyncio.wait_for(often.wait(), 20)
    (tmp_path / "go on").touch()
    assert (await queue.wait(job_id, timeout=20)).result >= seen[-1] > seen[0]


@pytest.mark.parametrize("job_type", ["count_on", "count_on_in_task"])
async def test_a_child_that_died_goes_on_at_its_checkpoint(queue: JobQueue, tmp_path: Path, job_type: str) -> None:
    ledger = tmp_path / "ledger"
    job = await run(queue, job_type, ledger=str(ledger), to=20, die_at=7)
    assert (job.status, job.result, job.attempt) == ("completed", [7, 20], 2)
    assert ledger.read_text().split() == [str(n) for n in range(1, 21)]
