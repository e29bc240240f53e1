"""The command that users run on their disk: it tells what is wrong, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from tests.processes import is_running
from tests.support import eventually

from dayjob import crashtest
from dayjob.cli import main
from dayjob.crashtest.loops import stop_loop
from dayjob.crashtest.oracle import Oracle
from dayjob.repository import Finding


def test_a_disk_that_keeps_its_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crashtest, "stop_loop", partial(stop_loop, beat=1.0))
    code = main(["crashtest", "--dir", str(tmp_path), "--seconds", "3", "--seed", "same", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert code == 0, told
    assert (told["seed"], told["kept"]) == ("same", True)
    found = {finding["name"]: finding for finding in told["findings"]}
    assert {"file system", "fsync", "lockf", "flock", "shared memory", "WAL", "free space"} <= found.keys()
    assert "0 lost" in found["kill -9, one process"]["detail"]
    assert "no late write landed" in found["stopped and woken up"]["detail"]
    assert list(tmp_path.iterdir()) == []


def test_a_violation_keeps_the_evidence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crashtest, "stop_loop", partial(stop_loop, beat=0.2))
    monkeypatch.setattr(Oracle, "look", lambda self, over=False: ["job 1 is lost"])
    assert crashtest.main(["--dir", str(tmp_path), "--seconds", "1"]) == 1
    said = capsys.readouterr().out
    (kept,) = tmp_path.iterdir()
    assert "ERROR    kill -9, one process: job 1 is lost" in said
    assert str(kept) in said


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert crashtest.main(["--dir", str(tmp_path / "nowhere")]) == 1
    assert "ERROR    folder: cannot be written" in capsys.readouterr().out


@pytest.mark.timeout(60)
async def test_an_interrupt_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dayjob.crashtest", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    assert process.stdout is not None
    for line in process.stdout:
        if "WAL" in line:
            break
    while not (ledgers := list(tmp_path.glob("*/app/1/ledger"))) or "begin" not in ledgers[0].read_text():
        assert process.poll() is None
    pids = {int(line.split()[3]) for line in ledgers[0].read_text().splitlines()}
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    process.stdout.close()
    assert list(tmp_path.iterdir()) == []
    await eventually(lambda: not any(map(is_running, pids)))


def test_the_verdict_follows_the_worst() -> None:
    verdict: Callable[..., str] = crashtest._verdict
    assert "can live here" in verdict([Finding("a", "ok", "")])
    assert "should know" in verdict([Finding("a", "ok", ""), Finding("b", "warning", "")])
