"""The one background loop: everything of ours that repeats on the event loop starts, waits and stops here."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import Awaitable, Callable

from .errors import QueueNotRunning
from .logger import logger
from .supervision import SupervisedTask, Supervisor

log = logger("dayjob.loop")

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 30.0
_LONGEST_STEP = 15.0  # seconds that a step may take when the loop is to stop: longer than the database may be locked


def check_loop(own: asyncio.AbstractEventLoop) -> None:
    """Raise `QueueNotRunning` in another event loop than the queue's: what awaits there would never be told."""
    if asyncio.get_running_loop() is not own:
        if own.is_closed():
            raise QueueNotRunning(
                "The event loop that the job queue was started on was closed without `await queue.stop()`. "
                "Start it again on this one: `await queue.start()`."
            )
        raise QueueNotRunning(
            "The job queue was started on another event loop. From a thread, hand the call over: "
            "asyncio.run_coroutine_threadsafe(queue.enqueue(...), loop).result()."
        )


async def in_thread(function: Callable[[], object]) -> None:
    """Call ``function``, which blocks, in a thread of its own: asyncio's may all be taken by handlers that hang."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def call() -> None:
        function()
        with contextlib.suppress(RuntimeError):  # the loop ended before: nobody waits any more
            loop.call_soon_threadsafe(lambda: None if done.done() else done.set_result(None))

    threading.Thread(target=call, name="dayjob-close", daemon=True).start()
    await done


class Loop:
    """Calls ``step`` again and again: at ``wake()``, and after the seconds that ``step`` returned (None: only at wake).

    A step that raises is logged and tried again after a pause that doubles up to 30 seconds (with jitter), so that
    a sick database is neither hammered nor given up; ``supervisor`` is told. ``stop()`` lets the step under way finish.
    """

    def __init__(
        self, name: str, step: Callable[[], Awaitable[float | None]], supervisor: Supervisor | None = None
    ) -> None:
        self._name = name
        self._step = step
        self._supervisor = supervisor or Supervisor()
        self._task = SupervisedTask(name, self._run, self._supervisor)
        self._woken = asyncio.Event()
        self._stopping = False

    def start(self) -> None:
        """Begin; the first step comes at once."""
        self._task.start()

    def wake(self) -> None:
        """Ask for a step soon; asking many times before it comes is asking once."""
        self._woken.set()

    async def stop(self) -> None:
        """End after the step under way, if any."""
        self._stopping = True
        self._woken.set()
        await self._task.stop(_LONGEST_STEP)

    async def _run(self) -> None:
        pause: float | None = None
        failures = 0
        self._woken.set()
        while True:
            await self._sleep(pause)
            if self._stopping:
                return
            try:
                pause = await self._step()
            except Exception as error:  # whatever a step raises, the loop goes on; it is logged with its traceback
                failures += 1
                pause = self._backoff(failures)
                if failures > 1:  # once may be a moment's lock
                    self._supervisor.down(self._name, error)
                log.exception("%s failed; next try in %.1f s", self._name, pause)
            else:
                if failures:
                    failures = 0
                    self._supervisor.up(self._name)

    async def _sleep(self, pause: float | None) -> None:
        try:
            async with asyncio.timeout(pause):
                await self._woken.wait()
        except TimeoutError:
            pass
        self._woken.clear()

    @staticmethod
    def _backoff(failures: int) -> float:
        longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(failures, 16))
        return random.uniform(longest / 2, longest)  # noqa: S311 (jitter, not a secret)
