"""The host of this process, as others tell it apart."""

from __future__ import annotations

import functools
import socket

host_name = functools.cache(socket.gethostname)
