"""The command as such, in this process for its answers and as one of its own for pipes and exit codes."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.dayjob.cli.conftest import Dayjob
from tests.dayjob.cli.support import HOSTILE, fill, finished, start

from dayjob import __version__


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["show"], ["cancel"], ["list", "--nonsense"], ["--db"]])
def test_wrong_usage_is_2(dayjob: Dayjob, arguments: list[str]) -> None:
    code, out, err = dayjob(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("usage: dayjob")


@pytest.mark.parametrize("job_type", ["echo", "fail", "talk"])
def test_hostile_texts_are_printed_harmlessly(dayjob: Dayjob, job_type: str) -> None:
    (job_id,) = fill((job_type, {"text": HOSTILE}))
    for command in (["list"], ["show", job_id], ["watch", job_id]):
        _, out, _ = dayjob(*command)
        assert out.replace("\n", "").isprintable(), command
        assert not [line for line in out.splitlines() if line.startswith("second line")], command
    for command in (["show", "--json", job_id], ["list", "--json"]):
        _, out, _ = dayjob(*command)
        assert out.replace("\n", "").isprintable(), command
        assert HOSTILE in _texts(json.loads(out)) or (command[0], job_type) == ("list", "echo")  # it has no arguments


def _texts(document: Any) -> str:
    """All texts of a JSON document, one after another."""
    if isinstance(document, dict | list):
        return "\0".join(map(_texts, document.values() if isinstance(document, dict) else document))
    return str(document)


def test_version_and_help(dayjob: Dayjob) -> None:
    assert dayjob("--version") == (0, f"dayjob {__version__}\n", "")
    code, out, _ = dayjob("--help")
    assert code == 0
    assert all(word in out for word in ("list", "show", "run", "watch", "cancel", "--db", "--app"))


@pytest.mark.parametrize(("arguments", "code"), [(["list"], 4), (["run", "--any-type", "echo"], 0)])
def test_its_exit_code_is_that_of_the_process(folder: Path, arguments: list[str], code: int) -> None:
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
