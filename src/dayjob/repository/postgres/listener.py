"""The session of this process that only listens, and by which the others see whether the process lives.

It has a thread of its own. When another process has written something it says so by NOTIFY, and the socket `signal`
becomes readable. The session holds an advisory lock, which the server drops when the process ends, however it ends;
more than once a second the thread reads which others are held. When the session is lost it makes another.
"""

from __future__ import annotations

import contextlib
import random
import select
import socket
import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg

from ...logger import logger
from .transaction import fetch

Connection = psycopg.Connection[tuple[Any, ...]]
log = logger("dayjob.repository")

_LOOK_EVERY = 0.75  # seconds between looks at who is connected
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0  # seconds before the next try to connect


class Listener:
    """Listens on ``channel`` with what ``connect`` gives. ``space`` and a number of 32 bits name an advisory lock."""

    def __init__(self, connect: Callable[[], Connection], channel: str, space: int) -> None:
        self._connect = connect
        self.channel = channel
        self._space = space
        self._numbers: set[int] = set()  # of the locks that the session is to hold
        self._held: set[int] = set()  # those that it holds
        self.own_pid = 0  # of the session that writes, whose notes say nothing new
        self._server_started = ""
        self._seen: set[int] = set()  # who was ever connected since then
        self._absent: set[int] = set()  # of those, at the last look
        self._gone: set[int] = set()  # at the one before as well
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self.signal: socket.socket | None = None  # readable when others have written something

    # --- for the others ---

    def open(self) -> None:
        """Begin to listen."""
        self.signal, self._told = _pair()
        self._bell, self._rung = _pair()
        self._ended.clear()
        self._thread = threading.Thread(target=self._live, name="dayjob-listener", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Listen no more."""
        if self._thread is None or self.signal is None:
            return
        self._ended.set()
        self._ring()
        self._thread.join()
        for end in (self.signal, self._told, self._bell, self._rung):
            end.close()
        self._thread = self.signal = None

    def clear(self) -> None:
        """Take note of the signal."""
        if self.signal is not None:
            _drain(self.signal)

    def hold(self, number: int) -> None:
        """Show that a process lives; as soon as there is a session."""
        self._numbers.add(number)
        self._ring()

    def drop(self, number: int) -> None:
        """Show it no more."""
        self._numbers.discard(number)
        self._ring()

    def is_gone(self, number: int) -> bool:
        """Whether a process was connected, and was not at two looks: a session that was lost is back by then."""
        return number in self._gone

    # --- in the thread ---

    def _live(self) -> None:
        pause = _FIRST_PAUSE
        while not self._ended.is_set():
            try:
                with closing(self._connect()) as connection:
                    connection.execute(f"LISTEN {self.channel}".encode())
                    pause = _FIRST_PAUSE
                    self._serve(connection)
            except psycopg.Error as error:
                log.warning("the listener of the job database lost its session; it makes another: %s", error)
            self._held.clear()
            self._forget()
            self._ended.wait(pause * random.uniform(0.5, 1.0))  # noqa: S311 (so that not all come back at once)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _serve(self, connection: Connection) -> None:
        self._tell()  # what was said while nobody listened
        look_at = time.monotonic()
        while not self._ended.is_set():
            self._hold(connection)
            if time.monotonic() >= look_at:
                self._look(connection)
                look_at = time.monotonic() + _LOOK_EVERY
            patience = max(0.0, look_at - time.monotonic())
            select.select([connection.fileno(), self._bell.fileno()], [], [], patience)
            _drain(self._bell)
            notes = list(connection.notifies(timeout=0))  # all of them: the server keeps what nobody reads
            if any(note.pid != self.own_pid for note in notes):
                self._tell()

    def _hold(self, connection: Connection) -> None:
        for number in self._numbers - self._held:
            connection.execute("SELECT pg_advisory_lock_shared(%s, %s)", [self._space, number])
        for number in self._held - self._numbers:
            connection.execute("SELECT pg_advisory_unlock_shared(%s, %s)", [self._space, number])
        self._held = set(self._numbers)

    def _look(self, connection: Connection) -> None:
        ((started, connected),) = fetch(connection, "presence", {"space": self._space})
        self._note(started, set(connected))

    def _note(self, server_started: str, connected: set[int]) -> None:
        if server_started != self._server_started:  # then all were cut off, and are about to come back
            self._server_started = server_started
            self._forget()
        absent = self._seen - connected
        self._gone = absent & self._absent
        self._absent = absent
        self._seen |= connected

    def _forget(self) -> None:
        """Who cannot see, or could not, says of nobody that he is gone."""
        self._seen, self._absent, self._gone = set(), set(), set()

    def _tell(self) -> None:
        with contextlib.suppress(BlockingIOError):  # it has been told often enough
            self._told.send(b"!")

    def _ring(self) -> None:
        if self._thread is not None:
            with contextlib.suppress(BlockingIOError):
                self._rung.send(b"!")


def _pair() -> tuple[socket.socket, socket.socket]:
    ends = socket.socketpair()
    for end in ends:
        end.setblocking(False)
    return ends


def _drain(end: socket.socket) -> None:
    with contextlib.suppress(BlockingIOError):
        while end.recv(4096):
            pass
