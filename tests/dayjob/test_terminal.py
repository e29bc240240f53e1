"""The progress line, on a terminal (a real pseudo-terminal) and elsewhere."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable

import pytest

from dayjob import terminal
from dayjob.terminal import JobView, ProgressBar, ProgressBars, duration, printable, render

RUNNING = JobView("sync", "running", 37, 370, 1000, "Scenes", 12.5, 50.0)


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (JobView("sync", "pending", 0, 0, None), "sync  pending"),
        (JobView("sync", "running", 0, 0, None), "sync  running"),
        (JobView("sync", "running", 0, 0, 10), "sync  0 %  0/10"),
        (JobView("sync", "running", 0, 7, None), "sync  7 done"),
        (JobView("sync", "running", 50, 5, 10), "sync  50 %  5/10"),
        (JobView("sync", "completed", 100, 0, None), "sync  100 %"),
        (RUNNING, "sync  37 %  370/1000  12.5/s  about 50 s  Scenes"),
        (JobView("sync", "running", 5, 5, 100, "page 1", stage="Scenes"), "sync  5 %  5/100  Scenes  page 1"),
        (JobView("sync", "running", 0, 5, None, stalled=True), "sync  5 done  stalled"),
        (JobView("sync", "running", 1, 1, 100, None, 0.00123), "sync  1 %  1/100  0.00123/s"),
        (JobView("sync", "running", 1, 1, 100, None, 12345.6), "sync  1 %  1/100  1.23e+04/s"),
    ],
)
def test_what_is_shown(view: JobView, expected: str) -> None:
    assert render(view, bar=False) == expected


@pytest.mark.parametrize("percent", [0, 1, 37, 50, 99, 100])
def test_the_bar_has_one_width(percent: int) -> None:
    bar = render(JobView("x", "running", percent, 1, 10)).split("[")[1].split("]")[0]
    assert len(bar) == 24
    assert bar.count("#") == percent * 24 // 100
    assert set(bar) <= {"#", "-"}


@pytest.mark.parametrize("width", [10, 40, 80])
def test_it_fits_the_width(width: int) -> None:
    text = render(JobView("sync", "running", 37, 370, 1000, "m" * 500), width)
    assert len(text) == width
    assert text.endswith("…")


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        *((0, "0 s"), (0.4, "0 s"), (59.6, "60 s"), (89, "89 s"), (90, "2 min"), (3569, "59 min")),
        *((3600, "1 h 0 min"), (3700, "1 h 2 min"), (90_000, "25 h 0 min")),
    ],
)
def test_durations(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


@pytest.mark.parametrize(
    "hostile", ["\x1b[2J", "\x1b]0;title\a", "a\r\nb", "\x9b31m", "\u202eabc", "\x00", "\u2028", "\x7f"]
)
def test_texts_of_strangers_are_harmless(hostile: str) -> None:
    for text in (printable(hostile), render(JobView("x", "running", 1, 1, 2, hostile))):
        assert text.isprintable()


def test_ordinary_texts_stay_as_they_are() -> None:
    assert printable("Żółw 🐢 ok") == "Żółw 🐢 ok"


def on_a_terminal(draw: Callable[[ProgressBar], None]) -> str:
    """What ``draw`` writes on a pseudo-terminal."""
    master, slave = os.openpty()
    with os.fdopen(slave, "w") as stream:
        draw(ProgressBar(stream))
    written = b""
    with contextlib.suppress(OSError):  # EIO: all is read, and nobody has the other end any more
        while chunk := os.read(master, 4096):
            written += chunk
    os.close(master)
    return written.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
class TestOnATerminal:
    def test_one_line_is_drawn_again_and_again(self) -> None:
        def draw(progress: ProgressBar) -> None:
            progress.show(RUNNING)
            progress.show(JobView("sync", "completed", 100, 9, 9), final=True)

        written = on_a_terminal(draw)
        assert written.count("\r") - written.count("\r\n") == 2
        assert written.count("\n") == 1
        assert written.endswith("\n")

    def test_a_shorter_line_wipes_the_longer_one(self) -> None:
        def draw(progress: ProgressBar) -> None:
            progress.show(RUNNING)
            progress.show(JobView("s", "pending", 0, 0, None))

        _, first, second = on_a_terminal(draw).split("\r")
        assert len(second) == len(first)

    def test_leaving_twice_is_one_newline(self) -> None:
        def draw(progress: ProgressBar) -> None:
            progress.leave()
            progress.show(RUNNING)
            progress.leave()
            progress.leave()

        assert on_a_terminal(draw).count("\n") == 1


class TestElsewhere:
    def test_plain_lines_now_and_then(self, monkeypatch: pytest.MonkeyPatch) -> None:
        now = 100.0
        monkeypatch.setattr(terminal.time, "monotonic", lambda: now)
        stream = io.StringIO()
        progress = ProgressBar(stream)
        for second in range(10):
            now = 100.0 + second
            progress.show(JobView("sync", "running", second, second, 100))
        assert len(stream.getvalue().splitlines()) == 5
        assert "\r" not in stream.getvalue()

    def test_the_same_is_not_said_twice_but_the_end_always_is(self) -> None:
        stream = io.StringIO()
        progress = ProgressBar(stream)
        progress.show(RUNNING)
        progress.show(RUNNING, final=True)
        end = JobView("sync", "completed", 100, 1000, 1000)
        progress.show(end, final=True)
        assert stream.getvalue().splitlines() == [render(RUNNING, 200, bar=False), render(end, 200, bar=False)]


def lines_on_a_terminal(*drawings: tuple[dict[str, JobView], list[str]]) -> str:
    def draw(progress: ProgressBar) -> None:
        lines = ProgressBars(progress._stream)
        for shown, above in drawings:
            lines.show(shown, above)

    return on_a_terminal(draw)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
class TestSeveralOnATerminal:
    def test_each_has_a_line_and_is_drawn_again_there(self) -> None:
        other = JobView("other", "running", 50, 5, 10)
        written = lines_on_a_terminal(({"a": RUNNING, "b": other}, []), ({"b": other}, ["sync ended"]), ({}, []))
        first, second, third = written.split("\x1b[J")[1:]
        assert [part.split("  ")[0] for part in first.splitlines()[:2]] == ["\x1b[?7lsync", "other"]
        assert first.endswith("\x1b[2A\r")  # up over both
        assert second.startswith("sync ended\r\n\x1b[?7lother")
        assert second.endswith("\x1b[1A\r")  # what ended stays
        assert "No job runs" in third

    def test_not_more_than_there_is_room_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LINES", "5")
        monkeypatch.setenv("COLUMNS", "40")
        written = lines_on_a_terminal(({str(n): RUNNING for n in range(9)}, []))
        assert written.count("\n") == 4
        assert "... and 6 more" in written


def test_several_elsewhere_are_plain_lines() -> None:
    stream = io.StringIO()
    lines = ProgressBars(stream)
    lines.show({"a": RUNNING, "b": JobView("other", "running", 50, 5, 10)})
    lines.show({"b": JobView("other", "running", 60, 6, 10)}, ["sync ended"])  # too soon for another line of the same
    assert [text.split("  ")[0] for text in stream.getvalue().splitlines()] == ["sync", "other", "sync ended"]
