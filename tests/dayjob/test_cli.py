"""The ``dayjob`` command: in this process for its answers, as one of its own for signals, pipes and exit codes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support import query

from dayjob import JobQueue, JobRegistry, JobStatus, ProgressReporter, __version__
from dayjob.cli import main
from dayjob.repository import sqlite
from dayjob.testing import drain

HOSTILE = "\x1b[2J\x1b]0;owned\a\r\nsecond line \x9b31m \u202e"
APP = """
from dayjob import JobQueue, JobRegistry
registry = JobRegistry()

@registry.job("add")
async def add(a: int, b: int = 1) -> int:
    return a + b

queue = JobQueue("sqlite:///app.db", registry=registry)
jobs = queue
nothing = 5
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working directory, with an app in ``cli_app.py``."""
    (tmp_path / "cli_app.py").write_text(APP)
    monkeypatch.chdir(tmp_path)
    before = list(sys.path)
    yield tmp_path
    sys.path[:] = before
    sys.modules.pop("cli_app", None)


def make_registry() -> JobRegistry:
    registry = JobRegistry()

    @registry.job("echo")
    async def echo(text: str = "hello") -> str:
        return text

    @registry.job("fail")
    async def fail(text: str = "it broke") -> None:
        raise RuntimeError(text)

    @registry.job("talk")
    async def talk(job_id: str, text: str) -> None:
        await ProgressReporter(job_id, total_items=2).update(1, text)

    return registry


def fill(*jobs: tuple[str, dict[str, Any]], run: bool = True, ids: tuple[str, ...] = (), delay: float = 0) -> list[str]:
    """Add jobs to ``jobs.db`` here, run them all, and return their ids."""

    async def filling() -> list[str]:
        async with JobQueue(max_workers=1 if run else 0, registry=make_registry(), durability="process") as queue:
            added = [
                await queue.enqueue(job_type, job_args=args, job_id=ids[n] if ids else None, delay=delay)
                for n, (job_type, args) in enumerate(jobs)
            ]
            if run:
                await drain(queue)
            return added

    return asyncio.run(filling())


def stored(url: str = "sqlite:///jobs.db") -> list[JobStatus]:
    async def read() -> list[JobStatus]:
        async with JobQueue(url, max_workers=0, registry=make_registry(), durability="process") as queue:
            return (await queue.list_jobs()).items

    return asyncio.run(read())


def called(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, what was printed, and what was complained."""
    capsys.readouterr()
    try:
        code = main(arguments)
    except SystemExit as stopped:  # argparse
        code = int(str(stopped.code))
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err
    return code, printed.out, printed.err


