"""The same module runs twice in one process: its handlers are not others, and the newer ones count."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import os
import signal
import subprocess
import sys
import textwrap
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.processes import free_port
from tests.support import eventually

from dayjob import JobQueue, JobRegistry
from dayjob.errors import DuplicateJobType, UnknownJobType

MODULE = """
import functools
from dayjob import JobRegistry

def traced(func):
    @functools.wraps(func)
    async def call(**args):
        return await func(**args)
    return call

class Service:
    def __init__(self, answer=0):
        self.answer = answer
    async def run(self):
        return self.answer
    async def __call__(self):
        return self.answer
    @classmethod
    async def of_class(cls):
        return 1
    @staticmethod
    async def of_nobody():
        return 2

async def plain():
    return "plain"

async def add(n, m=0):
    return n + m

@traced
async def decorated():
    return "decorated"

service = Service(5)
handlers = {
    "plain": plain,
    "decorated": decorated,
    "method": service.run,
    "object": Service(7),
    "class_method": Service.of_class,
    "static": Service.of_nobody,
    "partial": functools.partial(add, 4),
    "lambda": lambda: plain(),
}
"""


def load(path: Path, name: str) -> Any:
    """The module at ``path``, run anew under this name."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def in_cell(code: str, number: int, names: dict[str, Any]) -> dict[str, Any]:
    """Run ``code`` as a notebook does: every cell is a file of its own, and all are ``__main__``."""
    exec(compile(code, f"<ipython-input-{number}>", "exec"), names)
    return names


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tasks.py"
    path.write_text(textwrap.dedent(MODULE))
    return path


@pytest.mark.parametrize("name", ["tasks", "package.tasks", "__main__", "__mp_main__"])
def test_a_module_that_ran_again_brings_the_handlers_that_count(registry: JobRegistry, file: Path, name: str) -> None:
    first, second = load(file, "tasks").handlers, load(file, name).handlers
    for job_type, handler in first.items():
        registry.register(job_type, handler, max_attempts=2)
    for job_type, handler in second.items():
        registry.register(job_type, handler, max_attempts=3)
    assert {job_type: registry.get_handler(job_type) for job_type in second} == second
    assert {kind.max_attempts for kind in registry.job_types.values()} == {3}


def test_a_module_that_was_edited_and_loaded_again_has_the_new_code(
    registry: JobRegistry, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(file.parent))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    tasks = importlib.import_module("tasks")
    monkeypatch.delitem(sys.modules, "tasks")
    sys.modules["tasks"] = tasks
    registry.register("plain", tasks.plain)
    file.write_text("\n\n\nasync def plain(n: int = 1):\n    return n\n")
    registry.register("plain", importlib.reload(tasks).plain)
    assert registry.get("plain").arguments.names == {"n"}


def test_a_cell_of_a_notebook_may_run_again_and_be_edited(registry: JobRegistry) -> None:
    names: dict[str, Any] = {"__name__": "__main__", "registry": registry}
    for number in (1, 2):
        in_cell(f"@registry.job('count')\nasync def count():\n    return {number}", number, names)
    assert registry.get_handler("count") is names["count"]


def test_the_same_bound_method_is_the_same_handler(registry: JobRegistry, file: Path) -> None:
    service = load(file, "tasks").service
    registry.register("run", service.run)
    registry.register("run", service.run, timeout=5)
    assert registry.get("run").timeout == 5


def closures(file: Path) -> Iterator[Callable[..., Any]]:
    for region in ("north", "south"):

        async def report(region: str = region) -> str:
            return region

        yield report


def objects(file: Path) -> Iterator[Callable[..., Any]]:
    Service = load(file, "tasks").Service
    yield Service(1).run
    yield Service(2).run


def callable_objects(file: Path) -> Iterator[Callable[..., Any]]:
    Service = load(file, "tasks").Service
    yield Service(1)
    yield Service(2)


def partials(file: Path) -> Iterator[Callable[..., Any]]:
    yield functools.partial(load(file, "tasks").add, 1)
    yield functools.partial(load(file, "tasks").add, 2)


def wrapped_and_not(file: Path) -> Iterator[Callable[..., Any]]:
    tasks = load(file, "tasks")
    yield tasks.plain
    yield tasks.traced(tasks.plain)


def names_of_two_functions(file: Path) -> Iterator[Callable[..., Any]]:
    tasks = load(file, "tasks")
    yield tasks.plain
    yield tasks.add


