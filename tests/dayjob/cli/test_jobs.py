"""The commands about single jobs: list, show, run, cancel."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.dayjob.cli.conftest import Dayjob
from tests.dayjob.cli.support import HOSTILE, fill, stored
from tests.support import query

from dayjob.repository.sqlite import space


class TestList:
    def test_newest_first(self, dayjob: Dayjob) -> None:
        ids = fill(("echo", {}), ("fail", {}))
        code, out, err = dayjob("list")
        first, second = out.splitlines()
        assert (code, err) == (0, "")
        assert first.startswith(ids[1][-8:])
        assert "failed" in first
        assert "it broke" in first
        assert second.startswith(ids[0][-8:])
        assert re.search(r"completed +100 % +echo +\d+ s ago", second)

    def test_a_stalled_job_and_its_stage(self, dayjob: Dayjob, folder: Path) -> None:
        fill(("echo", {}), run=False)
        running = "UPDATE dayjob_job SET status = 'running', stage = 'Scenes', message = 'page 3', stalled_since = 1"
        query(folder / "jobs.db", running)
        _, out, _ = dayjob("list")
        assert out.strip().endswith("ago  stalled: Scenes: page 3")
        _, out, _ = dayjob("list", "--json")
        assert json.loads(out)[0]["stalled_since"] == "1970-01-01T00:00:00.000001+00:00"

    def test_a_family(self, dayjob: Dayjob, folder: Path) -> None:
        parent, child = fill(("echo", {}), ("echo", {}), run=False)
        query(folder / "jobs.db", "UPDATE dayjob_job SET parent_id = ? WHERE id = ?", parent, child)
        query(folder / "jobs.db", "UPDATE dayjob_job SET ready = 2, waits_for = 1 WHERE id = ?", parent)
        _, out, _ = dayjob("list", "--parent", parent[-8:])
        assert out.startswith(child[-8:])
        assert len(out.splitlines()) == 1
        assert dayjob("list", "--parent", child)[1] == "No jobs match.\n"
        assert dayjob("list")[1].splitlines()[1].endswith("ago  waits for 1 child")
        assert re.search(r"^waits_for: +1$", dayjob("show", parent)[1], re.MULTILINE)
        assert re.search(rf"^parent_id: +{parent}$", dayjob("show", child)[1], re.MULTILINE)

    def test_an_empty_database(self, dayjob: Dayjob) -> None:
        fill()
        assert dayjob("list") == (0, "No jobs.\n", "")
        assert dayjob("list", "--type", "x") == (0, "No jobs match.\n", "")
        assert dayjob("list", "--json") == (0, "[]\n", "")

    def test_filters(self, dayjob: Dayjob) -> None:
        fill(("echo", {}), ("fail", {}), ("talk", {"text": "x"}))

        def types(*options: str) -> list[str]:
            code, out, _ = dayjob("list", "--json", *options)
            assert code == 0
            return [job["type"] for job in json.loads(out)]

        assert types() == ["talk", "fail", "echo"]
        assert types("--status", "completed") == ["talk", "echo"]
        assert types("--status", "completed", "--status", "failed") == ["talk", "fail", "echo"]
        assert types("--type", "echo", "--type", "fail") == ["fail", "echo"]
        assert types("--type", "talk", "--status", "failed") == []
        assert types("--limit", "2") == ["talk", "fail"]

    @pytest.mark.parametrize("limit", ["0", "-1", "1001", "abc", "", "1e3", "²"])
    def test_bad_limits(self, dayjob: Dayjob, limit: str) -> None:
        code, out, err = dayjob("list", "--limit", limit)
        assert (code, out) == (2, "")
        assert "1000" in err

    def test_a_status_that_is_none(self, dayjob: Dayjob) -> None:
        assert dayjob("list", "--status", "done")[0] == 2


class TestShow:
    def test_everything_about_a_job(self, dayjob: Dayjob) -> None:
        (job_id,) = fill(("echo", {"text": "Żółw"}))
        code, out, _ = dayjob("show", job_id)
        shown = dict(line.split(":", 1) for line in out.splitlines())
        assert code == 0
        assert {name: shown[name].strip() for name in ("id", "status", "result", "args")} == {
            "id": job_id,
            "status": "completed",
            "result": "Żółw",
            "args": '{"text": "Żółw"}',
        }

    def test_as_json(self, dayjob: Dayjob) -> None:
        (job_id,) = fill(("echo", {"text": "Żółw\n"}))
        code, out, _ = dayjob("show", "--json", job_id)
        job = json.loads(out)
        assert (code, job["id"], job["result"], job["status"], job["error"]) == (0, job_id, "Żółw\n", "completed", None)
        assert job["created_at"].endswith("+00:00")

    def test_the_end_of_an_id_is_enough(self, dayjob: Dayjob) -> None:
        ids = fill(("echo", {}), ("echo", {}))
        for job_id in ids:
            assert json.loads(dayjob("show", "--json", job_id[-8:])[1])["id"] == job_id

    def test_an_end_that_two_have_is_refused(self, dayjob: Dayjob) -> None:
        fill(("echo", {}), ("echo", {}), ids=("a-7", "b-7"))
        code, out, err = dayjob("show", "7")
        assert (code, out) == (3, "")
        assert "2 jobs end with '7'" in err

    def test_a_whole_id_wins_over_an_end(self, dayjob: Dayjob) -> None:
        fill(("echo", {}), ("echo", {}), ids=("7", "a-7"))
        assert json.loads(dayjob("show", "--json", "7")[1])["id"] == "7"

    @pytest.mark.parametrize("wanted", ["nobody", "", "%", "' OR 1=1 --", "\udcff", HOSTILE, "x" * 10_000])
    def test_no_such_job(self, dayjob: Dayjob, wanted: str) -> None:
        fill(("echo", {}))
        code, out, err = dayjob("show", "--", wanted)
        assert (code, out) == (3, "")
        assert err.startswith("dayjob: ")


def test_show_tells_the_attempts(dayjob: Dayjob) -> None:
    fill(("stutter", {}), ids=("job0",))
    out = dayjob("show", "job0")[1]
    first, second = [line for line in out.splitlines() if line.startswith("attempt ")][-2:]
    assert first.endswith(": retry: ValueError: not yet")
    assert second.endswith(": complete")
    out = dayjob("show", "--json", "job0")[1]
    attempts = json.loads(out)["attempts"]
    assert [(a["attempt"], a["outcome"]) for a in attempts] == [(1, "retry"), (2, "complete")]
    assert attempts[0]["traceback"].endswith("ValueError: not yet\n")


class TestRun:
    def test_it_prints_the_id(self, dayjob: Dayjob) -> None:
        code, out, err = dayjob("run", "--any-type", "echo", "--arg", "text=hi")
        (job,) = stored()
        assert (code, out) == (0, job.id + "\n")
        assert (job.type, job.args, job.status) == ("echo", {"text": "hi"}, "pending")
        assert "'echo' waits until a process knows this type" in err

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            (["--arg", "n=5"], {"n": 5}),
            (["--arg", "t=true", "--arg", "z=null", "--arg", 'l=[1,"a"]'], {"t": True, "z": None, "l": [1, "a"]}),
            (["--arg", "s=plain text"], {"s": "plain text"}),
            (["--arg", "s="], {"s": ""}),
            (["--arg", "s=a=b"], {"s": "a=b"}),
            (["--arg", 's="5"'], {"s": "5"}),
            (["--arg", "s=NaN"], {"s": "NaN"}),
            (["--args", '{"a": {"b": 1}}', "--arg", "c=2"], {"a": {"b": 1}, "c": 2}),
            ([], {}),
        ],
    )
    def test_arguments(self, dayjob: Dayjob, arguments: list[str], expected: dict[str, Any]) -> None:
        assert dayjob("run", "--any-type", "echo", *arguments)[0] == 0
        assert stored()[0].args == expected

    def test_options(self, dayjob: Dayjob) -> None:
        assert (
            dayjob("run", "--any-type", "echo", "--id", "mine", "--priority", "7", "--delay", "60", "--timeout", "9")[1]
            == "mine\n"
        )
        (job,) = stored()
        assert job.run_at is not None
        assert (job.id, job.priority, job.timeout) == ("mine", 7, 9)
        assert (job.run_at - job.created_at).total_seconds() == 60

    def test_as_json(self, dayjob: Dayjob) -> None:
        job = json.loads(dayjob("run", "--any-type", "--json", "echo")[1])
        assert (job["type"], job["status"]) == ("echo", "pending")

    @pytest.mark.parametrize(
        ("arguments", "complaint"),
        [
            (["echo", "--args", "{"], "--args is not valid JSON"),
            (["echo", "--args", "[]"], "JSON object"),
            (["echo", "--arg", "text"], "--arg NAME=VALUE"),
            (["echo", "--arg", "n=1e999"], "JSON"),
            (["echo", "--arg", f"n={2**63}"], "64 bits"),
            (["echo", "--arg", "n=a\0b"], "NUL"),
            (["echo", "--id", "a/b"], "job id"),
            (["echo", "--id", "no spaces"], "job id"),
            (["echo", "--id", "ws"], "job id"),
            (["a b"], "job type"),
            (["../x"], "job type"),
            ([""], "job type"),
        ],
    )
    def test_what_cannot_be(self, dayjob: Dayjob, arguments: list[str], complaint: str) -> None:
        code, out, err = dayjob("run", "--any-type", *arguments)
        assert (code, out) == (2, "")
        assert complaint in err
        assert not Path("jobs.db").exists() or stored() == []

    @pytest.mark.parametrize(
        "option",
        [
            *(f"--delay={delay}" for delay in ("nan", "inf", "-1", "1e300", "315360001", "x", "")),
            *(f"--timeout={timeout}" for timeout in ("0", "nan", "-1", "x")),
            *(f"--priority={priority}" for priority in ("1001", "-1001", "9" * 5000, "1.5", "x", "", "²")),
        ],
    )
    def test_wrong_usage(self, dayjob: Dayjob, option: str) -> None:
        code, out, err = dayjob("run", "--any-type", "echo", option)
        assert (code, out) == (2, "")
        assert "use " in err
        assert not Path("jobs.db").exists()

    def test_the_same_id_with_other_arguments_is_refused(self, dayjob: Dayjob) -> None:
        assert dayjob("run", "--any-type", "echo", "--id", "mine", "--arg", "a=1")[0] == 0
        assert dayjob("run", "--any-type", "echo", "--id", "mine", "--arg", "a=1")[:2] == (0, "mine\n")
        code, _, err = dayjob("run", "--any-type", "echo", "--id", "mine", "--arg", "a=2")
        assert code == 1
        assert "mine" in err


class TestCancel:
    def test_a_waiting_job(self, dayjob: Dayjob) -> None:
        (job_id,) = fill(("echo", {}), run=False)
        for _ in range(2):
            assert dayjob("cancel", job_id[-8:]) == (0, f"{job_id}: cancelled\n", "")
        assert stored()[0].status == "cancelled"

    def test_a_finished_job(self, dayjob: Dayjob) -> None:
        (job_id,) = fill(("echo", {}))
        assert dayjob("cancel", job_id) == (1, f"{job_id}: completed\n", "")
        code, out, _ = dayjob("cancel", "--json", job_id)
        assert (code, json.loads(out)["status"]) == (1, "completed")

    def test_no_such_job(self, dayjob: Dayjob) -> None:
        fill(("echo", {}))
        assert dayjob("cancel", "nobody")[0] == 3


@pytest.fixture
def works(folder: Path) -> Iterator[None]:
    """A process that knows ``flaky`` (three attempts, of a quarter of a second each)."""
    (folder / "flaky_app.py").write_text(
        "import asyncio, sys\n"
        "from dayjob import JobContext, JobQueue, constant, job\n"
        "queue = JobQueue('sqlite:///jobs.db')\n"
        "@job('flaky', max_attempts=3, timeout=0.25, backoff=constant(0))\n"
        "async def flaky(ctx: JobContext, hang: bool = False) -> int:\n"
        "    if hang:\n        await asyncio.sleep(60)\n"
        "    if ctx.attempt < 3:\n        raise ConnectionError('not yet')\n"
        "    return ctx.attempt\n"
        "async def main():\n    async with queue:\n"
        "        print('up', flush=True)\n        await asyncio.to_thread(sys.stdin.read)\n"
        "if __name__ == '__main__':\n    asyncio.run(main())\n"
    )
    command = [sys.executable, "flaky_app.py"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    worker = subprocess.Popen(command, cwd=folder, text=True, **pipes)  # type: ignore[call-overload]
    assert worker.stdout.readline() == "up\n"
    yield
    worker.communicate(timeout=30)


@pytest.mark.usefixtures("works")
def test_a_job_that_is_added_without_the_code_has_the_options_of_its_type(dayjob: Dayjob) -> None:
    code, out, err = dayjob("run", "flaky", "--watch", "--json")
    job = json.loads(out)
    assert (code, job["status"], job["attempt"], job["failures"], job["max_attempts"]) == (0, "completed", 3, 2, 3), err
    code, out, _ = dayjob("run", "flaky", "--arg", "hang=true", "--watch", "--json")
    job = json.loads(out)
    assert (code, job["status"], job["attempt"], job["failures"]) == (1, "failed", 3, 3)
    assert job["error"] == "The job ran longer than its timeout."
    code, out, _ = dayjob("retry", job["id"], "--watch", "--json")
    assert (code, json.loads(out)["attempt"]) == (1, 3)


@pytest.mark.usefixtures("works")
def test_a_type_that_nobody_knows_is_an_error_unless_asked_for(dayjob: Dayjob) -> None:
    code, out, err = dayjob("run", "flakey")
    assert (code, out) == (3, "")
    assert "There is no job type 'flakey'" in err
    assert "Known now: flaky." in err
    assert "--any-type" in err
    assert stored() == []
    code, out, err = dayjob("run", "flakey", "--any-type")
    assert code == 0
    assert "waits until a process knows this type" in err
    (job,) = stored()
    assert (job.status, job.max_attempts) == ("pending", None)
    assert "max_attempts" not in dayjob("show", out.strip())[1]


@pytest.mark.usefixtures("works")
def test_a_job_whose_type_no_worker_knows_is_told(dayjob: Dayjob) -> None:
    job_id = dayjob("run", "renamed", "--any-type")[1].strip()
    assert "no worker knows the type 'renamed'" in dayjob("show", job_id)[2]
    assert "renamed: no worker knows this type" in dayjob("stats")[1]
    code, out, _ = dayjob("doctor")
    assert code == 0  # it is a warning
    assert "WARNING  types: jobs wait whose type no worker knows (was it renamed?): renamed;" in out
    dayjob("cancel", job_id)
    assert "no worker knows" not in dayjob("show", job_id)[2]
    assert "no job waits for a type that no worker knows" in dayjob("doctor")[1]


def test_a_type_that_ran_before_is_known_while_nobody_works(dayjob: Dayjob) -> None:
    fill(("echo", {"text": "a"}))
    code, _, err = dayjob("run", "echo", "--arg", "text=b")
    assert code == 0
    assert "waits until a process knows this type" in err
    assert dayjob("run", "ecco")[0] == 3


def test_a_job_is_refused_when_the_disk_is_nearly_full(
    dayjob: Dayjob, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space, "_SPARE", 1 << 60)
    code, _, err = dayjob("run", "--any-type", "elsewhere")
    assert (code, "are kept for the jobs that run" in err) == (4, True)
    assert query(folder / "jobs.db", "SELECT count(*) FROM dayjob_job") == [(0,)]
