"""Enqueueing by function: what runs, and what type checkers say about it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dayjob import InvalidArguments, JobContext, JobHandle, JobQueue, JobRegistry, Status
from dayjob.errors import DuplicateJobType, UnknownJobType
from dayjob.submit import bind_names


def resize(ctx: JobContext, *, paths: list[str], width: int = 800) -> list[str]:
    return [f"{path}@{width}" for path in paths]


async def greet(job_id: str, name: str, loud: bool = False) -> str:
    return f"{name}{'!' if loud else ''} {job_id}"


@pytest.fixture(autouse=True)
def _types(registry: JobRegistry) -> None:
    registry.register("resize", resize)
    registry.register("greet", greet)


async def test_the_function_names_the_type_and_its_result_comes_back(queue: JobQueue) -> None:
    handle = await queue.submit(resize, paths=["a"], width=3)
    assert await handle.result(10) == ["a@3"]
    job = await handle.status()
    assert (job.type, job.args, job.status) == ("resize", {"paths": ["a"], "width": 3}, Status.COMPLETED)


async def test_arguments_may_be_given_by_place_but_what_is_injected_has_none(queue: JobQueue) -> None:
    handle = await queue.submit(greet, "Ada", loud=True)
    assert await handle.result(10) == f"Ada! {handle.id}"


async def test_arguments_that_no_call_could_have_are_refused(queue: JobQueue) -> None:
    with pytest.raises(InvalidArguments, match="takes 2"):
        bind_names(greet, ("Ada", True, 3), {})
    with pytest.raises(InvalidArguments, match="'name' was given twice"):
        bind_names(greet, ("Ada",), {"name": "Bob"})
    with pytest.raises(InvalidArguments, match="is missing"):
        await queue.submit(resize)  # type: ignore[call-overload]


async def test_a_function_that_is_no_handler_or_several_is_told(queue: JobQueue, registry: JobRegistry) -> None:
    with pytest.raises(UnknownJobType, match="put @job"):
        await queue.submit(lambda: None)
    registry.register("again", resize)
    with pytest.raises(DuplicateJobType, match="resize and again"):
        await queue.submit(resize, paths=[])


async def test_options_stay_apart_from_arguments(queue: JobQueue, registry: JobRegistry) -> None:
    async def odd(delay: int, priority: int) -> int:
        return delay + priority

    registry.register("odd", odd)
    handle = await queue.configure(delay=60, priority=5, job_id="mine").submit(odd, delay=1, priority=2)
    job = await handle.status()
    assert (handle.id, job.args, job.priority) == ("mine", {"delay": 1, "priority": 2}, 5)
    assert job.run_at is not None
    assert (job.run_at - job.created_at).total_seconds() == 60


async def test_configure_enqueues_by_name_too(queue: JobQueue) -> None:
    one = await queue.configure(unique_key="k", delay=60).enqueue("greet", {"name": "Ada"})
    two = await queue.configure(unique_key="k").enqueue("greet", {"name": "Bob"})
    assert one.id == two.id


CHECKED = """
from __future__ import annotations
from typing import Any
from dayjob import JobContext, JobHandle, JobQueue

def resize(ctx: JobContext, *, paths: list[str], width: int = 800) -> int: ...
async def fetch(ctx: JobContext, url: str) -> bytes: ...
async def greet(job_id: str, name: str) -> str: ...
async def plain(name: str, n: int = 0) -> float: ...
def late(n: int, ctx: JobContext) -> int: ...

async def good(queue: JobQueue) -> None:
    a: JobHandle[int] = await queue.submit(resize, paths=["a"], width=3)
    b: JobHandle[bytes] = await queue.configure(delay=1).submit(fetch, url="x")
    c: JobHandle[str] = await queue.submit(greet, name="Ada")
    d: JobHandle[float] = await queue.submit(plain, name="Ada")
    e: float = await d.result()

async def bad(queue: JobQueue) -> None:
    await queue.submit(resize, paths="a")
    await queue.submit(resize, paths=[], widht=3)
    await queue.configure(priority=1).submit(fetch)
    await queue.submit(greet, nome="Ada")
    await queue.submit(plain, n=1)
    await queue.submit(late, n=1)
    f: JobHandle[str] = await queue.submit(resize, paths=[])
"""


def test_a_type_checker_sees_parameters_and_results(tmp_path: Path) -> None:
    source = tmp_path / "checked.py"
    source.write_text(CHECKED.replace(": ...\n", ": raise RuntimeError\n"))
    command = [sys.executable, "-m", "mypy", "--strict", f"--cache-dir={tmp_path}/cache", str(source)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)
    lines = source.read_text().splitlines()
    wrong = {lines[int(line.split(":")[1]) - 1].strip() for line in run.stdout.splitlines() if ": error:" in line}
    assert wrong == {line.strip() for line in lines[lines.index("async def bad(queue: JobQueue) -> None:") + 1 :]}


async def test_a_handle_says_which_job_it_is(queue: JobQueue) -> None:
    handle: JobHandle[Any] = queue.handle("a")
    assert repr(handle) == "<JobHandle a>"
