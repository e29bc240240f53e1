"""Secrets are hidden before a text is cut: no limit leaves a part of one, however written, wherever its job runs."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field
from tests.dayjob import child_handlers
from tests.support import query
from typing_extensions import TypedDict

from dayjob import JobContext, JobQueue, JobRegistry, JobStatus, Secret
from dayjob.arguments import Arguments
from dayjob.events import ProgressMade
from dayjob.job_log import MAX_LINE, JobLog
from dayjob.outcome import describe
from dayjob.redaction import MASK, Redactor, is_masked, mask, of_arguments, shortened
from dayjob.tracebacks import traceback_text

SECRET = "Q7\"z\\K'9-ßÄ☃ &y%z=0123456789"
TOKENS = "tok+Zm9v/YmFy=="
WAYS: list[Callable[[str], str]] = [
    str,
    lambda text: repr(text)[1:-1],
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: quote(text, safe=""),
    lambda text: repr(text.encode())[2:-1],
]


def spelled(secret: str) -> list[str]:
    return [way(secret) for way in WAYS]


def is_in(secret: str, text: str, least: int = 5) -> bool:
    """Whether some part of the secret, as it is or in a spelling, is in the text."""
    parts = {each[at : at + least] for each in spelled(secret) for at in range(len(each) - least + 1)}
    return any(part in text for part in parts)


def in_log(text: str, redact: Callable[[str], str]) -> str:
    log = JobLog(redact=redact)
    log.add(0, "INFO", text)
    return log.take().lines[0][2]


LIMITS: dict[str, tuple[int, Callable[[str, Callable[[str], str]], str | None]]] = {
    "line": (MAX_LINE, in_log),
    "error": (4000, lambda text, redact: describe(RuntimeError(text), redact)),
    "head of a traceback": (4096 - len("RuntimeError: "), lambda text, r: traceback_text(RuntimeError(text * 9), r)),
    "any": (30, lambda text, redact: shortened(text, 30, redact)),
}


@settings(deadline=None)
@given(
    secret=st.text("aQ7\"'\\%&+ßÄ☃😀 /", min_size=12, max_size=40),
    way=st.sampled_from(WAYS),
    limit=st.sampled_from(sorted(LIMITS)),
    back=st.integers(0, 120),
)
def test_no_limit_leaves_a_part_of_a_secret(secret: str, way: Any, limit: str, back: int) -> None:
    longest, cut = LIMITS[limit]
    redact = Redactor([secret]).text
    text = "_" * max(0, longest - back) + way(secret) + "_" * 20_000
    assert not is_in(secret, redact(cut(text, redact) or ""))


@pytest.mark.parametrize("runner", ["coroutine", "thread", "process"])
@pytest.mark.parametrize("over", ["error", "fail", "retry", "checkpoint"])
async def test_no_runner_leaves_a_part_of_a_secret(
    queue: JobQueue, registry: JobRegistry, path: Path, runner: str, over: str
) -> None:
    async def tell_all(ctx: JobContext, password: str, spelled: list[str], before: int, over: str) -> None:
        if over == "checkpoint":
            await ctx.checkpoint({"_" * before + password: object()})
        child_handlers.tell_all(ctx, password, spelled, before, over)

    handler = tell_all if runner == "coroutine" else child_handlers.tell_all
    registry.register("tell", handler, run_in="process" if runner == "process" else None, backoff=lambda _: 0)
    told: list[Any] = []
    queue.bus.listen(lambda event: told.append(event.progress) if isinstance(event, ProgressMade) else None)
    ids = []
    for before in (0, 9, 21):
        args = {"password": SECRET, "spelled": [], "before": before, "over": over}
        ids.append(await queue.enqueue("tell", job_args={**args, "spelled": spelled(SECRET)}))
    await asyncio.gather(*(queue.wait(job_id, 60) for job_id in ids))
    left = [*stored(path), *map(repr, told)]
    assert len(left) >= 3 * len(ids)
    assert [text for text in left if is_in(SECRET, text)] == []
    assert any(MASK[:5] in text for text in left)


@pytest.mark.parametrize("runner", ["coroutine", "process"])
async def test_the_place_of_a_fault_in_a_result_does_not_name_a_secret(
    queue: JobQueue, registry: JobRegistry, path: Path, runner: str
) -> None:
    async def tell(password: str, before: int) -> Any:
        return child_handlers.tell_all_in_result(password, before)

    process = runner == "process"
    handler: Any = child_handlers.tell_all_in_result if process else tell
    registry.register("tell", handler, run_in="process" if process else None)
    for before in (0, 20):
        job_id = await queue.enqueue("tell", job_args={"password": SECRET, "before": before})
        job = await queue.wait(job_id, 60)
        assert job.error is not None
        assert "is a object" in job.error
    assert [text for text in stored(path) if is_in(SECRET, text)] == []


async def test_what_a_written_off_handler_ends_with_is_logged_without_its_secrets(
    queue: JobQueue, registry: JobRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    ends, ended = asyncio.Event(), asyncio.Event()

    async def deaf(ctx: JobContext, password: str) -> None:
        while not ends.is_set():
            try:
                await ends.wait()
            except asyncio.CancelledError:
                continue
        asyncio.get_running_loop().call_later(0.1, ended.set)
        raise KeyError("x" * 3990 + password)

    registry.register("deaf", deaf)
    job_id = await queue.enqueue("deaf", job_args={"password": SECRET})
    with caplog.at_level(logging.WARNING, "dayjob"):
        while (await status(queue, job_id)).status == "pending":
            await asyncio.sleep(0.01)
        await queue.cancel_job(job_id)
        await queue.wait(job_id, 60)
        ends.set()
        await ended.wait()
    assert "has ended now: KeyError" in caplog.text
    assert not is_in(SECRET, caplog.text)


async def test_a_job_may_have_any_number_of_secrets(queue: JobQueue, registry: JobRegistry, path: Path) -> None:
    async def use(ctx: JobContext, tokens: list[str]) -> None:
        for token in tokens:
            ctx.log.info("using %r and %s", token, quote(token, safe=""))

    registry.register("use", use)
    tokens = [f"{TOKENS}{n:03d}" for n in range(700)]
    await queue.wait(await queue.enqueue("use", job_args={"tokens": tokens}), 60)
    assert [text for text in stored(path) if is_in(TOKENS, text)] == []


def test_a_secret_in_pieces_is_found_line_by_line() -> None:
    key = "-----BEGIN KEY-----\nMIIEabcdefgh+\r\nZZyyXXwwVVuu==\n-----END KEY-----"
    hide = of_arguments({"private_key": key}).text
    assert hide("as\n    -----BEGIN KEY-----\n    MIIEabcdefgh+\n    ZZyyXXwwVVuu==\n") == (
        f"as\n    {MASK}\n    {MASK}\n    {MASK}\n"
    )
    assert hide(f"at {json.dumps(key)}") == f'at "{MASK}"'
    assert hide("MIIEabcdefgh%2B") == MASK


def test_numbers_are_found_as_people_write_them() -> None:
    hide = of_arguments({"secret": 12345678}).text
    assert hide("12345678 12,345,678 1234567") == f"{MASK} {MASK} 1234567"


def test_a_secret_that_names_a_member_is_hidden_and_no_member_is_lost() -> None:
    redactor = Redactor(["first-token", "other-token"])
    assert redactor.json({"first-token": 1, "other-token": 2, "c": 3}) == {MASK: 1, MASK + "*": 2, "c": 3}


def test_what_is_secret_in_urls_is_hidden_in_arguments_and_refused_as_a_value() -> None:
    args = {"target": "postgres://me:p@ss@db/x", "hook": ["https://host/?a=1&token=" + "t" * 5000]}
    hidden = {"target": f"postgres://{MASK}@db/x", "hook": [f"https://host/?a=1&token={MASK}"]}
    assert mask(args) == hidden
    assert is_masked(hidden["target"])
    assert is_masked(hidden["hook"])
    assert not is_masked(args)
    assert not is_masked(f"a line of {MASK} and a=b")


def test_without_secrets_a_text_is_not_even_copied() -> None:
    text = "nothing to hide here, " * 100
    assert of_arguments({"name": "ann"}).text(text) is text
    assert shortened(text, 5000, pytest.fail) is text


def stored(path: Path) -> Iterable[str]:
    """All texts that jobs left behind, beside their arguments and results."""
    rows = query(path, "SELECT message, stage, error FROM dayjob_job")
    rows += query(path, "SELECT text FROM dayjob_log")
    rows += query(path, "SELECT error, traceback FROM dayjob_attempt")
    return [text for row in rows for text in row if text]


async def status(queue: JobQueue, job_id: str) -> JobStatus:
    job = await queue.get_job_status(job_id)
    assert job is not None
    return job


class _Door(BaseModel):
    pin: Secret[str] = Field("0000-0000", alias="doorPin")
    name: str = "front"


@dataclass
class _House:
    doors: list[_Door]
    alarm: Secret[str] | None = None


class _Street(TypedDict):
    houses: dict[str, _House]


def test_what_is_marked_in_the_classes_of_an_argument_is_secret_too() -> None:
    async def move(street: _Street, again: list[_Street] | None = None) -> None: ...

    arguments = Arguments(move)
    sent = {"street": {"houses": {"a": {"doors": [{"doorPin": "4711-4711", "name": "back"}], "alarm": "disarm-me"}}}}
    assert arguments.secret == {"pin", "doorPin", "alarm"}
    shown = mask(arguments.validate(sent), arguments.secret)
    assert shown == {"street": {"houses": {"a": {"doors": [{"doorPin": MASK, "name": "back"}], "alarm": MASK}}}}
    assert of_arguments(sent, arguments.secret).text("disarm-me by 4711-4711") == f"{MASK} by {MASK}"
    schema = json.dumps(arguments.schema())
    assert schema.count('"writeOnly": true') == 2
    assert "0000-0000" not in schema
