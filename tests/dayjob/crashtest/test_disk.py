"""What a disk does with locks and syncs is told; the examination itself, with one thing wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from dayjob import crashtest
from dayjob.crashtest import disk


def test_a_lock_that_keeps_nobody_out_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "_try_lock", lambda name, path: True)
    assert crashtest.main(["--dir", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "ERROR    lockf: two processes got the same lock" in said
    assert said.endswith("breaks its promises.\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("seconds", "level"), [(0.0, "warning"), (0.001, "ok"), (0.3, "warning")])
def test_an_fsync_that_costs_nothing_or_much_is_told(
    seconds: float, level: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0

    def fsync(_descriptor: int) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr(disk.os, "fsync", fsync)
    monkeypatch.setattr(disk.time, "perf_counter", lambda: now)
    assert disk._syncs(tmp_path).level == level
