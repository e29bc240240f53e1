"""Keeps alive the threads and tasks that carry a queue, and knows which of them are down, and why.

None of them ends by itself before the stop. But handlers share the process: one may cancel all tasks of the event loop,
or raise an exception in a foreign thread; and a row may be of a shape that nobody thought of. What ended is told by
`Supervisor.trouble` at once, and begins anew after a pause that doubles while it ends again soon.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

from .errors import PartFailed
from .logger import logger

log = logger("dayjob.supervision")

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0  # seconds; a loop that is being closed is closed before the first is over


class Supervisor:
    """The parts of one queue. May be asked, and told, in any thread."""

    def __init__(self) -> None:
        self._down: dict[str, str] = {}
        self._threads: list[SupervisedThread] = []

    @property
    def trouble(self) -> PartFailed | None:
        """Which part is down, and why; None if all are well."""
        for name, why in list(self._down.items()):
            return PartFailed(f"The {name} of the job queue failed ({why}); it begins anew by itself. See the log.")
        for thread in self._threads:
            if thread.lost:
                return PartFailed(f"The thread of the {thread.name} of the job queue has ended. Restart this process.")
        return None

    def down(self, name: str, error: BaseException) -> None:
        """This part does not work."""
        self._down[name] = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__

    def up(self, name: str) -> None:
        """It works."""
        self._down.pop(name, None)

    def watch(self, thread: SupervisedThread) -> None:
        """Look after this thread, too, should it end without a word."""
        self._threads.append(thread)


class _Lives:
    """How long to wait before a part begins anew."""

    def __init__(self) -> None:
        self._failures = 0
        self._began = 0.0

    def begin(self) -> None:
        self._began = time.monotonic()

    def pause(self) -> float:
        """Seconds until the next life, after one that was not to end."""
        if time.monotonic() - self._began > _LONGEST_PAUSE:
            self._failures = 0
        self._failures += 1
        return float(min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(self._failures - 1, 16)))


class SupervisedTask:
    """Has ``run`` carried through in a task: if it is cancelled, or raises, before `stop`, ``run`` is called again."""

    def __init__(self, name: str, run: Callable[[], Coroutine[Any, Any, None]], supervisor: Supervisor) -> None:
        self.name = name
        self._run = run
        self._supervisor = supervisor
        self._lives = _Lives()
        self._stopping = self._done = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, on the event loop."""
        self._loop = asyncio.get_running_loop()
        self._begin()

    async def stop(self, longest: float) -> None:
        """Wait until ``run`` has returned, which has to be asked for by other means; after some seconds cancel it."""
        self._stopping = True
        if self._task is None:
            return
        _, late = await asyncio.wait([self._task], timeout=longest)
        if late:
            log.error("the %s did not stop within %g s and is cancelled", self.name, longest)
            self._task.cancel()

    def done(self) -> bool:
        """Whether ``run`` has returned."""
        return self._done

    def _begin(self) -> None:
        if self._stopping:
            return
        self._lives.begin()
        self._supervisor.up(self.name)
        self._task = self._loop.create_task(self._run(), name=f"dayjob-{self.name}")
        self._task.add_done_callback(self._over)

    def _over(self, task: asyncio.Task[None]) -> None:
        error = asyncio.CancelledError("somebody cancelled its task") if task.cancelled() else task.exception()
        self._done = error is None
        if error is None or self._stopping:
            return
        pause = self._lives.pause()
        self._supervisor.down(self.name, error)
        where = None if task.cancelled() else error
        log.error("the %s was ended, and begins anew in %.1f s: %r", self.name, pause, error, exc_info=where)
        self._loop.call_later(pause, self._begin)


class SupervisedThread:
    """Calls ``run`` in a daemon thread until it returns; when it raises, ``abandon`` and then ``run`` again.

    ``abandon`` is called in that thread with the exception: nobody may wait for what will not come any more.
    """

    def __init__(
        self,
        name: str,
        run: Callable[[], None],
        supervisor: Supervisor,
        abandon: Callable[[BaseException], None] = lambda _error: None,
    ) -> None:
        self.name = name
        self._run = run
        self._supervisor = supervisor
        self._abandon = abandon
        self._lives = _Lives()
        self._thread: threading.Thread | None = None
        self._returned = False

    def start(self) -> None:
        """Begin. Raises RuntimeError if the system gives no thread."""
        thread = threading.Thread(target=self._live, name=f"dayjob-{self.name}", daemon=True)
        thread.start()
        self._thread = thread
        self._supervisor.watch(self)

    @property
    def lost(self) -> bool:
        """Whether the thread is not there any more, although nobody has told it to end."""
        return self._thread is not None and not self._returned and not self._thread.is_alive()

    def join(self, longest: float) -> bool:
        """Wait for the end, for some seconds at most; whether it has come."""
        if self._thread is not None:
            self._thread.join(longest)
        return self._thread is None or not self._thread.is_alive()

    def _live(self) -> None:
        while not self._returned:
            self._lives.begin()
            self._supervisor.up(self.name)
            try:
                self._run()
                self._returned = True
            except BaseException as error:  # noqa: BLE001 (SystemExit, too, that somebody raised in this thread)
                self._fail(error)

    def _fail(self, error: BaseException) -> None:
        pause = self._lives.pause()
        self._supervisor.down(self.name, error)
        log.error("the %s was ended, and begins anew in %.1f s: %r", self.name, pause, error, exc_info=error)
        self._abandon(error)
        time.sleep(pause)
