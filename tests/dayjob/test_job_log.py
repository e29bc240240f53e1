"""What a job logs becomes its lines: whoever says it, wherever it runs, bounded, and never somebody else's."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.dayjob import child_handlers
from tests.support import eventually

from dayjob import JobContext, JobQueue, JobRegistry, Status
from dayjob.current import InAttempt
from dayjob.events import LogWritten
from dayjob.job_log import MAX_LINE, JobLog, JobLogger, start_capture, stop_capture

app_log = logging.getLogger("tests.an_app")


def in_attempt_with(log: JobLog) -> InAttempt:
    return InAttempt(SimpleNamespace(job_id="a", progress=None, log=log))


@pytest.fixture(autouse=True)
def levels() -> Any:
    before = app_log.level
    app_log.setLevel(logging.INFO)
    yield
    app_log.setLevel(before)


async def lines(queue: JobQueue, job_type: str, **args: Any) -> list[tuple[int, str, str]]:
    """What a new job of this type logged: numbers, levels, texts."""
    job = await queue.wait(await queue.enqueue(job_type, job_args=args), timeout=30)
    return [(line.seq, line.level, line.text) for line in await queue.get_logs(job.id)]


async def test_a_coroutine_and_the_tasks_it_starts(queue: JobQueue, registry: JobRegistry) -> None:
    async def part() -> None:
        app_log.warning("from a task")

    async def copy() -> None:
        app_log.info("copying %d files", 3)
        await asyncio.create_task(part())
        await asyncio.to_thread(app_log.error, "from a thread")

    registry.register("copy", copy)
    assert await lines(queue, "copy") == [
        (1, "INFO", "copying 3 files"),
        (2, "WARNING", "from a task"),
        (3, "ERROR", "from a thread"),
    ]


async def test_a_plain_function(queue: JobQueue, registry: JobRegistry) -> None:
    def copy(ctx: JobContext) -> None:
        app_log.info("in %s", threading.current_thread().name.split("-")[0])
        ctx.log.debug("by ctx")

    registry.register("copy", copy)
    assert await lines(queue, "copy") == [(1, "INFO", "in dayjob"), (2, "DEBUG", "by ctx")]


@pytest.mark.parametrize("form", ["coroutine", "thread"])
async def test_ctx_log_reaches_the_job_from_threads_that_know_nothing_of_it(
    queue: JobQueue, registry: JobRegistry, form: str
) -> None:
    def copy(ctx: JobContext) -> None:
        thread = threading.Thread(target=ctx.log.info, args=("from a thread of its own",))
        thread.start()
        thread.join()

    async def copy_in_task(ctx: JobContext) -> None:
        copy(ctx)

    registry.register("copy", copy if form == "thread" else copy_in_task)
    assert await lines(queue, "copy") == [(1, "INFO", "from a thread of its own")]


async def test_a_child_process(queue: JobQueue, registry: JobRegistry) -> None:
    registry.register("say", child_handlers.say, run_in="process")
    assert await lines(queue, "say", n=250) == [
        *((n, "WARNING", f"line {n}") for n in range(1, 251)),
        (251, "DEBUG", "by ctx"),
    ]


async def test_what_a_child_said_before_it_crashed_is_there(queue: JobQueue, registry: JobRegistry) -> None:
    registry.register("crash", child_handlers.say_and_wait_for_a_kill, run_in="process")
    job_id = await queue.enqueue("crash")
    (line,) = await eventually(lambda: queue.get_logs(job_id))
    assert line.text == "about to crash"
    await queue.cancel_job(job_id)
    await queue.wait(job_id, timeout=30)
    assert [line.text for line in await queue.get_logs(job_id)] == ["about to crash"]


async def test_jobs_at_the_same_time_do_not_hear_each_other(queue: JobQueue, registry: JobRegistry) -> None:
    together = asyncio.Barrier(2)

    async def copy(name: str) -> None:
        await together.wait()
        app_log.info("one of %s", name)
        await together.wait()
        app_log.info("two of %s", name)

    registry.register("copy", copy)
    app_log.info("nobody's")
    found = await asyncio.gather(lines(queue, "copy", name="a"), lines(queue, "copy", name="b"))
    assert [[text for _, _, text in job] for job in found] == [[f"{n} of {x}" for n in ("one", "two")] for x in "ab"]


async def test_attempts_share_the_numbers(queue: JobQueue, registry: JobRegistry) -> None:
    async def copy(ctx: JobContext) -> None:
        ctx.log.info("try %d", ctx.attempt)
        assert ctx.attempt == 2

    registry.register("copy", copy, max_attempts=2, backoff=lambda _: 0)
    job_id = await queue.enqueue("copy")
    await queue.wait(job_id, timeout=30)
    found = await queue.get_logs(job_id)
    assert [(line.seq, line.attempt, line.text) for line in found] == [(1, 1, "try 1"), (2, 2, "try 2")]
    assert found == await queue.get_logs(job_id, limit=1) + await queue.get_logs(job_id, after=1)


async def test_lines_are_there_while_the_job_runs_and_the_bus_says_so(queue: JobQueue, registry: JobRegistry) -> None:
    goes_on, told = asyncio.Event(), asyncio.Event()

    async def copy(ctx: JobContext) -> None:
        ctx.log.info("begun")
        await goes_on.wait()

    registry.register("copy", copy)
    unlisten = queue.bus.listen(lambda event: told.set() if isinstance(event, LogWritten) else None)
    job_id = await queue.enqueue("copy")
    await asyncio.wait_for(told.wait(), 10)
    unlisten()
    assert [line.text for line in await queue.get_logs(job_id)] == ["begun"]
    goes_on.set()
    assert (await queue.wait(job_id, 10)).status is Status.COMPLETED


async def test_a_job_keeps_its_newest_lines_and_says_how_many_it_lost(queue: JobQueue, registry: JobRegistry) -> None:
    async def copy(ctx: JobContext) -> None:
        for n in range(1, 1601):
            ctx.log.info("line %d", n)

    registry.register("copy", copy)
    found = await lines(queue, "copy")
    assert found[0] == (600, "WARNING", "600 lines dropped")
    assert found[1] == (601, "INFO", "line 601")
    assert found[-1] == (1600, "INFO", "line 1600")
    assert len(found) == 1001


async def test_a_job_keeps_so_many_bytes(queue: JobQueue, registry: JobRegistry) -> None:
    async def copy(ctx: JobContext) -> None:
        for _ in range(100):
            ctx.log.info("ä" * 5000)
            await asyncio.sleep(0)

    registry.register("copy", copy)
    _, *kept = await lines(queue, "copy")
    assert {len(text) for _, _, text in kept} == {MAX_LINE}
    assert 250_000 < sum(len(text.encode()) for _, _, text in kept) <= 256 * 1024


class Hostile:
    def __str__(self) -> str:
        raise RuntimeError("no text")


async def test_a_log_call_that_cannot_be_shown_costs_its_line_only(queue: JobQueue, registry: JobRegistry) -> None:
    async def copy(ctx: JobContext) -> str:
        app_log.warning("a %s", Hostile())
        ctx.log.warning(Hostile())
        ctx.log.warning("nul \0, half a \ud83d")
        return "done"

    registry.register("copy", copy)
    logging.raiseExceptions, before = False, logging.raiseExceptions
    try:
        texts = [text for _, _, text in await lines(queue, "copy")]
    finally:
        logging.raiseExceptions = before
    assert texts[:2] == [f"{said} (it cannot be shown: RuntimeError)" for said in ("a %s", "Hostile")]
    assert texts[2:] == ["nul \\0, half a \\ud83d"]


async def test_an_exception_is_logged_with_its_traceback(queue: JobQueue, registry: JobRegistry) -> None:
    async def copy(ctx: JobContext) -> None:
        for log in (ctx.log, app_log):
            try:
                raise KeyError("where")
            except KeyError:
                log.exception("lost")

    registry.register("copy", copy)
    for _, level, text in await lines(queue, "copy"):
        assert level == "ERROR"
        assert text.startswith("lost\nTraceback")
        assert text.endswith("KeyError: 'where'")


def test_what_comes_after_the_end_is_not_taken_in() -> None:
    log = JobLog()
    log.add(1, "INFO", "before")
    assert [text for _, _, text in log.close().lines] == ["before"]
    log.add(2, "INFO", "after")
    assert not log.take()


def test_what_waits_to_be_stored_is_bounded_and_what_was_dropped_is_counted() -> None:
    told: list[int] = []
    log = JobLog(lambda: told.append(1))
    for n in range(5000):
        log.add(n, "INFO", str(n))
    new = log.take()
    assert (len(new.lines), new.dropped, new.lines[-1][2], told) == (1000, 4000, "4999", [1])
    for n in range(1000):
        log.add(n, "INFO", "x" * MAX_LINE)
    log.missed(7)
    new = log.take()
    assert (len(new.lines), new.dropped) == (131, 869 + 7)
    assert not log.take()


def test_ctx_log_names_its_caller_and_is_not_written_twice(caplog: pytest.LogCaptureFixture) -> None:
    log = JobLog()
    logger = JobLogger(logging.getLogger("dayjob.job"), {"job_id": "a"})
    start_capture()
    try:
        with in_attempt_with(log), caplog.at_level(logging.INFO):
            logger.info("once", extra={"mine": 1})
    finally:
        stop_capture()
    assert [text for _, _, text in log.take().lines] == ["once"]
    (record,) = caplog.records
    assert (record.filename, record.job_id, record.mine) == ("test_job_log.py", "a", 1)  # type: ignore[attr-defined]


async def test_the_root_logger_is_left_as_it_was(path: Path) -> None:
    before = list(logging.getLogger().handlers)
    one, two = (JobQueue(f"sqlite:///{path}{n}", registry=JobRegistry(), max_workers=0) for n in "12")
    async with one:
        async with two:
            assert len(logging.getLogger().handlers) == len(before) + 1
        assert len(logging.getLogger().handlers) == len(before) + 1
    assert logging.getLogger().handlers == before


UNCONFIGURED = """
import asyncio, logging, sys
from dayjob import JobQueue, job
from tests.dayjob.child_handlers import say_quietly

