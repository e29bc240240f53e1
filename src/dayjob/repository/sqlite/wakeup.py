"""Wakes the other processes on a database when there is something new, so that they need not wait for their next look.

Each has a Unix datagram socket in the folder ``<database>.workers``. A datagram says nothing but "look": what there is
to see is in the database, so one that gets lost costs the delay of a look and nothing else.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from pathlib import Path

from ...ids import uuid7
from ...logger import logger

log = logger("dayjob.repository")

_ENDING = ".wake"
_APART = 0.005  # seconds between two datagrams to the same process: many commits are one piece of news
_MOST_AT_ONCE = 1000  # datagrams that are taken off the socket at once; they all mean the same


class Wakeup:
    """The socket of one process. Used in the writer's thread; `clear` where the socket is watched.

    ``owed``: the others are to be told. ``complete``: every process that was there at the last `look` can be told, this
    one too, so nobody needs to poll often. Where no socket can be made, nothing is sent and ``complete`` stays False.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._name = uuid7() + _ENDING
        self._folder = ""
        self._told_at = 0.0
        self.socket: socket.socket | None = None
        self.owed = False
        self.complete = False

    def open(self) -> None:
        """Make the socket. It comes in by a rename, so one that is there and refuses has lost its process."""
        folder = self._path.with_name(self._path.name + ".workers")
        try:
            with contextlib.ExitStack() as undo:
                folder.mkdir(exist_ok=True)
                self._descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
                undo.callback(os.close, self._descriptor)
                # An address has 107 bytes at most: through its descriptor the path is short, if there is a /proc.
                near = f"/proc/self/fd/{self._descriptor}"
                self._folder = near if os.path.isdir(near) else str(folder)
                self.socket = self._bind(undo)
                undo.pop_all()
        except (OSError, AttributeError) as error:  # AttributeError: a system without such sockets
            log.info("other processes on %s are noticed by polling alone: %s", self._path, error)

    def _bind(self, undo: contextlib.ExitStack) -> socket.socket:
        made, new = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM), f"{self._folder}/.{self._name}"
        undo.callback(made.close)
        made.setblocking(False)
        made.bind(new)
        os.chmod(new, self._path.stat().st_mode & 0o666)  # who may write the database may wake its processes
        os.rename(new, f"{self._folder}/{self._name}")
        return made

    def close(self) -> None:
        """Tell the others what they were not told yet, and take the socket away."""
        if self.socket is not None:
            self.look(tell=self.owed)
            self._remove(self._name)
            self.socket.close()
            os.close(self._descriptor)
            self.socket = None

    @property
    def due(self) -> float:
        """Seconds until the others may be told again."""
        return max(0.0, self._told_at + _APART - time.monotonic())

    def tell(self) -> None:
        """Wake the others, if they are to be told and the last time is long enough ago."""
        if self.owed and not self.due:
            self.owed, self._told_at = False, time.monotonic()
            self.look(tell=True)

    def look(self, *, tell: bool = False) -> None:
        """See who is there, and wake them."""
        if self.socket is None:
            return
        try:
            names = os.listdir(self._folder)
        except OSError:  # too many open files, perhaps
            self.complete = False
            return
        sockets = [name for name in names if name.endswith(_ENDING) and not name.startswith(".")]
        self.complete = len(names) <= 2 * len(sockets)  # beside a socket each process has a file there (`process_lock`)
        for name in sockets:
            if tell and name != self._name:
                self._send(self.socket, name)

    def _send(self, sender: socket.socket, name: str) -> None:
        try:
            sender.sendto(b"!", f"{self._folder}/{name}")
        except ConnectionRefusedError:  # its process died
            self._remove(name)
        except OSError:  # it is full of datagrams that say the same, or gone
            pass

    def _remove(self, name: str) -> None:
        with contextlib.suppress(OSError):
            os.unlink(f"{self._folder}/{name}")

    def clear(self) -> None:
        """Take the datagrams that came."""
        if self.socket is not None:
            with contextlib.suppress(OSError):
                for _ in range(_MOST_AT_ONCE):
                    self.socket.recv(1)
