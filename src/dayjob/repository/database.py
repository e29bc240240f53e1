"""The seam between the repository and a database: the one connection that writes, those that read, and their errors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Protocol

from ..errors import StorageError
from ..models import NewJob
from .creation import Accepted
from .transaction import Changes, Reader, Transaction


class Signal(Protocol):
    """What an event loop can watch."""

    def fileno(self) -> int:
        """Its descriptor."""


class Worker(Protocol):
    """A process: its id, and its host."""

    @property
    def id(self) -> str: ...
    @property
    def host(self) -> str: ...


class Connection(ABC):
    """The one connection of a process that writes; all of it is used in the writer's thread, but for `heard`."""

    @property
    @abstractmethod
    def signal(self) -> Signal | None:
        """Readable when other processes have written something, where they can say so; of an open one."""

    @abstractmethod
    def open(self) -> None:
        """Connect, and bring the schema up to date."""

    @abstractmethod
    def close(self) -> None:
        """Disconnect."""

    @abstractmethod
    def begin(self, *, durable: bool) -> Transaction:
        """Begin a transaction, whose commit waits for the disk if ``durable``."""

    @abstractmethod
    def commit(self) -> None:
        """Write what was begun."""

    @abstractmethod
    def rollback(self, error: BaseException) -> bool:
        """Forget the transaction, if there is one, after an error. Raises nothing.

        Whether the same operations may go well in a new one, which is `Transaction.apart`.
        """

    @abstractmethod
    def explain(self, error: BaseException) -> BaseException:
        """What the callers hear whose transaction ended with ``error``."""

    @abstractmethod
    def own_changes(self) -> Changes:
        """What the transaction that was committed last has changed itself."""

    @abstractmethod
    def attend(self) -> None:
        """After a transaction was told to its callers: what else there is to do for the database and its users."""

    @abstractmethod
    def look(self, *, called: bool) -> Changes | None:
        """What others have changed since the last look, when nothing else is to be done; ``called``: they said so."""

    @property
    @abstractmethod
    def patience(self) -> float:
        """Seconds to wait for something to do before a `look`."""

    @abstractmethod
    def watch_closely(self) -> None:
        """Look often for a while: somebody writes with a connection of his own. For any thread."""

    @abstractmethod
    def heard(self) -> None:
        """Take note of the `signal`, on the event loop."""


class ProcessLock(ABC):
    """What the others see of the life of this process at once, and not only by its beats."""

    @abstractmethod
    def acquire(self) -> None:
        """Take it. Raises `StorageError`."""

    @abstractmethod
    def renew(self) -> None:
        """Take it again if it was lost. Raises `StorageError`."""

    @abstractmethod
    def release(self, *, remove: bool = True) -> None:
        """Let it go; ``remove`` its traces unless others still have this process listed and have to see it end."""


class Database(ABC):
    """A database that jobs are kept in."""

    name: str  # for messages

    @property
    @abstractmethod
    def trouble(self) -> StorageError | None:
        """Why no new job should be taken, whatever the connection says. Cheap."""

    @abstractmethod
    def connection(self) -> Connection:
        """The one that writes; not open yet."""

    @abstractmethod
    def reader(self) -> Reader:
        """A connection that reads. Called, and used, in one of the readers' threads."""

    @abstractmethod
    def process_lock(self, worker: str) -> ProcessLock:
        """The lock of this process, whose id is ``worker``; not taken yet."""

    @abstractmethod
    def lost_its_lock(self, worker: Worker) -> bool:
        """Whether a process has certainly ended, since its lock is free; False wherever that cannot be seen."""

    @abstractmethod
    def remove_lock(self, worker: Worker) -> None:
        """Nothing is left of a process that has ended."""

    @abstractmethod
    def explain(self, error: BaseException) -> BaseException:
        """What a caller hears of an error: a `StorageError` if it is the database's."""

    @abstractmethod
    async def create_in(self, db: Any, news: Sequence[NewJob]) -> list[Accepted]:
        """Store jobs in the transaction of ``db``, a session or connection of the caller, all or none."""
