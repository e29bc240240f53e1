"""A few threads that read, so that nobody who reads waits for who writes."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import time
from asyncio import Future
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from ..errors import StorageError
from ..loop import in_thread
from ..supervision import SupervisedThread, Supervisor
from .database import Database
from .transaction import Reader

T = TypeVar("T")
_Read = Callable[[Reader], Any]
_READERS = 2
_LONGEST_READ = 10.0  # seconds that reads under way get when the repository is closed


class Readers:
    """Threads with a reading connection each."""

    def __init__(self, database: Database, supervisor: Supervisor) -> None:
        self._database = database
        self._asked: deque[tuple[_Read, Future[Any]]] = deque()
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()  # as in the writer
        names = [f"reader-{number}" for number in range(_READERS)]
        self._threads = [SupervisedThread(name, self._serve, supervisor) for name in names]
        self._closed = True

    def open(self) -> None:
        """Begin to serve."""
        self._closed = False
        for thread in self._threads:
            thread.start()

    async def run(self, read: Callable[[Reader], T]) -> T:
        """``read`` called with a connection in one of the threads; raises `StorageError`."""
        if self._closed or all(thread.lost for thread in self._threads):
            raise self._gone()
        future: Future[T] = asyncio.get_running_loop().create_future()
        self._asked.append((read, future))
        self._bell.put(None)
        return await future

    async def close(self) -> None:
        """Serve what was asked before, and end."""
        self.abandon()
        await in_thread(self._join)
        while self._asked:  # of threads that are lost, or that the disk holds up
            _end(self._asked.popleft()[1], None, self._gone())

    def abandon(self) -> None:
        """Have the threads end."""
        self._closed = True
        for _ in self._threads:
            self._bell.put(None)

    def _join(self) -> None:
        ends = time.monotonic() + _LONGEST_READ
        for thread in self._threads:
            thread.join(max(0.0, ends - time.monotonic()))

    def _gone(self) -> StorageError:
        return StorageError(f"The job database {self._database.name} is closed: the queue was stopped.")

    def _serve(self) -> None:
        """In a thread: a life of it, with a connection that is made for the first read."""
        with contextlib.ExitStack() as connected:
            reader: Reader | None = None
            while (asked := self._next()) is not None:
                read, future = asked
                try:
                    reader = reader or connected.enter_context(contextlib.closing(self._database.reader()))
                    _tell(future, read(reader), None)
                except Exception as error:  # noqa: BLE001 (the caller gets it)
                    explained = self._database.explain(error)
                    if explained is not error:
                        connected.close()  # the next one sees the files as they are then
                        reader = None
                    _tell(future, None, explained)
                except BaseException:
                    ended = f"A thread that reads the job database {self._database.name} was ended; try again."
                    _tell(future, None, StorageError(ended))
                    raise

    def _next(self) -> tuple[_Read, Future[Any]] | None:
        while True:
            with contextlib.suppress(IndexError):
                return self._asked.popleft()
            if self._closed:
                return None
            self._bell.get()


def _tell(future: Future[Any], result: Any, error: BaseException | None) -> None:
    with contextlib.suppress(RuntimeError):  # the event loop ended before: nobody waits any more
        future.get_loop().call_soon_threadsafe(_end, future, result, error)


def _end(future: Future[Any], result: Any, error: BaseException | None) -> None:
    if future.done():  # who waited has gone away
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)
