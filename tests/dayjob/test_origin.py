"""Never another function: a child process runs what was registered, or nothing."""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.dayjob import origin_handlers

from dayjob import JobQueue, JobRegistry, JobStatus, Status

SOURCE = """
import os
from dayjob import JobRegistry

registry = JobRegistry()

@registry.job("decorated", run_in="process")
def decorated():
    return "decorated"

def report():
    return "report"

made = []
for place in ("here", "there"):
    def later(place=place):
        return place
    made.append(later)

exec(compile("def generated():\\n    return __name__", f"<generated {os.getpid()}>", "exec"))
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A module of its own, to be changed."""
    file = tmp_path / "some_reports.py"
    file.write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    yield file
    sys.modules.pop("some_reports", None)


@pytest.fixture
def module(file: Path) -> Any:
    return importlib.import_module(file.stem)


def with_tenant(function: Callable[[], str]) -> Callable[[], str]:
    @functools.wraps(function)
    def wrapper() -> str:
        return "tenant:" + function()

    return wrapper


async def run(tmp_path: Path, registry: JobRegistry, job_type: str, **args: Any) -> JobStatus:
    async with JobQueue(f"sqlite:///{tmp_path}/jobs.db", registry=registry) as queue:
        return await queue.wait(await queue.enqueue(job_type, job_args=args), timeout=30)


async def test_what_is_registered_runs_however_it_is_decorated_bound_again_or_made(tmp_path: Path) -> None:
    registry = origin_handlers.registry
    async with JobQueue(f"sqlite:///{tmp_path}/jobs.db", registry=registry) as queue:
        ids = {name: await queue.enqueue(name) for name in registry.job_types}
        given = {name: (await queue.wait(job_id, timeout=60)).result for name, job_id in ids.items()}
    assert given == {name: kind.handler() for name, kind in registry.job_types.items()}
    assert (given["decorated_here"], given["first"], given["north"]) == ("tenant:plain", "first", "north")


async def test_a_child_process_that_asks_for_a_function_gets_that_one_or_none(tmp_path: Path) -> None:
    registry = JobRegistry()
    registry.job_types.update(origin_handlers.registry.job_types)
    registry.register("ask_for", origin_handlers.ask_for, run_in="process")
    seen: dict[str, Any] = {}
    async with JobQueue(f"sqlite:///{tmp_path}/jobs.db", registry=registry) as queue:
        asked = {name: await queue.enqueue("ask_for", job_args={"name": name}) for name in origin_handlers.NAMES}
        for name, job_id in asked.items():
            error = (await queue.wait(job_id, timeout=60)).error
            children = (await queue.list_jobs(parent=job_id)).items
            seen[name] = [child.type for child in children] or str(error).partition(":")[0]
    assert seen == {
        "below": ["decorated_below"],
        "same": ["second"],
        "above": "UnknownJobType",
        "plain": "UnknownJobType",
        "report": "DuplicateJobType",
    }


@pytest.mark.parametrize(
    "handler",
    [lambda module: with_tenant(module.report), lambda module: module.made[0]],
    ids=["decorated elsewhere", "its name is another one's"],
)
def test_what_a_child_could_not_find_is_refused_when_it_is_registered(module: Any, handler: Any) -> None:
    with pytest.raises(ValueError, match="a child process would find another function as some_reports"):
        JobRegistry().register("report", handler(module), run_in="process")


async def test_a_module_may_be_loaded_again(module: Any, tmp_path: Path) -> None:
    again = importlib.reload(module)
    assert (await run(tmp_path, again.registry, "decorated")).result == "decorated"


async def test_what_a_test_puts_under_the_name_in_the_app_only_does_no_harm(
    module: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = JobRegistry()
    registry.register("report", module.report, run_in="process")
    monkeypatch.setattr(module, "report", lambda: "mocked")
    assert (await run(tmp_path, registry, "report")).result == "report"


@pytest.mark.parametrize(
    ("old", "new", "result", "error"),
    [
        ('return "report"', 'return "rewritten"', None, "restart the app"),
        ("made = []", "report = with_another = lambda: 1\nmade = []", None, "restart the app"),
        ("registry =", "# moved\n\nregistry =", "report", None),
    ],
    ids=["edited", "bound again", "moved"],
)
async def test_of_a_file_that_was_changed_only_the_same_function_is_run(
    module: Any, file: Path, tmp_path: Path, old: str, new: str, result: str | None, error: str | None
) -> None:
    registry = JobRegistry()
    registry.register("report", module.report, run_in="process")
    file.write_text(SOURCE.replace(old, new))
    job = await run(tmp_path, registry, "report")
    assert job.result == result
    assert job.error is None if error is None else error in str(job.error)


async def test_a_name_that_only_the_child_process_binds_again_is_refused(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text(SOURCE + "import os\nif os.environ.get('ELSEWHERE'):\n    report = decorated\n")
    registry = JobRegistry()
    registry.register("report", importlib.import_module(file.stem).report, run_in="process")
    monkeypatch.setenv("ELSEWHERE", "1")
    job = await run(tmp_path, registry, "report")
    assert (job.status, job.result) == (Status.FAILED, None)
    assert "does not find the function that is registered as some_reports.report" in str(job.error)


def in_a_file_that_pytest_rewrites(n: int) -> int:
    assert n, "pytest makes other code of this in the app"
    return n


async def test_code_that_an_import_hook_made_of_the_same_file_is_the_same_function(tmp_path: Path) -> None:
    registry = JobRegistry()
    registry.register("rewritten", in_a_file_that_pytest_rewrites, run_in="process")
    assert (await run(tmp_path, registry, "rewritten", n=3)).result == 3


async def test_generated_code_is_compared_where_it_has_no_file(module: Any, tmp_path: Path) -> None:
    registry = JobRegistry()
    registry.register("generated", module.generated, run_in="process")
    assert (await run(tmp_path, registry, "generated")).result == "some_reports"


def test_a_frozen_app_is_told_that_it_has_no_interpreter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(ValueError, match="Leave run_in out"):
        JobRegistry().register("report", origin_handlers.plain, run_in="process")


async def test_a_job_that_was_typed_into_a_notebook_fails_and_says_where_to_put_it(tmp_path: Path) -> None:
    cell: dict[str, Any] = {"__name__": "__main__", "registry": JobRegistry()}
    exec(compile("@registry.job('typed', run_in='process')\ndef typed(): ...\n", "<cell>", "exec"), cell)
    job = await run(tmp_path, cell["registry"], "typed")
    assert job.status is Status.FAILED
    assert "Put it into a module" in str(job.error)
