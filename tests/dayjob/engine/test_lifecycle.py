"""What becomes of jobs is in the log of the process that ran them: a failure once, with its exception, no secrets."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.dayjob import child_handlers
from tests.dayjob.engine.support import orphan, queue_on
from tests.support import eventually

from dayjob import Fail, JobContext, JobQueue, JobRegistry, Retry, Status
from dayjob.engine.lifecycle import log
from dayjob.repository import open_repository

SECRET = "hunter2-and-more"


class Kept(logging.Handler):
    """What a handler of the app gets, and what a plain and a hand-made formatter make of it."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        plain, own = logging.Formatter(), logging.Formatter()
        self.texts.append(plain.format(record))
        if record.exc_info:  # as a formatter for JSON does, and Sentry
            self.texts.append(own.formatException(record.exc_info))
            self.texts.append(repr(record.exc_info[1]))

    def of(self, level: int) -> list[logging.LogRecord]:
        return [record for record in self.records if record.levelno == level]


@pytest.fixture
def kept() -> Iterator[Kept]:
    handler, before = Kept(), log.level
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    yield handler
    log.setLevel(before)
    log.removeHandler(handler)


async def ran(queue: JobQueue, kept: Kept, handler: Callable[..., Any], args: Any = None, **options: Any) -> str:
    """A job that ended, and whose end is logged."""
    queue.registry.register("tried", handler, **options)
    job_id = await queue.enqueue("tried", job_args=args)
    job = await queue.wait(job_id, timeout=30)
    ends = {Status.COMPLETED: "completed", Status.FAILED: " failed in attempt", Status.CANCELLED: "cancelled"}
    await eventually(
        lambda: any(ends[job.status] in r.getMessage() and "again" not in r.getMessage() for r in kept.records)
    )
    return job_id


async def succeed() -> int:
    return 1


async def fail() -> None:
    raise KeyError("where")


def fail_in_thread() -> None:
    raise KeyError("where")


def fail_with(password: str) -> None:
    raise KeyError(password)


async def fail_with_in_task(password: str) -> None:
    try:
        raise ValueError(f"was {password}")
    except ValueError as error:
        raise KeyError(password) from error


async def test_a_start_and_a_completion_are_logged_at_info_with_the_job(queue: JobQueue, kept: Kept) -> None:
    job_id = await ran(queue, kept, succeed)
    started, completed = kept.records
    assert started.getMessage() == f"job {job_id} (tried) started, attempt 1"
    assert completed.getMessage().startswith(f"job {job_id} (tried) completed after 0.0")
    for record in kept.records:
        told = (record.levelno, record.job_id, record.job_type, record.attempt)  # type: ignore[attr-defined]
        assert told == (logging.INFO, job_id, "tried", 1)


@pytest.mark.parametrize("level", ["debug", "DEBUG", logging.DEBUG])
async def test_a_type_may_ask_for_quiet(queue: JobQueue, kept: Kept, level: Any) -> None:
    await ran(queue, kept, succeed, log_level=level)
    assert [record.levelno for record in kept.records] == [logging.DEBUG] * 2


async def test_a_quiet_type_still_says_that_it_failed(queue: JobQueue, kept: Kept) -> None:
    await ran(queue, kept, fail, log_level="debug")
    assert len(kept.of(logging.ERROR)) == 1


@pytest.mark.parametrize("level", ["loud", None, True, -1, 51, 1.5])
def test_a_level_that_is_none_is_refused_with_the_fix(registry: JobRegistry, level: Any) -> None:
    with pytest.raises(ValueError, match=r"log_level is .*; use 'debug', 'info'"):
        registry.register("tried", succeed, log_level=level)


@pytest.mark.parametrize("form", ["task", "thread", "process"])
async def test_a_failed_job_is_one_error_with_its_exception(queue: JobQueue, kept: Kept, form: str) -> None:
    handler = {"task": fail, "thread": fail_in_thread, "process": child_handlers.boom}[form]
    job_id = await ran(queue, kept, handler, run_in="process" if form == "process" else None)
    (record,) = kept.of(logging.ERROR)
    assert record.job_id == job_id  # type: ignore[attr-defined]
    text = logging.Formatter().format(record)
    assert text.startswith(f"job {job_id} (tried) failed in attempt 1: KeyError: 'where'\n")
    assert text.endswith("KeyError: 'where'")
    assert "Traceback" in text
    assert record.exc_info
    if form == "process":
        cause = record.exc_info[1].__cause__  # type: ignore[union-attr]
        assert "in boom" in str(cause)
        assert "KeyError: 'where'" in str(cause)
    else:
        assert isinstance(record.exc_info[1], KeyError)
        assert record.exc_info[2] is not None


async def test_a_retry_is_a_warning_that_says_when_it_runs_again(queue: JobQueue, kept: Kept) -> None:
    async def once(ctx: JobContext) -> None:
        if ctx.attempt == 1:
            raise Retry("not yet", after=0.01)
        raise Fail("never")

    job_id = await ran(queue, kept, once, max_attempts=3)
    (warning,) = kept.of(logging.WARNING)
    assert f"job {job_id} (tried) failed in attempt 1 and runs again in 0 s, at 2" in warning.getMessage()
    assert warning.getMessage().endswith(" UTC: not yet")
    assert isinstance(warning.exc_info[1], Retry)  # type: ignore[index]
    (error,) = kept.of(logging.ERROR)
    assert error.getMessage() == f"job {job_id} (tried) failed in attempt 2: never"