@pytest.fixture
def dayjob(folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    return lambda *arguments: called(capsys, *arguments)


class TestList:
    def test_newest_first(self, dayjob: Any) -> None:
        ids = fill(("echo", {}), ("fail", {}))
        code, out, err = dayjob("list")
        first, second = out.splitlines()
        assert (code, err) == (0, "")
        assert first.startswith(ids[1][-8:])
        assert "failed" in first
        assert "it broke" in first
        assert second.startswith(ids[0][-8:])
        assert re.search(r"completed +100 % +echo +\d+ s ago", second)

    def test_a_stalled_job_and_its_stage(self, dayjob: Any, folder: Path) -> None:
        fill(("echo", {}), run=False)
        running = "UPDATE dayjob_job SET status = 'running', stage = 'Scenes', message = 'page 3', stalled_since = 1"
        query(folder / "jobs.db", running)
        _, out, _ = dayjob("list")
        assert out.strip().endswith("ago  stalled: Scenes: page 3")
        _, out, _ = dayjob("list", "--json")
        assert json.loads(out)[0]["stalled_since"] == "1970-01-01T00:00:00.000001+00:00"

    def test_a_family(self, dayjob: Any, folder: Path) -> None:
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

    def test_an_empty_database(self, dayjob: Any) -> None:
        fill()
        assert dayjob("list") == (0, "No jobs.\n", "")
        assert dayjob("list", "--type", "x") == (0, "No jobs match.\n", "")
        assert dayjob("list", "--json") == (0, "[]\n", "")

    def test_filters(self, dayjob: Any) -> None:
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
    def test_bad_limits(self, dayjob: Any, limit: str) -> None:
        code, out, err = dayjob("list", "--limit", limit)
        assert (code, out) == (2, "")
        assert "1000" in err

    def test_a_status_that_is_none(self, dayjob: Any) -> None:
        assert dayjob("list", "--status", "done")[0] == 2


class TestShow:
    def test_everything_about_a_job(self, dayjob: Any) -> None:
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

    def test_as_json(self, dayjob: Any) -> None:
        (job_id,) = fill(("echo", {"text": "Żółw\n"}))
        code, out, _ = dayjob("show", "--json", job_id)
        job = json.loads(out)
        assert (code, job["id"], job["result"], job["status"], job["error"]) == (0, job_id, "Żółw\n", "completed", None)
        assert job["created_at"].endswith("+00:00")

    def test_the_end_of_an_id_is_enough(self, dayjob: Any) -> None:
        ids = fill(("echo", {}), ("echo", {}))
        for job_id in ids:
            assert json.loads(dayjob("show", "--json", job_id[-8:])[1])["id"] == job_id

    def test_an_end_that_two_have_is_refused(self, dayjob: Any) -> None:
        fill(("echo", {}), ("echo", {}), ids=("a-7", "b-7"))
        code, out, err = dayjob("show", "7")
        assert (code, out) == (3, "")
        assert "2 jobs end with '7'" in err

    def test_a_whole_id_wins_over_an_end(self, dayjob: Any) -> None:
        fill(("echo", {}), ("echo", {}), ids=("7", "a-7"))
        assert json.loads(dayjob("show", "--json", "7")[1])["id"] == "7"

    @pytest.mark.parametrize("wanted", ["nobody", "", "%", "' OR 1=1 --", "\udcff", HOSTILE, "x" * 10_000])
    def test_no_such_job(self, dayjob: Any, wanted: str) -> None:
        fill(("echo", {}))
        code, out, err = dayjob("show", "--", wanted)
        assert (code, out) == (3, "")
        assert err.startswith("dayjob: ")


class TestRun:
    def test_it_prints_the_id(self, dayjob: Any) -> None:
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
    def test_arguments(self, dayjob: Any, arguments: list[str], expected: dict[str, Any]) -> None:
        assert dayjob("run", "--any-type", "echo", *arguments)[0] == 0
        assert stored()[0].args == expected

    def test_options(self, dayjob: Any) -> None:
        assert (
            dayjob("run", "--any-type", "echo", "--id", "mine", "--priority", "7", "--delay", "60", "--timeout", "9")[1]
            == "mine\n"
        )
        (job,) = stored()
        assert job.run_at is not None
        assert (job.id, job.priority, job.timeout) == ("mine", 7, 9)
        assert (job.run_at - job.created_at).total_seconds() == 60

    def test_as_json(self, dayjob: Any) -> None:
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
            (["echo", "--id", "ws"], "job id"),
            (["a b"], "job type"),
            (["../x"], "job type"),
            ([""], "job type"),
        ],
    )
    def test_what_cannot_be(self, dayjob: Any, arguments: list[str], complaint: str) -> None:
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
    def test_wrong_usage(self, dayjob: Any, option: str) -> None:
        code, out, err = dayjob("run", "--any-type", "echo", option)
        assert (code, out) == (2, "")
        assert "use " in err
        assert not Path("jobs.db").exists()

    def test_the_same_id_with_other_arguments_is_refused(self, dayjob: Any) -> None:
        assert dayjob("run", "--any-type", "echo", "--id", "mine", "--arg", "a=1")[0] == 0
        assert dayjob("run", "--any-type", "echo", "--id", "mine", "--arg", "a=1")[:2] == (0, "mine\n")
        code, _, err = dayjob("run", "--any-type", "echo", "--id", "mine", "--arg", "a=2")
        assert code == 1
        assert "mine" in err


class TestWatch:
    @pytest.mark.parametrize(
        ("job_type", "code", "ending"), [("echo", 0, 'completed: "hello"'), ("fail", 1, "failed: ")]
    )
    def test_the_exit_code_is_the_jobs(self, dayjob: Any, job_type: str, code: int, ending: str) -> None:
        (job_id,) = fill((job_type, {}))
        exit_code, out, _ = dayjob("watch", job_id)
        assert exit_code == code
        assert ending in out.splitlines()[-1]

    def test_a_cancelled_job_is_130(self, dayjob: Any) -> None:
        (job_id,) = fill(("echo", {}), run=False)
        assert dayjob("cancel", job_id)[0] == 0
        assert dayjob("watch", job_id)[0] == 130

    def test_as_json(self, dayjob: Any) -> None:
        (job_id,) = fill(("echo", {}))
        code, out, err = dayjob("watch", "--json", job_id)
        assert (code, json.loads(out)["result"]) == (0, "hello")
        assert "echo" in err

    def test_no_such_job(self, dayjob: Any) -> None:
        fill(("echo", {}))
        assert dayjob("watch", "nobody")[0] == 3


