"""The commands against a server: the same answers as from its database, over HTTP."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from tests.dayjob.cli.conftest import CANARY, Dayjob, Site
from tests.support import query

from dayjob import JobQueue, JobRegistry
from dayjob.cli.server import ServerSource
from dayjob.states import Status


def added(dayjob: Dayjob, site: Site, job_type: str, *options: str) -> str:
    """The id of a job that ended."""
    code, out, _ = dayjob("--url", site.url, "run", job_type, *options, "--watch", "--json")
    assert code in (0, 1)
    return str(json.loads(out)["id"])


def test_both_sources_say_the_same(dayjob: Dayjob, site: Site) -> None:
    done, failed = added(dayjob, site, "add", "--arg", "a=2"), added(dayjob, site, "fail")
    added(dayjob, site, "leak", "--arg", f"api_key={CANARY}")
    asyncio.run(_add_for(site, "ann"))
    commands = [
        *(["show", done], ["show", "--json", done], ["show", failed[-8:]], ["show", "--json", failed]),
        *(["list", "--owner", "ann", "--json"], ["list", "--owner", "bob"], ["show", "anns"]),
        *(["list", "--json"], ["list", "--type", "add", "--status", "completed", "--json"], ["list", "--limit", "1"]),
        *(["logs", done], ["logs", "--json", done], ["stats"], ["stats", "--json"]),
        *(["schedules"], ["schedules", "--json"], ["watch", done], ["watch", "--json", failed], ["show", "nobody"]),
        *(["retry", "nobody"], ["cancel", done], ["cancel", "--json", failed], ["schedules", "pause", "nobody"]),
    ]
    for command in commands:
        over_http = dayjob("--url", site.url, *command)
        from_file = dayjob("--db", site.database, *command)
        assert _without_ages(over_http) == _without_ages(from_file), command
        assert over_http[1] or over_http[0] == 3
    assert "it broke" in dayjob("--url", site.url, "show", failed)[1]
    assert [job["id"] for job in json.loads(dayjob("--url", site.url, "list", "--owner", "ann", "--json")[1])] == [
        "anns"
    ]
    assert dayjob("--db", site.database, "list", "--owner", "bob") == (0, "No jobs match.\n", "")
    assert re.search(r"^owner: +ann$", dayjob("--db", site.database, "show", "anns")[1], re.MULTILINE)


async def _add_for(site: Site, owner: str) -> None:
    async with JobQueue(site.database, max_workers=0, registry=JobRegistry()) as queue:
        await queue.enqueue("later", _later, job_id=f"{owner}s", owner=owner, delay=3600)


async def _later() -> None: ...


def _without_ages(answer: tuple[int, str, str]) -> tuple[int, str, str]:
    """The second may end between two answers."""
    code, out, err = answer
    return code, re.sub(r" +\d+ s ago", " ago", out), err


def test_run_and_watch(dayjob: Dayjob, site: Site) -> None:
    code, out, err = dayjob("run", "add", "--arg", "a=2", "--watch", "--url", site.url)
    assert (code, err) == (0, "")
    assert re.fullmatch(r"add \w{8} completed: 3", out.splitlines()[-1])
    assert dayjob("--url", site.url, "run", "fail", "--watch")[0] == 1
    code, out, _ = dayjob(
        "--url", site.url, "run", "add", "--arg", "a=2", "--priority", "7", "--delay", "60", "--timeout=9"
    )
    shown = json.loads(dayjob("--url", site.url, "show", "--json", out.strip())[1])
    assert (shown["priority"], shown["timeout"], shown["status"], shown["args"]) == (7, 9, "pending", {"a": 2})
    for _ in range(2):
        code, out, _ = dayjob("--url", site.url, "cancel", shown["id"])
        assert (code, out) == (0, f"{shown['id']}: cancelled\n")
    assert dayjob("--url", site.url, "watch", shown["id"])[0] == 130


def test_the_same_idempotency_key_gives_the_same_job(dayjob: Dayjob, site: Site) -> None:
    for target in (["--url", site.url], ["--db", site.database]):
        run = [*target, "run", "add", "--idempotency-key", f"key {target[0]}"]
        ids = {dayjob(*run, "--arg", "a=2")[1] for _ in range(2)}
        assert len(ids) == 1
        code, _, err = dayjob(*run, "--arg", "a=3")
        assert (code, "idempotency" in err.lower()) == (1, True)


async def test_a_job_that_did_not_change_is_not_sent_again(dayjob: Dayjob, site: Site) -> None:
    job_id = await asyncio.to_thread(added, dayjob, site, "add", "--arg", "a=2")
    async with ServerSource(site.url) as source:
        first, second = await source.get_job(job_id), await source.get_job(job_id)
        assert first is second  # which the server told in an answer without a body
        other = await source.get_job(await asyncio.to_thread(added, dayjob, site, "add", "--arg", "a=3"))
        assert other != first
        assert await source.get_job("nobody") is None


async def test_a_list_that_did_not_change_is_not_sent_again(dayjob: Dayjob, site: Site) -> None:
    await asyncio.to_thread(added, dayjob, site, "add", "--arg", "a=2")
    async with ServerSource(site.url) as source:
        first, second = await source.list_jobs([], ["add"], 50), await source.list_jobs([], ["add"], 50)
        assert all(one is other for one, other in zip(first, second, strict=True))
        new = await asyncio.to_thread(added, dayjob, site, "add", "--arg", "a=3")
        third = await source.list_jobs([], ["add"], 50)
        assert [job.id for job in third] == [new, *(job.id for job in first)]
        assert await source.list_jobs([Status.PENDING], ["add"], 50) == []


def test_retry(dayjob: Dayjob, site: Site) -> None:
    first = added(dayjob, site, "leak", "--arg", f"api_key={CANARY}")
    for target in (["--url", site.url], ["--db", site.database]):
        code, out, _ = dayjob(*target, "retry", first, "--watch", "--json")
        again = json.loads(out)
        assert (code, again["status"], again["id"] != first) == (0, "completed", True)
        stored = query(
            Path(site.database.removeprefix("sqlite:///")), f"SELECT args FROM dayjob_job WHERE id = '{again['id']}'"
        )
        assert json.loads(stored[0][0]) == {"api_key": CANARY}
    pending = dayjob("--url", site.url, "run", "add", "--arg", "a=1", "--delay", "60")[1].strip()
    for target in (["--url", site.url], ["--db", site.database]):
        code, _, err = dayjob(*target, "retry", pending)
        assert (code, "only a job that ended" in err) == (1, True)
    dayjob("--url", site.url, "cancel", pending)


def test_secrets_are_printed_nowhere(dayjob: Dayjob, site: Site) -> None:
    job_id = added(dayjob, site, "leak", "--arg", f"api_key={CANARY}")
    for target in (["--url", site.url], ["--db", site.database]):
        for command in (["show"], ["show", "--json"], ["logs"], ["logs", "--json"], ["watch"], ["watch", "--json"]):
            code, out, err = dayjob(*target, *command, job_id)
            assert (code, CANARY in out + err) == (0, False), command
        assert "**********" in dayjob(*target, "logs", job_id)[1]


def test_a_job_that_is_run_again_keeps_its_unique_key(dayjob: Dayjob, site: Site) -> None:
    database = Path(site.database.removeprefix("sqlite:///"))
    first = added(dayjob, site, "add", "--arg", "a=2")
    query(database, f"INSERT INTO dayjob_job SELECT {_with_key(database)} FROM dayjob_job WHERE id = '{first}'")
    for target in (["--url", site.url], ["--db", site.database]):
        again = json.loads(dayjob(*target, "retry", "with-a-key", "--watch", "--json")[1])["id"]
        stored = query(database, f"SELECT unique_key FROM dayjob_job WHERE id = '{again}'")
        assert stored == [("add by hand",)]


def _with_key(database: Path) -> str:
    """The columns of a job, but for a copy with another id and a unique key."""
    changed = {"seq": "NULL", "id": "'with-a-key'", "unique_key": "'add by hand'"}
    names = [row[1] for row in query(database, "PRAGMA table_info(dayjob_job)")]
    return ", ".join(changed.get(name, name) for name in names)


def test_the_secrets_of_schedules_are_printed_nowhere(dayjob: Dayjob, site: Site) -> None:
    for target in (["--url", site.url], ["--db", site.database]):
        for action in ([], ["pause", "secretive"], ["resume", "secretive"]):
            code, out, err = dayjob(*target, "schedules", *action, "--json")
            (shown,) = [each for each in json.loads(out) if each["name"] == "secretive"]
            assert (code, shown["args"], CANARY in out + err) == (0, {"api_key": "**********"}, False), action
        code, out, err = dayjob(*target, "schedules", "run", "secretive", "--json")
        assert (code, json.loads(out)["args"], CANARY in out + err) == (0, {"api_key": "**********"}, False)
        code, out, err = dayjob(*target, "watch", json.loads(out)["id"], "--json")
        assert (code, json.loads(out)["status"], CANARY in out + err) == (0, "completed", False)


def test_what_runs_is_followed_to_its_end(dayjob: Dayjob, site: Site) -> None:
    site.gate.clear()
    job_id = dayjob("--url", site.url, "run", "wait")[1].strip()
    command = [sys.executable, "-m", "dayjob.cli", "--url", site.url]
    log = subprocess.Popen([*command, "logs", job_id, "--follow"], stdout=subprocess.PIPE, text=True)
    one = subprocess.Popen([*command, "watch", job_id], stdout=subprocess.PIPE, text=True)
    every = subprocess.Popen([*command, "watch", "--json"], stdout=subprocess.PIPE, text=True)
    assert log.stdout
    assert one.stdout
    assert every.stdout
    assert log.stdout.readline().endswith("begun\n")
    assert "wait" in one.stdout.readline()
    assert json.loads(every.stdout.readline())["status"] == "running"
    assert job_id[-8:] in dayjob("--url", site.url, "list", "--status", "running")[1]
    assert json.loads(dayjob("--url", site.url, "workers", "--json")[1])[0]["running"][0]["id"] == job_id
    site.gate.set()
    assert log.communicate(timeout=30)[0].endswith("ended\n")
    assert one.communicate(timeout=30)[0].splitlines()[-1] == f'wait {job_id[-8:]} completed: "done"'
    told = [json.loads(every.stdout.readline())]
    while told[-1]["status"] == "running":
        told.append(json.loads(every.stdout.readline()))
    every.terminate()
    every.communicate(timeout=30)
    assert (told[-1]["id"], told[-1]["status"]) == (job_id, "completed")
    assert (log.returncode, one.returncode) == (0, 0)


def test_workers_and_doctor(dayjob: Dayjob, site: Site) -> None:
    for target in (["--url", site.url], ["--db", site.database]):
        code, out, _ = dayjob(*target, "workers")
        assert (code, len(out.splitlines())) == (0, 1)
        assert re.search(
            rf"{socket.gethostname()} pid \d+ +alive +0/3 running .* ok  add, fail, leak, wait$", out.strip()
        )
    code, out, _ = dayjob("--url", site.url, "doctor")
    assert code == 0
    server, types, workers = out.splitlines()
    assert re.fullmatch(r"ok +server: http://\S+ answers in \d+ ms", server)
    assert re.fullmatch(r"ok +types: no job waits for a type that no worker knows", types)
    assert re.fullmatch(r"ok +workers: 1 process, 3 slots", workers)


def test_schedules(dayjob: Dayjob, site: Site) -> None:
    def paused() -> bool:
        return bool(json.loads(dayjob("--url", site.url, "schedules", "--json")[1])[0]["paused"])

    assert "  paused  " in dayjob("--url", site.url, "schedules", "pause", "nightly")[1]
    assert paused()
    assert dayjob("--url", site.url, "schedules", "resume", "nightly")[0] == 0
    assert not paused()
    code, out, _ = dayjob("--url", site.url, "schedules", "run", "nightly")
    assert (code, dayjob("--url", site.url, "watch", out.strip())[0]) == (0, 0)


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["run", "nobody"], 3, "Known: add, fail, leak, wait"),
        (["run", "add"], 2, "'a'|field required|missing"),
        (["run", "add", "--arg", "a=x"], 2, "valid integer"),
        (["run", "add", "--arg", "a=1", "--id", "mine"], 2, "--idempotency-key"),
        (["run", "a/b"], 2, "job type"),
        (["show", "stats"], 3, "no job 'stats'"),
        (["show", "../types"], 3, "no job"),
        (["list", "--type", "x" * 300], 0, ""),
        (["prune"], 2, "prunes by itself"),
        (["doctor", "--thorough"], 2, "--db"),
        (["--db", "sqlite:///jobs.db", "list"], 2, "Use one of --db and --url"),
        (["schedules", "pause"], 2, "NAME"),
    ],
)
def test_what_cannot_be(dayjob: Dayjob, site: Site, arguments: list[str], code: int, complaint: str) -> None:
    got, _, err = dayjob("--url", site.url, *arguments)
    assert got == code, err
    assert re.search(complaint, err, re.IGNORECASE)
    assert err.count("\n") <= 1
