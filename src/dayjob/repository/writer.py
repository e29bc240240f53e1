"""The writer of this process: a thread with group commit.

Everything that waits is written in one transaction, and its callers are told after the commit. So the price of an
fsync is shared by all who came meanwhile, and nobody hears of a change that is not on disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from ..errors import StorageError
from ..logger import logger
from ..loop import check_loop, in_thread
from ..supervision import SupervisedThread, Supervisor
from .database import Database
from .rows import JobRow
from .transaction import Changes, Transaction, TransactionEnded

log = logger("dayjob.repository")
T = TypeVar("T")

_MAX_BATCH = 512  # operations in one transaction
_LONGEST_CLOSE = 20.0  # seconds that the last transactions get when the writer is closed

_TOGETHER = contextlib.nullcontext()
Operation = Callable[[Transaction], T]


@dataclass(slots=True)
class _Request(Generic[T]):
    operation: Operation[T]
    future: asyncio.Future[T] | None
    durable: bool
    last: bool = False
    result: T | None = None
    error: BaseException | None = None


@dataclass(slots=True)
class Delivery:
    """What a transaction did, for the event loop.

    The jobs that it changed, whether there may be something to claim, and what others had changed before.
    """

    requests: list[_Request[Any]] = field(default_factory=list)
    changed: list[JobRow] = field(default_factory=list)
    ready: bool = False
    foreign: Changes | None = None


class Writer:
    """Runs operations in transactions, in the order in which they were submitted (claims last in each).

    An operation makes one change, or changes of which each is right alone: when it raises, only its own future gets
    the error. When the transaction as a whole cannot be committed, every future of the batch gets a `StorageError`.
    ``on_delivery`` is called on the event loop after each commit, before the futures' callbacks run. ``wanted`` is
    asked in the writer's thread whether anybody wants to hear of a job.
    """

    def __init__(
        self,
        database: Database,
        *,
        wanted: Callable[[str], bool],
        on_delivery: Callable[[Delivery], None],
        supervisor: Supervisor,
    ) -> None:
        self._database = database
        self._wanted = wanted
        self._on_delivery = on_delivery
        self._requests: deque[list[_Request[Any]]] = deque()  # apart from the bell: who ends the thread that waits for
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()  # the next ring takes that along, and nothing else
        self._submitted: list[_Request[Any]] = []
        self._urgent: deque[_Request[Any]] = deque()
        self._thread = SupervisedThread("writer", self._live, supervisor, self._drop_batch)
        self.connection = database.connection()
        self._batch: list[_Request[Any]] = []  # what the transaction under way is for
        self._connected = self._closing = self._closed = False
        self.trouble: StorageError | None = None  # why the last transaction failed, if it did

    async def open(self) -> None:
        """Open the database, migrate it, and begin. Raises `StorageError` (or `SchemaTooNew`)."""
        self._loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._thread.start()
        try:
            await asyncio.wait([self._opened])  # which leaves the future alone when this is cancelled
        except asyncio.CancelledError:
            self._end()
            raise
        self._opened.result()
        if self.connection.signal is not None:
            self._loop.add_reader(self.connection.signal, self._on_signal)

    async def close(self) -> None:
        """Write what was submitted, then close."""
        if self.connection.signal is not None:
            self._loop.remove_reader(self.connection.signal)
        self._closed = True
        self._hand_over()
        self._end()
        await in_thread(lambda: self._thread.join(_LONGEST_CLOSE))
        if self._thread.lost and self._connected:
            self.connection.close()
        self._fail_waiting(self._gone())

    def abandon(self) -> None:
        """The event loop was closed without `close`: have the thread end. For any thread."""
        self._closed = True
        self._end()

    def _end(self) -> None:
        """Have the thread end when all is written that was asked before."""
        self._closing = True
        self._bell.put(None)

    def submit(self, operation: Operation[T], *, durable: bool = True, last: bool = False) -> asyncio.Future[T]:
        """Have ``operation`` run in the next transaction, ``last`` if it wants to see what all others did in it; the
        future is done after the commit.

        ``durable=False`` is for what may be lost in a power failure (claims, progress, beats): a transaction of only
        such operations is committed without waiting for the disk.
        """
        self.check_loop()
        future: asyncio.Future[T] = self._loop.create_future()
        if self._closed:  # by a stop of the queue, while this caller was under way
            future.set_exception(self._gone())
            return future
        if not self._submitted:  # once per turn of the loop: waking the writer for each would make it fight for the GIL
            self._loop.call_soon(self._hand_over)
        self._submitted.append(_Request(operation, future, durable, last))
        return future

    def check_loop(self) -> None:
        """Raise `QueueNotRunning` in another event loop than the one that this writer answers on."""
        check_loop(self._loop)

    def _hand_over(self) -> None:
        if self._submitted:
            self._requests.append(self._submitted)
            self._submitted = []
            self._bell.put(None)
        if self._thread.lost:
            self.trouble = StorageError(
                f"The thread that writes the job database {self._database.name} has ended. Restart this process."
            )
            self._fail_waiting(self.trouble)

    def _fail_waiting(self, error: StorageError) -> None:
        """On the event loop, when nobody is there who could do what was asked."""
        waiting, self._batch = self._batch, []
        while self._requests:
            waiting += self._requests.popleft()
        while self._urgent:
            waiting.append(self._urgent.popleft())
        for request in waiting:
            if request.future is not None and not request.future.done():
                request.future.set_exception(error)

    def submit_urgent(self, operation: Operation[T], future: asyncio.Future[T] | None) -> None:
        """Have ``operation`` run first in the next transaction; may be called from any thread."""
        self._urgent.append(_Request(operation, future, durable=False))
        self._bell.put(None)
        if self._thread.lost:
            self._post(self._hand_over)

    def watch_closely(self) -> None:
        """Look often for a while: somebody writes with a connection of his own."""
        self.connection.watch_closely()
        self._bell.put(None)

    def _on_signal(self) -> None:
        self.connection.heard()
        self._bell.put(None)

    def _gone(self) -> StorageError:
        return StorageError(f"The job database {self._database.name} is closed: the queue was stopped.")

    # From here on everything runs in the writer's thread.

    def _live(self) -> None:
        """From the opening to the close; or on from where an error has ended the thread's last life."""
        if not self._connected and not self._open():
            return
        while self._requests or not self._closing:
            self._step()
        self.connection.close()

    def _open(self) -> bool:
        try:
            self.connection.open()
        except BaseException as error:  # noqa: BLE001 (it is handed to whoever awaits open())
            self._post(self._opened.set_exception, self.connection.explain(error))
            return False
        self._connected = True
        self._post(self._opened.set_result, None)
        return True

    def _drop_batch(self, error: BaseException) -> None:
        """An error beyond a transaction has ended the thread's life: who waits for its answer has to hear of it."""
        if not self._connected:
            return
        self.connection.rollback(error)
        self.trouble = StorageError(
            f"The thread that writes the job database {self._database.name} failed ({type(error).__name__}: {error}) "
            "and begins anew. Try again; what was asked may have been stored."
        )
        batch, self._batch = self._batch, []
        for request in batch:
            request.error = self.trouble
        self._post(self._deliver, Delivery(batch, ready=True))

    def _step(self) -> None:
        """One transaction, or one look for what others did."""
        called = self._wait()
        batch = self._batch
        while self._requests and len(batch) < _MAX_BATCH:
            batch += self._requests.popleft()
        while self._urgent:
            batch.insert(0, self._urgent.popleft())
        if batch:
            batch.sort(key=lambda request: request.last)
            self._post(self._deliver, self._commit(batch))
            self._batch = []
            self.connection.attend()
        elif (foreign := self.connection.look(called=called)) is not None:
            self._post(self._deliver, Delivery(foreign=foreign))

    def _wait(self) -> bool:
        """Wait for something to do; False if nothing came for so long that it is time to look at the others."""
        if not self._requests and not self._urgent:  # else a life of this thread ended after it had heard the bell
            try:
                self._bell.get(timeout=self.connection.patience)
            except queue.Empty:
                return False
        while not self._bell.empty():
            self._bell.get_nowait()
        return True

    def _commit(self, batch: list[_Request[Any]]) -> Delivery:
        delivery = Delivery(batch)
        try:
            transaction = self._write(batch)
            self.trouble = None
        except Exception as error:  # noqa: BLE001 (an error that only this thread heard of would be a wait for ever)
            self._fail(batch, error)
        else:
            self._announce(transaction, delivery)
        return delivery

    def _write(self, batch: list[_Request[Any]]) -> Transaction:
        """Commit what was asked; in another transaction if an operation has ended the first, as others do not."""
        while True:
            try:
                transaction = self.connection.begin(durable=any(request.durable for request in batch))
                for request in batch:
                    self._perform(request, transaction)
                self.connection.commit()
            except Exception as error:
                if not self.connection.rollback(error):
                    raise
            else:
                return transaction

    def _announce(self, transaction: Transaction, delivery: Delivery) -> None:
        """After the commit: who begins to listen only now finds in the database what he has missed."""
        delivery.ready, delivery.foreign = transaction.ready, transaction.foreign
        if wanted := [job_id for job_id in transaction.moved if self._wanted(job_id)]:
            try:
                transaction.read_moved(wanted)
            except Exception:  # it is written: its callers hear of that, whatever is wrong with what they would read
                log.warning("what was written cannot be read; trying again", exc_info=True)
                missing = self.connection.own_changes()
                delivery.foreign = missing if transaction.foreign is None else missing.join(transaction.foreign)
        delivery.changed = transaction.changed

    def _perform(self, request: _Request[Any], transaction: Transaction) -> None:
        request.error = None
        try:
            with transaction.atomic() if transaction.apart else _TOGETHER:
                request.result = request.operation(transaction)
        except Exception as error:
            if transaction.is_over:  # a full disk or an I/O error has ended it: nothing of the batch is written
                raise TransactionEnded(str(error)) from error
            request.error = transaction.explain(error)

    def _fail(self, batch: list[_Request[Any]], error: Exception) -> None:
        told = self.connection.explain(error)
        self.trouble = told if isinstance(told, StorageError) else None
        for request in batch:
            request.error = told

    def _post(self, function: Callable[..., None], *args: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the event loop was closed before the queue was stopped: the heartbeat
            self._loop.call_soon_threadsafe(function, *args)  # notices that, and says it

    def _deliver(self, delivery: Delivery) -> None:
        """On the event loop: resolve the futures and announce what was committed."""
        for request in delivery.requests:
            if request.future is None or request.future.done():
                continue
            if request.error is not None:
                request.future.set_exception(request.error)
            else:
                request.future.set_result(request.result)
        self._on_delivery(delivery)
