"""The commands that show what jobs left behind: logs, attempts, numbers, health; and the one that removes it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support import query

from dayjob import JobContext, JobQueue, JobRegistry
from dayjob.cli import main

registry = JobRegistry()


@registry.job("talk", max_attempts=2, backoff=lambda _: 0)
async def talk(ctx: JobContext, text: str = "a line") -> None:
    ctx.log.info(text)
    if ctx.attempt == 1:
        raise ValueError("not yet")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def fill(*jobs: dict[str, Any]) -> None:
    async def filling() -> None:
        async with JobQueue(registry=registry, durability="process") as queue:
            for n, args in enumerate(jobs):
                await queue.wait(await queue.enqueue("talk", job_args=args, job_id=f"job{n}"), timeout=30)

    asyncio.run(filling())


@pytest.fixture
def dayjob(capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        return main(arguments), capsys.readouterr().out

    return call


def test_logs_as_text_and_as_lines_of_json(dayjob: Any) -> None:
    fill({"text": "one\ntwo \x1b[2J"})
    code, out = dayjob("logs", "job0")
    assert code == 0
    assert [line[20:] for line in out.splitlines() if not line.startswith("    ")] == ["INFO     one"] * 2
    assert [line for line in out.splitlines() if line.startswith("    ")] == ["    two  [2J"] * 2
    _, out = dayjob("logs", "--json", "job0")
    assert [(d["seq"], d["attempt"], d["text"]) for d in map(json.loads, out.splitlines())] == [
        (1, 1, "one\ntwo \x1b[2J"),
        (2, 2, "one\ntwo \x1b[2J"),
    ]


@contextlib.contextmanager
def following(folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "dayjob.cli", "logs", "job0", "--follow"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        yield process


def test_logs_are_followed_to_the_end(folder: Path) -> None:
    goes_on = asyncio.Event()
    mine = JobRegistry()

    @mine.job("wait")
    async def wait(ctx: JobContext) -> None:
        ctx.log.info("begun")
        await goes_on.wait()
        ctx.log.info("ended")

    async def play() -> list[str]:
        async with JobQueue(registry=mine) as queue:
            await queue.enqueue("wait", job_id="job0")
            with following(folder) as process:
                assert process.stdout is not None
                first = await asyncio.wait_for(asyncio.to_thread(process.stdout.readline), 30)
                goes_on.set()
                rest = await asyncio.wait_for(asyncio.to_thread(process.stdout.read), 30)
                assert await asyncio.to_thread(process.wait, 30) == 0
        return [line.split()[-1] for line in [first, *rest.splitlines()]]

    assert asyncio.run(play()) == ["begun", "ended"]


def test_show_tells_the_attempts(dayjob: Any) -> None:
    fill({})
    _, out = dayjob("show", "job0")
    first, second = [line for line in out.splitlines() if line.startswith("attempt ")][-2:]
    assert first.endswith(": retry: ValueError: not yet")
    assert second.endswith(": complete")
    _, out = dayjob("show", "--json", "job0")
    attempts = json.loads(out)["attempts"]
    assert [(a["attempt"], a["outcome"]) for a in attempts] == [(1, "retry"), (2, "complete")]
    assert attempts[0]["traceback"].endswith("ValueError: not yet\n")


def test_prune_counts_and_removes_by_the_retention_of_the_app(dayjob: Any, folder: Path) -> None:
    fill({}, {})
    query(folder / "jobs.db", "DROP TRIGGER dayjob_job_terminal")
    query(folder / "jobs.db", "UPDATE dayjob_job SET completed_at = completed_at - ?", 2 * 86_400_000_000)
    assert json.loads(dayjob("prune", "--json")[1])["completed"] == 0
    (folder / "prune_app.py").write_text(
        "from datetime import timedelta\nfrom dayjob import JobQueue, Keep, Retention\n"
        "queue = JobQueue(retention=Retention(completed=Keep(age=timedelta(days=1))))\n"
    )
    code, out = dayjob("--app", "prune_app", "prune", "--dry-run")
    assert (code, out.splitlines()[0]) == (0, "completed:        2 would be removed")
    code, out = dayjob("--app", "prune_app", "prune")
    assert (code, out.splitlines()[0]) == (0, "completed:        2 removed")
    assert query(folder / "jobs.db", "SELECT count(*) FROM dayjob_job") == [(0,)]
    sys.modules.pop("prune_app")


def test_stats(dayjob: Any) -> None:
    fill({}, {})
    code, out = dayjob("stats")
    assert code == 0
    assert "completed:          2" in out
    assert "last hour  talk: 2 completed" in out
    document = json.loads(dayjob("stats", "--json")[1])
    assert (document["jobs"]["completed"], document["last_hour"]) == (2, {"talk": {"completed": 2}})


def test_doctor(dayjob: Any, folder: Path) -> None:
    fill({})
    code, out = dayjob("doctor", "--thorough")
    assert code == 0
    assert "ok       integrity: ok" in out
    assert "WARNING  workers: no process works on this database" in out
    query(folder / "jobs.db", "INSERT INTO dayjob_schema VALUES (99, 'future')")
    code, out = dayjob("doctor", "--json")
    assert code == 1
    assert {f["name"] for f in json.loads(out) if f["level"] == "error"} == {"schema"}


def test_doctor_finds_a_process_that_died(dayjob: Any, folder: Path) -> None:
    program = (
        "import asyncio, os, dayjob\n"
        "async def main():\n    await dayjob.JobQueue().start()\n    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())"
    )
    subprocess.run([sys.executable, "-c", program], cwd=folder, check=False, timeout=30)
    code, out = dayjob("doctor")
    assert code == 0
    assert "1 of 1 died" in out