job("process", run_in="process")(say_quietly)
job("thread")(say_quietly)
@job("task")
async def task(): await asyncio.to_thread(say_quietly)

async def main():
    async with JobQueue(f"sqlite:///{sys.argv[1]}") as queue:
        for name in ("task", "thread", "process"):
            job_id = await queue.enqueue(name)
            await queue.wait(job_id)
            print(name, [line.level + " " + line.text for line in await queue.get_logs(job_id)])
            logging.info("nobody's")

asyncio.run(main())
"""


def test_an_app_that_configured_no_logging_has_its_jobs_logs_all_the_same(path: Path) -> None:
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", UNCONFIGURED, str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, cwd=root)
    said = ["INFO to be seen", "INFO by the module", "WARNING loud"]
    assert run.stdout.splitlines() == [f"{name} {said}" for name in ("task", "thread", "process")]
    assert run.stderr == "loud\n" * 3  # as without dayjob


def test_the_output_of_the_app_stays_as_its_levels_say(caplog: pytest.LogCaptureFixture) -> None:
    own, silent = logging.getLogger("tests.own_level"), logging.getLogger("tests.silent")
    own.setLevel(logging.ERROR)
    silent.propagate = False
    log = JobLog()
    start_capture()
    try:
        with in_attempt_with(log):
            logging.getLogger("tests.quiet").info("for the job only")
            logging.getLogger("tests.quiet").debug("for nobody")
            for each in (own, silent):
                each.info("nor this")
            logging.getLogger("dayjob.any").info("nor ours")
            logging.disable(logging.INFO)
            logging.getLogger("tests.quiet").info("nor what is switched off")
    finally:
        logging.disable(logging.NOTSET)
        stop_capture()
    assert [text for _, _, text in log.take().lines] == ["for the job only"]
    assert caplog.records == []


def test_a_filter_of_the_logger_counts_for_the_job_too() -> None:
    logger, log = logging.getLogger("tests.filtered"), JobLog()
    logger.addFilter(lambda record: "secret" not in record.getMessage())
    start_capture()
    try:
        with in_attempt_with(log):
            logger.info("a secret")
            logger.info("no %s", "surprise")
    finally:
        stop_capture()
    assert [text for _, _, text in log.take().lines] == ["no surprise"]


def test_records_name_their_caller_as_before(caplog: pytest.LogCaptureFixture) -> None:
    start_capture()
    try:
        logging.getLogger("tests.caller").warning("here")
        logging.warning("and here")
        logging.LoggerAdapter(logging.getLogger("tests.caller"), {}).warning("by an adapter")
    finally:
        stop_capture()
    assert [(r.filename, r.funcName) for r in caplog.records] == [
        ("test_job_log.py", "test_records_name_their_caller_as_before")
    ] * 3


def test_who_replaces_logging_after_us_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    before = logging.Logger.isEnabledFor
    start_capture()
    ours = logging.Logger.isEnabledFor
    monkeypatch.setattr(logging.Logger, "isEnabledFor", theirs := lambda logger, level: ours(logger, level))
    stop_capture()
    assert logging.Logger.isEnabledFor is theirs
    start_capture()
    assert logging.getLogger("tests.again").isEnabledFor(logging.ERROR)
    monkeypatch.undo()
    stop_capture()
    assert logging.Logger.isEnabledFor is before


def test_warnings_are_printed_as_if_we_were_not_there() -> None:
    program = (
        "import logging; from dayjob.job_log import start_capture; start_capture();"
        "logging.getLogger('a').warning('printed'); logging.getLogger('a').info('quiet');"
        "own = logging.getLogger('b'); own.addHandler(logging.NullHandler()); own.warning('swallowed')"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30)
    assert run.stderr == "printed\n"
