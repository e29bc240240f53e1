"""The lines of JSON through which the app, the supervisor and the handler's process talk."""

from __future__ import annotations

import json
import os
import threading
from typing import Any

KILL = "kill"  # what the app says when the handler's time is over; what else is no JSON is a reason to stop
_sending = threading.Lock()


def send(out: int, message: dict[str, Any]) -> None:
    """Write a message for the app, as a whole, whatever other threads send."""
    data = (json.dumps(message, ensure_ascii=False) + "\n").encode(errors="backslashreplace")
    with _sending:
        while data:
            data = data[os.write(out, data) :]


def read_line(descriptor: int) -> bytes:
    """One line, read byte by byte, so that nothing after it is taken."""
    line = bytearray()
    while not line.endswith(b"\n"):
        chunk = os.read(descriptor, 1)
        if not chunk:
            break
        line += chunk
    return bytes(line)
