"""Progress in a terminal: one line that is drawn again and again, or plain lines where there is no terminal."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

__all__ = ["JobView", "ProgressBar", "ProgressBars", "duration", "printable", "render"]

_BAR = 24  # characters
_PLAIN_EVERY = 2.0  # seconds between two plain lines


@dataclass(frozen=True, slots=True)
class JobView:
    """What there is to show of a job. ``rate`` is items per second, ``eta`` seconds."""

    label: str
    status: str
    percent: int
    processed: int
    total: int | None
    message: str | None = None
    rate: float | None = None
    eta: float | None = None
    stage: str | None = None
    stalled: bool = False


def render(view: JobView, width: int = 100, *, bar: bool = True) -> str:
    """One line of at most ``width`` characters.

    >>> render(JobView("sync_all", "running", 37, 370, 1000, "Scenes", 12.5, 50.0), bar=False)
    'sync_all  37 %  370/1000  12.5/s  about 50 s  Scenes'
    """
    parts = [view.label]
    if view.total or view.percent:
        filled = view.percent * _BAR // 100
        parts += ["[" + "#" * filled + "-" * (_BAR - filled) + "]"] if bar else []
        parts.append(f"{view.percent} %")
    elif not view.processed:
        parts.append(view.status)
    if view.processed or view.total:
        parts.append(f"{view.processed}/{view.total}" if view.total else f"{view.processed} done")
    parts += [f"{view.rate:.3g}/s"] if view.rate else []
    parts += [f"about {duration(view.eta)}"] if view.eta else []
    parts += ["stalled"] if view.stalled else []
    parts += [part for part in (view.stage, view.message) if part]
    text = printable("  ".join(parts))
    return text if len(text) <= width else text[: width - 1] + "…"


def duration(seconds: float) -> str:
    """Seconds as people say them.

    >>> duration(3700)
    '1 h 2 min'
    """
    whole = round(seconds)
    if whole < 90:
        return f"{whole} s"
    minutes = round(whole / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def printable(text: str) -> str:
    """A text of a stranger without the characters that move a terminal's cursor or change its colours."""
    return "".join(c if c.isprintable() else " " for c in text)


class ProgressBar:
    """Draws the newest state on ``stream``: over the same line on a terminal, else as lines now and then."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._drawn = 0
        self._last: JobView | None = None
        self._written_at = 0.0

    def show(self, view: JobView, *, final: bool = False) -> None:
        """Draw; ``final`` leaves the line as it is."""
        if self._is_terminal:
            self._redraw(view)
        elif final or time.monotonic() - self._written_at >= _PLAIN_EVERY:
            self._write(view)
        if final:
            self.leave()

    def leave(self) -> None:
        """Leave the line, so that other text can follow."""
        if self._is_terminal and self._drawn:
            print(file=self._stream, flush=True)
            self._drawn = 0

    def _redraw(self, view: JobView) -> None:
        text = render(view, shutil.get_terminal_size().columns - 1)
        print("\r" + text.ljust(self._drawn), end="", file=self._stream, flush=True)
        self._drawn = len(text)

    def _write(self, view: JobView) -> None:
        if view != self._last:
            print(render(view, 200, bar=False), file=self._stream, flush=True)
            self._last, self._written_at = view, time.monotonic()


class ProgressBars:
    """Draws the newest state of several jobs on ``stream``: one line each, drawn again on a terminal.

    Elsewhere each has a line now and then. At most as many as the terminal has room for.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._drawn = 0
        self._plain: dict[str, ProgressBar] = {}

    def show(self, views: Mapping[str, JobView], above: Sequence[str] = ()) -> None:
        """Draw these jobs, by id, and no others; ``above`` them goes what is to stay (it has to be `printable`)."""
        if self._is_terminal:
            self._redraw(list(views.values()), above)
        else:
            self._write(views, above)

    def _redraw(self, views: Sequence[JobView], above: Sequence[str]) -> None:
        """In one write. A line that is wider than it looks is cut by the terminal: it must not take two."""
        size = shutil.get_terminal_size()
        lines = [render(each, size.columns - 1) for each in views] or ["No job runs. Ctrl-C ends this."]
        if (room := max(2, size.lines - 1)) < len(lines):
            lines[room - 1 :] = [f"... and {len(lines) - room + 1} more"]
        up = f"\x1b[{self._drawn}A" if self._drawn else ""
        kept = "".join(f"{text}\n" for text in above)
        drawn = "".join(f"{text}\n" for text in lines)
        self._stream.write(f"{up}\r\x1b[J{kept}\x1b[?7l{drawn}\x1b[?7h")
        self._stream.flush()
        self._drawn = len(lines)

    def _write(self, views: Mapping[str, JobView], above: Sequence[str]) -> None:
        for text in above:
            print(text, file=self._stream, flush=True)
        self._plain = {each: self._plain.get(each) or ProgressBar(self._stream) for each in views}
        for each, state in views.items():
            self._plain[each].show(state)
