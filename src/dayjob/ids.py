"""Ids of jobs and processes, and the rule for names."""

from __future__ import annotations

import os
import random
import re
import time
import uuid

from .errors import InvalidName

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}")
# Words that stand where an id or a type stands in the routes.
RESERVED = frozenset({"ws", "ui", "types", "stats", "workers", "schedules", "events", "healthz", "readyz"})


def check_name(name: object, what: str) -> str:
    """Return ``name`` if it can be a job id or a type name, else raise `InvalidName` with the rule.

    >>> check_name("sync_all", "job type")
    'sync_all'
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidName(
            f"{_quote(name)} cannot be a {what}: use 1 to 128 letters, digits or any of _ . : - "
            "and begin with a letter or digit."
        )
    if name in RESERVED:
        raise InvalidName(f"'{name}' cannot be a {what}: the routes use this word.")
    return name


def is_name(name: object) -> bool:
    """Whether a job could have this id: what cannot be one need not be looked for."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def _quote(name: object) -> str:
    text = repr(name)
    return text if len(text) <= 80 else text[:77] + "..."


def _made_uuid7() -> str:
    """A version 7 UUID (RFC 9562, section 5.7): 48 bits of milliseconds, then random bits."""
    millis = time.time_ns() // 1_000_000
    value = (millis << 80) | _random.getrandbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


# Its own generator, seeded by the system: an app that seeds the common one in each of its processes must not make them
# give out the same ids, nor must a fork.
_random = random.Random()  # noqa: S311 (an id is not a secret)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_random.seed)


def _standard_uuid7() -> str:
    return str(uuid.uuid7())  # type: ignore[attr-defined,unused-ignore]  # in the standard library from 3.14


uuid7 = _standard_uuid7 if hasattr(uuid, "uuid7") else _made_uuid7