class TestCancel:
    def test_a_waiting_job(self, dayjob: Any) -> None:
        (job_id,) = fill(("echo", {}), run=False)
        for _ in range(2):
            assert dayjob("cancel", job_id[-8:]) == (0, f"{job_id}: cancelled\n", "")
        assert stored()[0].status == "cancelled"

    def test_a_finished_job(self, dayjob: Any) -> None:
        (job_id,) = fill(("echo", {}))
        assert dayjob("cancel", job_id) == (1, f"{job_id}: completed\n", "")
        code, out, _ = dayjob("cancel", "--json", job_id)
        assert (code, json.loads(out)["status"]) == (1, "completed")

    def test_no_such_job(self, dayjob: Any) -> None:
        fill(("echo", {}))
        assert dayjob("cancel", "nobody")[0] == 3


class TestApp:
    def test_arguments_are_checked_by_the_handler(self, dayjob: Any) -> None:
        code, out, _ = dayjob("--app", "cli_app:queue", "run", "add", "--arg", "a=2")
        assert code == 0
        assert [job.id for job in stored("sqlite:///app.db")] == [out.strip()]
        code, _, err = dayjob("--app", "cli_app:queue", "run", "add", "--arg", "a=x")
        assert code == 2
        assert "a input should be a valid integer" in err.lower()

    def test_an_unknown_type_is_told(self, dayjob: Any) -> None:
        code, _, err = dayjob("--app", "cli_app", "run", "nobody")
        assert (code, "Known: add" in err) == (3, True)

    @pytest.mark.parametrize("app", ["cli_app:queue", "cli_app:jobs", "cli_app"])
    def test_it_names_the_database(self, dayjob: Any, app: str) -> None:
        assert dayjob("--app", app, "run", "add", "--arg", "a=1")[0] == 0
        assert "add" in dayjob("--app", app, "list")[1]
        assert not Path("jobs.db").exists()

    @pytest.mark.parametrize(
        ("app", "complaint"),
        [
            ("nowhere:queue", "nowhere"),
            ("cli_app:nobody", "nobody"),
            ("cli_app:nothing", "int"),
            ("", "MODULE:QUEUE"),
            (":queue", "MODULE:QUEUE"),
            ("..:queue", "MODULE:QUEUE"),
        ],
    )
    def test_an_app_that_is_none(self, dayjob: Any, app: str, complaint: str) -> None:
        code, _, err = dayjob("--app", app, "list")
        assert code == 2
        assert complaint in err


