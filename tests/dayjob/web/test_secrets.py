"""A secret in arguments, the environment, a URL, a log line, a message and an exception is found nowhere."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from types import ModuleType
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from tests.dayjob.web.support import Served
from tests.support import query

from dayjob import JobContext, JobQueue, JobRegistry, Secret
from dayjob.redaction import MASK, Redactor, is_masked, mask, of_arguments
from dayjob.secret_names import is_secret_name

CANARY = "S3CR3T-canary-xyz"


@pytest.fixture
def leaky(registry: JobRegistry) -> JobRegistry:
    """A type that tells its secrets in every way that it has."""

    @registry.job("leak", stalled_after=60)
    async def leak(ctx: JobContext, api_key: str, marked: Secret[str], nested: dict[str, Any], fails: bool) -> Any:
        ctx.log.warning("the key is %s", api_key)
        logging.getLogger("their.code").error("asked https://me:%s@host/", marked)
        await ctx.progress.update(1, f"with {api_key}", total=3)
        ctx.progress.stage(f"stage {marked}", total=3)
        if fails:
            raise RuntimeError(f"GET https://host/?api_key={nested['token']}&page=2 failed: {api_key} is wrong")
        return {"used": api_key, "url": f"postgres://me:{marked}@host/db"}

    return registry


@pytest.mark.parametrize("fails", [True, False])
async def test_nothing_that_is_sent_or_stored_beside_the_arguments_has_it(
    leaky: JobRegistry, client: httpx2.AsyncClient, server: Served, queue: JobQueue, fails: bool
) -> None:
    args = {"api_key": CANARY + "1", "marked": CANARY + "2", "nested": {"token": CANARY + "3"}, "fails": fails}
    told: list[str] = []
    async with server.ws("/jobs/ws") as everything:
        created = await client.post("/jobs/leak", json=args, params={"delay": 0.5})
        told.append(created.text)
        job_id = created.json()["id"]
        async with server.ws(f"/jobs/{job_id}/ws?logs=1") as one:
            told += [str(text) async for text in one]
        while not told[-1].startswith("{") or '"job_id"' in told[-1] or f'"id":"{job_id}"' not in told[-1]:
            told.append(str(await everything.recv()))
        told.append(str(await everything.recv()))
    for path in ("", f"/{job_id}", f"/{job_id}/logs", f"/{job_id}/attempts", "/types", "/stats", "/workers"):
        told.append((await client.get(f"/jobs{path}")).text)
    told.append((await client.get("/openapi.json")).text)
    told.append((await client.post("/jobs/leak", json=args | {"fails": "neither"})).text)
    told.append((await client.post("/jobs/leak", json=args | {"other": CANARY, "api_key": [CANARY]})).text)
    everything_told = "\n".join(told)
    assert "the key is" in everything_told
    assert "with " in everything_told
    assert CANARY not in everything_told
    assert json.loads(told[0])["args"] == {"api_key": MASK, "marked": MASK, "nested": {"token": MASK}, "fails": fails}
    rows = query(queue.path, "SELECT message, error, stage FROM dayjob_job")
    rows += query(queue.path, "SELECT text FROM dayjob_log UNION SELECT traceback FROM dayjob_attempt")
    assert CANARY not in repr(rows)


async def test_the_secrets_of_schedules_are_told_nowhere(
    leaky: JobRegistry, client: httpx2.AsyncClient, server: Served, queue: JobQueue
) -> None:
    args = {"api_key": CANARY + "1", "marked": CANARY + "2", "nested": {"token": CANARY + "3"}, "fails": False}
    queue.schedule("leak", "every 6 hours", args=args, name="often")
    hidden = {"api_key": MASK, "marked": MASK, "nested": {"token": MASK}, "fails": False}
    told = [(await client.get("/jobs/schedules")).text]
    assert json.loads(told[0])[0]["args"] == hidden
    for change in ("pause", "resume"):
        told.append((await client.post(f"/jobs/schedules/often/{change}")).text)
        assert json.loads(told[-1])["args"] == hidden
    async with server.ws("/jobs/ws") as everything:
        told.append((await client.post("/jobs/schedules/often/run")).text)
        job = json.loads(told[-1])
        assert job["args"] == hidden
        async with server.ws(f"/jobs/{job['id']}/ws?logs=1") as one:
            told += [str(text) async for text in one]
        while '"completed"' not in told[-1]:
            told.append(str(await everything.recv()))
    last = await queue.get_job_status(job["id"])
    assert last is not None
    assert last.args == args  # the handler had them
    assert CANARY not in "\n".join(told)


def test_the_environment_is_secret_too() -> None:
    program = "from dayjob.redaction import Redactor; print(Redactor().text('no S3CR3T-canary-xyz, but plain-value'))"
    environment = {**os.environ, "STASH_API_KEY": CANARY, "HARMLESS": "plain-value"}
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout == f"no {MASK}, but plain-value\n"


SECRET_NAMES = ["password", "PASSWORD", "db_password", "apiKey", "api-key", "x-api-key", "token", "accessToken"]
SECRET_NAMES += ["client_secret", "secret", "authorization", "private_key", "dsn", "cookie", "credentials", "passwd"]
OPEN_NAMES = ["name", "tokenizer", "keyboard", "author", "passage", "secretary", "key", "path", "monkey", "force"]


def test_names() -> None:
    assert [name for name in SECRET_NAMES if not is_secret_name(name)] == []
    assert [name for name in OPEN_NAMES if is_secret_name(name)] == []


def test_masks() -> None:
    value = {"a": [{"password": "x", "b": 1}], "token": None, "secret": "", "mine": {"any": "thing"}}
    assert mask(value, {"mine"}) == {"a": [{"password": MASK, "b": 1}], "token": None, "secret": "", "mine": MASK}
    assert is_masked({"a": [1, {"b": MASK}]})
    assert not is_masked({"a": [1, {"b": MASK + "x"}]})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://u:p%40ss@db:5432/x", f"postgresql://{MASK}@db:5432/x"),
        ("see https://a/?token=abc&page=2#x", f"see https://a/?token={MASK}&page=2#x"),
        ("mail me@example.com about a=b", "mail me@example.com about a=b"),
        ("short pw and long s3cr3t-value", f"short pw and long {MASK}"),
    ],
)
def test_texts(text: str, expected: str) -> None:
    assert of_arguments({"password": "s3cr3t-value", "token": "pw"}).text(text) == expected


def test_what_is_in_a_list_or_a_number_is_found() -> None:
    redactor = of_arguments({"tokens": ["first-token", {"second": "other-token"}], "pin": 1, "secret": 12345678})
    assert redactor.json({"a": ["first-token", "x other-token"], "b": "12345678"}) == {
        "a": [MASK, f"x {MASK}"],
        "b": MASK,
    }
    assert Redactor([MASK]).text(MASK) == MASK


async def test_the_mask_is_no_value(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/jobs/anything", json={"value": {"deep": [MASK]}})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/value")


def test_pydantics_secrets_are_refused_with_the_fix(registry: JobRegistry) -> None:
    async def handler(key: SecretStr) -> None: ...

    with pytest.raises(TypeError, match=r"Secret\[str\]"):
        registry.register("lost", handler)


def test_models_that_lead_to_each_other_are_looked_at_once(
    registry: JobRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    module: Any = ModuleType("models_of_this_test")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    names = [f"M{n}" for n in range(14)]
    fields = "".join(f"\n    f{name}: list['{name}'] = []" for name in names)
    classes = [f"class {name}(BaseModel):\n    pin_of_{name}: Secret[str] = ''{fields}\n" for name in names]
    exec("from dayjob import Secret\nfrom pydantic import BaseModel\n" + "".join(classes), vars(module))

    async def handler(first: Any) -> None: ...

    handler.__annotations__["first"] = module.M0  # from which each way leads to all others
    assert registry.register("web", handler).arguments.secret == {f"pin_of_{name}" for name in names}