async def test_a_cancel_is_told_at_info(queue: JobQueue, kept: Kept) -> None:
    began = asyncio.Event()

    async def wait() -> None:
        began.set()
        await asyncio.Event().wait()

    queue.registry.register("tried", wait)
    job_id = await queue.enqueue("tried")
    await began.wait()
    await queue.cancel_job(job_id)
    await eventually(lambda: f"job {job_id} (tried) was cancelled" in [r.getMessage() for r in kept.of(logging.INFO)])
    assert not kept.of(logging.ERROR)


@pytest.mark.parametrize("form", ["task", "process"])
async def test_a_timeout_is_one_error_that_says_so(queue: JobQueue, kept: Kept, tmp_path: Path, form: str) -> None:
    handler = child_handlers.sleep_for_ever
    run_in = "process" if form == "process" else None
    await ran(queue, kept, handler, {"ready": str(tmp_path / "ready")}, timeout=0.5, run_in=run_in)
    (record,) = kept.of(logging.ERROR)
    assert "The job ran longer than its timeout." in record.getMessage()
    assert isinstance(record.exc_info[1], TimeoutError)  # type: ignore[index]


async def test_a_result_that_cannot_be_stored_is_an_error_too(queue: JobQueue, kept: Kept) -> None:
    async def unstorable() -> object:
        return object()

    await ran(queue, kept, unstorable)
    assert len(kept.of(logging.ERROR)) == 1


async def test_a_job_that_killed_its_process_is_one_error(queue: JobQueue, kept: Kept) -> None:
    await ran(queue, kept, child_handlers.exit_hard, run_in="process")
    (record,) = kept.of(logging.ERROR)
    assert "The child process ended with exit code" in record.getMessage()


@pytest.mark.parametrize("form", ["task", "thread", "process"])
async def test_no_formatter_prints_a_secret(queue: JobQueue, kept: Kept, form: str) -> None:
    handler = {"task": fail_with_in_task, "thread": fail_with, "process": child_handlers.boom_with}[form]
    await ran(queue, kept, handler, {"password": SECRET}, run_in="process" if form == "process" else None)
    (record,) = kept.of(logging.ERROR)
    assert "KeyError" in record.getMessage()
    assert SECRET not in "".join(kept.texts)
    if form != "process":
        assert record.exc_info[0].__name__ == "KeyError"  # type: ignore[index, union-attr]
        assert record.exc_info[2] is not None  # type: ignore[index]


async def test_no_secret_hides_in_what_a_long_traceback_leaves_out(queue: JobQueue, kept: Kept) -> None:
    async def verbose(password: str) -> None:
        raise RuntimeError("x" * 30_000 + password + "x" * 30_000)

    await ran(queue, kept, verbose, {"password": SECRET})
    assert SECRET not in "".join(kept.texts)


async def test_an_error_cannot_forge_lines_or_move_the_cursor(queue: JobQueue, kept: Kept) -> None:
    async def forge() -> None:
        raise RuntimeError("a\n2026-01-01 INFO all is well\x1b[2J")

    await ran(queue, kept, forge)
    (record,) = kept.of(logging.ERROR)
    assert "\n" not in record.getMessage()
    assert "\x1b" not in logging.Formatter().format(record)


class Evil(Exception):
    def __str__(self) -> str:
        raise SystemExit(3)

    @property
    def __traceback__(self) -> Any:  # type: ignore[override]
        raise SystemExit(4)


async def test_an_exception_that_cannot_be_looked_at_is_told_by_its_name(queue: JobQueue, kept: Kept) -> None:
    async def evil() -> None:
        raise Evil

    await ran(queue, kept, evil)
    (record,) = kept.of(logging.ERROR)
    assert "Evil" in record.getMessage()


async def test_a_log_handler_that_raises_costs_its_line_only(queue: JobQueue, kept: Kept) -> None:
    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise RuntimeError("no disk")

    log.addHandler(broken := Broken())
    try:
        for _ in range(3):
            assert (await queue.wait(await queue.enqueue("tried", fail), timeout=10)).status is Status.FAILED
    finally:
        log.removeHandler(broken)


async def test_a_poison_job_is_one_error_of_who_writes_its_end(path: Path, registry: JobRegistry, kept: Kept) -> None:
    registry.register("copy", succeed, on_orphan="fail")
    repository = open_repository(f"sqlite:///{path}", durability="process")
    await repository.open()
    for number in range(3):
        await orphan(repository, f"job-{number}")
    await repository.close()
    async with queue_on(path, registry):
        await eventually(lambda: len(kept.of(logging.ERROR)) == 3)
    assert all("The process that ran the job died." in record.getMessage() for record in kept.of(logging.ERROR))


async def test_a_process_that_died_with_many_jobs_is_one_line(
    path: Path, registry: JobRegistry, kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    registry.register("copy", succeed)
    repository = open_repository(f"sqlite:///{path}", durability="process")
    await repository.open()
    for number in range(64):
        await orphan(repository, f"job-{number}")
    await repository.close()
    with caplog.at_level(logging.INFO, "dayjob"):
        async with queue_on(path, registry, max_workers=0):
            pass
    (line,) = [record for record in caplog.records if record.name.startswith("dayjob")]
    assert line.levelno == logging.WARNING
    assert line.getMessage().endswith("died with 64 jobs")
    assert (
        len([r for r in kept.of(logging.DEBUG) if "was interrupted in attempt 1 and runs again" in r.getMessage()])
        == 64
    )


async def test_what_a_stop_interrupts_says_so(path: Path, registry: JobRegistry, kept: Kept) -> None:
    began = asyncio.Event()

    async def wait() -> None:
        began.set()
        await asyncio.Event().wait()

    registry.register("tried", wait)
    async with queue_on(path, registry) as queue:
        job_id = await queue.enqueue("tried")
        await began.wait()
    assert kept.records[-1].getMessage() == f"job {job_id} (tried) was interrupted in attempt 1 and runs again"
    assert kept.records[-1].levelno == logging.INFO
