"""The commands about the whole: prune, stats, doctor."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.dayjob.cli.conftest import Dayjob
from tests.dayjob.cli.support import fill
from tests.support import query


def test_prune_counts_and_removes_by_the_retention_of_the_app(dayjob: Dayjob, folder: Path) -> None:
    fill(("stutter", {}), ("stutter", {}))
    query(folder / "jobs.db", "DROP TRIGGER dayjob_job_terminal")
    query(folder / "jobs.db", "UPDATE dayjob_job SET completed_at = completed_at - ?", 2 * 86_400_000_000)
    assert json.loads(dayjob("prune", "--json")[1])["completed"] == 0
    (folder / "prune_app.py").write_text(
        "from datetime import timedelta\nfrom dayjob import JobQueue, Keep, Retention\n"
        "queue = JobQueue(retention=Retention(completed=Keep(age=timedelta(days=1))))\n"
    )
    code, out, _ = dayjob("--app", "prune_app", "prune", "--dry-run")
    assert (code, out.splitlines()[0]) == (0, "completed:        2 would be removed")
    code, out, _ = dayjob("--app", "prune_app", "prune")
    assert (code, out.splitlines()[0]) == (0, "completed:        2 removed")
    assert query(folder / "jobs.db", "SELECT count(*) FROM dayjob_job") == [(0,)]


def test_stats(dayjob: Dayjob) -> None:
    fill(("stutter", {}), ("stutter", {}))
    code, out, _ = dayjob("stats")
    assert code == 0
    assert "completed:          2" in out
    assert "last hour  stutter: 2 completed" in out
    document = json.loads(dayjob("stats", "--json")[1])
    assert (document["jobs"]["completed"], document["last_hour"]) == (2, {"stutter": {"completed": 2}})


def test_doctor(dayjob: Dayjob, folder: Path) -> None:
    fill(("stutter", {}))
    code, out, _ = dayjob("doctor", "--thorough")
    assert code == 0
    assert "ok       integrity: ok" in out
    assert "WARNING  workers: no process works on this database" in out
    query(folder / "jobs.db", "INSERT INTO dayjob_schema VALUES (99, 'future', '')")
    code, out, _ = dayjob("doctor", "--json")
    assert code == 1
    assert {f["name"] for f in json.loads(out) if f["level"] == "error"} == {"schema"}


def test_doctor_finds_a_process_that_died(dayjob: Dayjob, folder: Path) -> None:
    program = (
        "import asyncio, os, dayjob\n"
        "async def main():\n    await dayjob.JobQueue().start()\n    os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())"
    )
    subprocess.run([sys.executable, "-c", program], cwd=folder, check=False, timeout=30)
    code, out, _ = dayjob("doctor")
    assert code == 0
    assert "1 of 1 died" in out