class TestDatabases:
    @pytest.mark.parametrize("command", [["list"], ["show", "x"], ["watch", "x"], ["watch"], ["cancel", "x"]])
    def test_a_missing_one_is_not_made(self, dayjob: Any, folder: Path, command: list[str]) -> None:
        code, out, err = dayjob(*command)
        assert (code, out) == (4, "")
        assert f"There is no database {folder / 'jobs.db'}" in err
        assert "--db" in err
        assert not (folder / "jobs.db").exists()

    @pytest.mark.parametrize("url", ["jobs.db", "postgres://x", "sqlite://", "sqlite:///", "nonsense"])
    def test_a_url_that_is_none(self, dayjob: Any, url: str) -> None:
        code, out, err = dayjob("--db", url, "run", "--any-type", "echo")
        assert (code, out) == (2, "")
        assert err.startswith("dayjob: ")

    def test_a_file_that_is_no_database(self, dayjob: Any, folder: Path) -> None:
        (folder / "jobs.db").write_text("not a database, but long enough to be looked at " * 50)
        code, out, err = dayjob("list")
        assert (code, out) == (4, "")
        assert "not a database" in err

    @pytest.mark.parametrize("command", [["list"], ["stats"], ["prune"], ["cancel", "x"], ["schedules"]])
    @pytest.mark.parametrize("script", ["", "CREATE TABLE customer (name)"])
    def test_a_database_of_somebody_else_is_left_as_it_is(
        self, dayjob: Any, folder: Path, script: str, command: list[str]
    ) -> None:
        (folder / "jobs.db").touch()
        query(folder / "jobs.db", script)
        before = (folder / "jobs.db").read_bytes()
        code, out, err = dayjob(*command)
        assert (code, out) == (4, "")
        assert "is not a database of dayjob" in err
        assert (folder / "jobs.db").read_bytes() == before

    def test_another_path(self, dayjob: Any, folder: Path) -> None:
        assert dayjob("--db", f"sqlite:///{folder}/other.db", "run", "--any-type", "echo")[0] == 0
        assert (folder / "other.db").exists()


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["show"], ["cancel"], ["list", "--nonsense"], ["--db"]])
def test_wrong_usage_is_2(dayjob: Any, arguments: list[str]) -> None:
    code, out, err = dayjob(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("usage: dayjob")


@pytest.mark.parametrize(
    "command", [["list"], ["show", "{}"], ["watch", "{}"], ["show", "--json", "{}"], ["list", "--json"]]
)
@pytest.mark.parametrize("job_type", ["echo", "fail", "talk"])
def test_hostile_texts_are_printed_harmlessly(dayjob: Any, command: list[str], job_type: str) -> None:
    (job_id,) = fill((job_type, {"text": HOSTILE}))
    _, out, _ = dayjob(*(part.format(job_id) for part in command))
    assert out.replace("\n", "").isprintable()
    if "--json" not in command:
        assert not [line for line in out.splitlines() if line.startswith("second line")]
    else:
        assert HOSTILE in _texts(json.loads(out)) or (command[0], job_type) == ("list", "echo")  # it has no arguments


def _texts(document: Any) -> str:
    """All texts of a JSON document, one after another."""
    if isinstance(document, dict | list):
        return "\0".join(map(_texts, document.values() if isinstance(document, dict) else document))
    return str(document)


# --- as a process ---


def start(folder: Path, *arguments: str, **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "dayjob.cli", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.Popen(command, cwd=folder, text=True, env=environment, **pipes)


def finished(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def test_version_and_help(folder: Path) -> None:
    assert finished(start(folder, "--version")) == (0, f"dayjob {__version__}\n", "")
    code, out, _ = finished(start(folder, "--help"))
    assert code == 0
    assert all(word in out for word in ("list", "show", "run", "watch", "cancel", "--db", "--app"))


@pytest.mark.parametrize(
    ("arguments", "code"), [(["list"], 4), (["run", "--any-type", "echo"], 0), (["run", "echo"], 4), (["nonsense"], 2)]
)
def test_exit_codes(folder: Path, arguments: list[str], code: int) -> None:
    assert finished(start(folder, *arguments))[0] == code


@pytest.mark.skipif(sys.platform == "win32", reason="pipes break otherwise there")
@pytest.mark.parametrize("jobs", [1, 1000])
def test_a_reader_that_stops_reading_is_no_error(folder: Path, jobs: int) -> None:
    fill(*[("echo", {"text": "x" * 200})] * jobs, run=False)
    reading, writing = os.pipe()
    os.close(reading)
    process = start(folder, "list", "--json", "--limit", "1000", stdout=writing)
    os.close(writing)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no such device here")
def test_an_output_that_cannot_be_written_is_said_in_a_sentence(folder: Path) -> None:
    fill(("echo", {}), run=False)
    with open("/dev/full", "w") as full:
        process = start(folder, "list", stdout=full)
        _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (1, "dayjob: [Errno 28] No space left on device.\n")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize("with_id", [False, True])
def test_ctrl_c_ends_watching_with_130(folder: Path, with_id: bool) -> None:
    (job_id,) = fill(("echo", {}), run=False)
    process = start(folder, "watch", *([job_id] if with_id else []))
    if with_id:
        assert process.stdout is not None
        assert "pending" in process.stdout.readline()
    else:
        _wait_for_the_database(folder, process)
    process.send_signal(signal.SIGINT)
    code, _, err = finished(process)
    assert (code, "Traceback" in err) == (130, False)


def _wait_for_the_database(folder: Path, process: subprocess.Popen[str]) -> None:
    """Until the process has the database open: it is its only sign of life as long as no job runs."""
    database = str((folder / "jobs.db").resolve())
    descriptors = Path(f"/proc/{process.pid}/fd")
    if not descriptors.exists():
        pytest.skip("this system does not show what a process has open")
    for _ in range(100_000):
        with contextlib.suppress(FileNotFoundError):
            if database in {os.path.realpath(link) for link in descriptors.iterdir()}:
                return
    pytest.fail("it did not open the database")


def test_following_a_job_that_another_process_runs(folder: Path) -> None:
    (job_id,) = fill(("talk", {"text": "from afar"}), run=False)
    process = start(folder, "watch", job_id)
    assert process.stdout is not None
    assert "pending" in process.stdout.readline()
    fill()  # starts a queue that works, and waits until all is done
    code, out, _ = finished(process)
    assert (code, out.splitlines()[-1].split()[2]) == (0, "completed:")
    assert "from afar" in out


def test_run_and_watch_with_a_worker_elsewhere(folder: Path) -> None:
    (folder / "worker.py").write_text(
        "import asyncio, sys, cli_app\n"
        "async def main():\n    async with cli_app.queue:\n"
        "        print('up', flush=True)\n        await asyncio.to_thread(sys.stdin.read)\n"
        "asyncio.run(main())\n"
    )
    worker = subprocess.Popen(
        [sys.executable, "worker.py"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "up\n"
    code, out, _ = finished(start(folder, "--app", "cli_app", "run", "add", "--arg", "a=2", "--watch"))
    assert (code, out.splitlines()[-1].rpartition(" ")[2]) == (0, "3")
    unchecked = finished(start(folder, "--db", "sqlite:///app.db", "run", "add", "--arg", "a=x", "--watch"))
    assert unchecked[0] == 1
    assert "waits until" not in unchecked[2]
    worker.communicate(timeout=30)
    assert worker.returncode == 0


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
def test_a_job_that_is_added_without_the_code_has_the_options_of_its_type(dayjob: Any) -> None:
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
def test_a_type_that_nobody_knows_is_an_error_unless_asked_for(dayjob: Any) -> None:
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
def test_a_job_whose_type_no_worker_knows_is_told(dayjob: Any) -> None:
    job_id = dayjob("run", "renamed", "--any-type")[1].strip()
    assert "no worker knows the type 'renamed'" in dayjob("show", job_id)[2]
    assert "renamed: no worker knows this type" in dayjob("stats")[1]
    code, out, _ = dayjob("doctor")
    assert code == 0  # it is a warning
    assert "WARNING  types: jobs wait whose type no worker knows (was it renamed?): renamed;" in out
    dayjob("cancel", job_id)
    assert "no worker knows" not in dayjob("show", job_id)[2]
    assert "no job waits for a type that no worker knows" in dayjob("doctor")[1]


def test_a_type_that_ran_before_is_known_while_nobody_works(dayjob: Any) -> None:
    fill(("echo", {"text": "a"}))
    code, _, err = dayjob("run", "echo", "--arg", "text=b")
    assert code == 0
    assert "waits until a process knows this type" in err
    assert dayjob("run", "ecco")[0] == 3


def test_no_database_is_made_for_a_type_that_nobody_knows(dayjob: Any, folder: Path) -> None:
    assert dayjob("run", "echo")[0] == 4
    assert not (folder / "jobs.db").exists()


def test_a_server_takes_the_types_only_that_it_knows(dayjob: Any) -> None:
    code, _, err = dayjob("--url", "http://127.0.0.1:1/jobs", "run", "echo", "--any-type")
    assert (code, "--any-type is for --db and --app" in err) == (2, True)


def test_a_job_of_an_unknown_type_is_checked_like_others(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--any-type", "elsewhere", "--id", "no spaces"]) != 0
    assert "job id" in capsys.readouterr().err
    assert not (folder / "jobs.db").exists()


def test_a_job_of_an_unknown_type_is_refused_when_the_disk_is_nearly_full(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_SPARE", 1 << 60)
    assert main(["run", "--any-type", "elsewhere"]) != 0
    assert "are kept for the jobs that run" in capsys.readouterr().err
    assert query(folder / "jobs.db", "SELECT count(*) FROM dayjob_job") == [(0,)]


def test_the_same_id_with_other_arguments_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--any-type", "elsewhere", "--id", "one", "--arg", "n=1"]) == 0
    assert main(["run", "--any-type", "elsewhere", "--id", "one", "--arg", "n=1"]) == 0
    assert main(["run", "--any-type", "elsewhere", "--id", "one", "--arg", "n=2"]) != 0
    assert "one" in capsys.readouterr().err
    assert query(folder / "jobs.db", "SELECT id FROM dayjob_job") == [("one",)]
