"""Handlers of the main module: a child process has them, and everything in them works as without dayjob."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
APP = """
from __future__ import annotations
import asyncio, json, multiprocessing, os, pickle, sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from dayjob import JobQueue, job
{more}

@dataclass
class Size:
    width: int
    unit: Unit | None = None

@dataclass
class Unit:
    name: str

counted = 0

def square(n):
    return n * n

@job("pool", run_in="process")
def pool(method: str) -> list[int]:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(method)) as workers:
        return list(workers.map(square, range(4)))

@job("pickled", run_in="process")
def pickled(size: Size) -> int:
    global counted
    counted += 1
    assert sys.modules[__name__].counted == 1, "what a function changes is what the module has"
    return pickle.loads(pickle.dumps(size)).width

@job("told", run_in="process")
def told() -> dict:
    return {{"argv": sys.argv[1:], "optimize": sys.flags.optimize, "isolated": sys.flags.isolated,
            "utf8": sys.flags.utf8_mode, "warnings": sys.warnoptions, "x": sorted(sys._xoptions), "path": sys.path}}

async def main():
    with open("begun", "a") as begun:
        begun.write("x")
    async with JobQueue("sqlite:///jobs.db") as queue:
        for job_type, args in json.loads(sys.argv[1]):
            job = await queue.wait(await queue.enqueue(job_type, job_args=args), timeout=60)
            print(json.dumps([job.result, job.error]), flush=True)
"""
GUARDED = APP + '\nif __name__ == "__main__":\n    asyncio.run(main())\n'
UNGUARDED = APP + "\n{start}\n"


def run(folder: Path, command: list[str], *jobs: Any, env: dict[str, str] | None = None) -> list[Any]:
    """What became of these jobs in an app that is started like this: result and error."""
    environment = {"PYTHONPATH": str(ROOT / "src"), **os.environ, **(env or {})}
    arguments = [sys.executable, *command, json.dumps(jobs)]
    app = subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, text=True, timeout=90)
    return [json.loads(line) for line in app.stdout.splitlines()] or app.stderr


def write(file: Path, source: str, more: str = "", start: str = "") -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text(source.format(more=more, start=start))
    return file


def test_process_pools_pickle_and_annotations_work_in_handlers_of_a_script(tmp_path: Path) -> None:
    write(tmp_path / "app.py", GUARDED)
    size = ["pickled", {"size": {"width": 3, "unit": {"name": "px"}}}]
    pools = [["pool", {"method": method}] for method in ("fork", "spawn")]
    assert run(tmp_path, ["app.py"], size, *pools) == [[3, None], [[0, 1, 4, 9], None], [[0, 1, 4, 9], None]]


@pytest.mark.parametrize("name", ["package", "package.jobs"])
def test_a_package_that_is_run_as_a_module_has_its_relative_imports(tmp_path: Path, name: str) -> None:
    file = "__main__.py" if name == "package" else "jobs.py"
    write(tmp_path / "package" / file, GUARDED, more="from .beside import here")
    (tmp_path / "package" / "beside.py").write_text("here = 1\n")
    assert run(tmp_path, ["-m", name], ["pickled", {"size": {"width": 3}}]) == [[3, None]]


def test_a_script_under_a_profiler_is_found(tmp_path: Path) -> None:
    """Which has a main module of its own, on older Pythons, in which annotations are not found: so without them."""
    start, _, rest = GUARDED.partition("@dataclass\n")
    write(tmp_path / "app.py", start + "@job" + rest.rpartition("@job")[2])
    assert run(tmp_path, ["-m", "cProfile", "-o", os.devnull, "app.py"], ["told", {}])[0][1] is None


@pytest.mark.parametrize(
    "start",
    [
        "asyncio.run(main())",
        # as a server does: it says so in its own words, and leaves
        "try:\n    asyncio.run(main())\nexcept RuntimeError as error:\n    sys.exit(3)",
    ],
    ids=["asyncio", "server"],
)
def test_a_script_that_starts_its_queue_on_import_is_told_so_and_started_once(tmp_path: Path, start: str) -> None:
    write(tmp_path / "app.py", UNGUARDED, start=start)
    [[result, error]] = run(tmp_path, ["app.py"], ["told", {}])
    assert result is None
    assert error.startswith("app.py starts a job queue when it is imported")
    assert 'if __name__ == "__main__":' in error


def test_the_interpreter_is_started_as_the_app_was(tmp_path: Path) -> None:
    write(tmp_path / "app.py", GUARDED)
    flags = ["-O", "-W", "error::ImportWarning", "-X", "utf8", "-X", "int_max_str_digits=5000"]
    [[told, error]] = run(tmp_path, [*flags, "app.py"], ["told", {}])
    assert error is None
    assert (told["optimize"], told["utf8"], told["warnings"]) == (1, 1, ["error::ImportWarning"])
    assert told["x"] == ["int_max_str_digits", "utf8"]
    assert told["argv"] == [json.dumps([["told", {}]])]


def test_the_child_imports_from_where_the_app_does_and_not_from_the_working_directory(tmp_path: Path) -> None:
    """Files beside it that are called like modules of the standard library are run by nobody."""
    app = write(tmp_path / "elsewhere" / "app.py", GUARDED)
    for name in ("json", "queue", "asyncio", "dayjob"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('this is not the module that was meant')\n")
    [[told, error]] = run(tmp_path, ["-I", str(app)], ["told", {}])
    assert error is None
    assert told["isolated"] == 1
    assert not {"", str(tmp_path), "."} & set(told["path"])