def of_two_files(file: Path) -> Iterator[Callable[..., Any]]:
    other = file.with_name("other.py")
    other.write_text(file.read_text())
    yield load(file, "tasks").plain
    yield load(other, "tasks").plain


def in_a_loop(file: Path) -> Iterator[Callable[..., Any]]:
    loop = "made = []\nfor region in 'ab':\n    async def report(region=region): ...\n    made.append(report)"
    yield from in_cell(loop, 1, {"__name__": "__main__"})["made"]


def lambdas(file: Path) -> Iterator[Callable[..., Any]]:
    yield from in_cell("made = [lambda: 1, lambda: 2]", 1, {"__name__": "__main__"})["made"]


DIFFERENT = [closures, objects, callable_objects, partials, wrapped_and_not, names_of_two_functions, of_two_files]
DIFFERENT += [in_a_loop, lambdas]


@pytest.mark.parametrize("pair", DIFFERENT)
def test_another_function_under_the_name_is_an_error(registry: JobRegistry, file: Path, pair: Any) -> None:
    one, two = pair(file)
    registry.register("report", one)
    with pytest.raises(DuplicateJobType, match="has a handler already"):
        registry.register("report", two)
    assert registry.get_handler("report") is one or registry.get_handler("report") == one


def test_the_error_names_both_places(registry: JobRegistry, file: Path) -> None:
    tasks = load(file, "tasks")
    registry.register("report", tasks.plain)
    lines = file.read_text().splitlines()
    first, second = (lines.index(f"async def {name}:") + 1 for name in ("plain()", "add(n, m=0)"))
    with pytest.raises(DuplicateJobType, match=rf"tasks.plain \({file}:{first}\).*tasks.add \({file}:{second}\)"):
        registry.register("report", tasks.add)


async def test_a_running_queue_begins_new_jobs_with_the_newer_handler(
    queue: JobQueue, registry: JobRegistry, file: Path
) -> None:
    names: dict[str, Any] = {"__name__": "__main__", "registry": registry}
    for number in (1, 2):
        in_cell(f"@registry.job('count')\nasync def count():\n    return {number}", number, names)
        assert await queue.result(await queue.enqueue("count"), 20) == number


async def test_an_older_reference_still_names_its_type(queue: JobQueue, registry: JobRegistry, file: Path) -> None:
    older, newer = load(file, "tasks"), load(file, "tasks")
    registry.register("plain", older.plain)
    registry.register("plain", newer.plain)
    assert await (await queue.submit(older.plain)).result(20) == "plain"
    with pytest.raises(UnknownJobType, match=f"add.*{file}"):
        await queue.submit(older.add, n=1)


async def test_a_function_that_is_given_with_a_job_runs_it_with_the_options_of_its_type(
    queue: JobQueue, registry: JobRegistry
) -> None:
    names: dict[str, Any] = {"__name__": "__main__"}
    for number in (1, 2):
        count = in_cell(f"async def count():\n    return {number}", number, names)["count"]
        if number == 1:
            registry.register("count", count, max_attempts=7)
        job_id = await queue.enqueue("count", count)
        job = await queue.wait(job_id, 20)
        assert (job.result, job.max_attempts) == (number, 7)


APP = """
import sys
import uvicorn
from fastapi import FastAPI
from dayjob import JobQueue, job
from dayjob.web import LocalOnly, jobs_router

@job("report", "Make the report", schedule="every 1 hour")
async def report(year: int = 2026) -> int:
    return year

app = FastAPI()
app.include_router(jobs_router(JobQueue("sqlite:///jobs.db"), auth=LocalOnly()), prefix="/jobs")

if __name__ == "__main__":
    uvicorn.run("main:app", host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", **eval(sys.argv[2]))
"""


@pytest.mark.parametrize("options", ["{}", "{'reload': True}", "{'workers': 2, 'timeout_worker_healthcheck': 60}"])
async def test_an_app_that_names_itself_to_uvicorn_starts(tmp_path: Path, options: str) -> None:
    (tmp_path / "main.py").write_text(APP)
    port = free_port()
    with (tmp_path / "log").open("w") as log, _running(tmp_path, log, str(port), options) as process:
        answer = await eventually(lambda: process.poll() is not None or _post(port), timeout=90)
    assert answer == 202, (tmp_path / "log").read_text()


@contextmanager
def _running(folder: Path, log: Any, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "main.py", *arguments]
    process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, start_new_session=True)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):  # it could not even start
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def _post(port: int) -> int | None:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/jobs/report", data=b'{"year": 2026}')
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            status: int = answer.status
            return status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None
