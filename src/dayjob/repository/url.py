"""Which file a database URL names."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from ..options import invalid

_URL = re.compile(r"sqlite(?:\+\w+)?:///(.*)", re.IGNORECASE | re.DOTALL)
_SCHEME = re.compile(r"([\w+.-]{2,}):(?://)?")  # a single letter is a drive
_EXAMPLE = "'sqlite:///jobs.db'"


def database_path(url: Any) -> Path:
    """The absolute path of the file that ``url`` names: a text like ``sqlite:///jobs.db``, or a `Path`.

    A relative path begins in the working directory of now, ``~`` is the user's home. The driver that SQLAlchemy is told
    (``sqlite+aiosqlite:///``) makes no difference. Raises `InvalidOption`.
    """
    path = url if isinstance(url, Path) else Path(_path_in(url))
    try:
        path = path.expanduser().absolute()
    except (RuntimeError, OSError) as error:  # no such user; a working directory that was removed
        raise invalid("url", url, f"an absolute path, as in 'sqlite:////data/jobs.db' ({error})") from error
    if "\0" in str(path) or os.path.isdir(path):  # Path.is_dir raises for what cannot be a name
        raise invalid("url", url, f"the path of a file, as in {_EXAMPLE}: this can be none")
    return path


def database_url(path: Path) -> str:
    """The URL of a file."""
    return f"sqlite:///{path}"


def _path_in(url: Any) -> str:
    if not isinstance(url, str):
        raise invalid("url", url, _instead_of(url))
    matched = _URL.fullmatch(url)
    if matched is None:
        raise _no_url(url)
    path = matched[1]
    if path in ("", ":memory:") or path.startswith("file::memory:"):
        raise invalid("url", url, f"a file, as in {_EXAMPLE}: jobs in memory would be lost with the process")
    if path.startswith("file:") or "?" in path:
        raise invalid("url", url, f"a path without options, as in {_EXAMPLE} (or a Path, if this is the file's name)")
    if path.endswith("/") or not path.isprintable():
        raise invalid("url", url, f"the path of a file, as in {_EXAMPLE}")
    return path


def _no_url(url: str) -> Exception:
    scheme = _SCHEME.match(url)
    if scheme is None or scheme[1].lower() == "file":
        return invalid("url", url, f"a database URL, as in {_EXAMPLE}, or a Path")
    if scheme[1].lower() == "sqlite":
        return invalid("url", url, f"three slashes before a relative path, as in {_EXAMPLE}, and four before /")
    # What follows may hold a password.
    return invalid("url", f"{scheme[0]}...", f"a file of SQLite, as in {_EXAMPLE}: dayjob has no other database")


def _instead_of(given: Any) -> str:
    """What to use in place of an engine, or a URL, of SQLAlchemy."""
    url = getattr(given, "url", given)
    if str(getattr(url, "drivername", "")).startswith("sqlite") and getattr(url, "database", None):
        return f"'sqlite:///{url.database}'"
    return f"a text, as in {_EXAMPLE}, or a Path"
