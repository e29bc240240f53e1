"""Which jobs are meant: ``--db``, ``--app``, ``--url``, or the environment."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from pathlib import Path

from ..job_queue import JobQueue
from .database import DatabaseSource
from .exits import WrongUse
from .server import ServerSource
from .source import Source

_DEFAULT = "sqlite:///jobs.db"


def source_of(options: argparse.Namespace, *, create: bool = False) -> Source:
    """The source that the options name. ``create``: a database that is not there may be made.

    For who adds jobs the options may have ``any_type``, see `DatabaseSource`.
    """
    any_type = getattr(options, "any_type", False)
    given = [name for name in ("db", "app", "url") if getattr(options, name) is not None]
    if len(given) > 1:
        raise WrongUse(f"Use one of --{' and --'.join(given)}: each names the jobs.")
    url = options.url if given else os.environ.get("DAYJOB_URL")
    if url is not None:
        if any_type:
            raise WrongUse("A server adds jobs of the types that it knows only: --any-type is for --db and --app.")
        return ServerSource(url, options.token or os.environ.get("DAYJOB_TOKEN"))
    queue = None if options.app is None else load_queue(options.app)
    return DatabaseSource(queue.path if queue else options.db or _DEFAULT, queue, create=create, any_type=any_type)


def load_queue(name: str) -> JobQueue:
    """The queue that ``MODULE:QUEUE`` names; importing the module registers its types. Raises `WrongUse`."""
    module, _, attribute = name.partition(":")
    sys.path.insert(0, str(Path.cwd()))
    try:
        queue = getattr(importlib.import_module(module), attribute or "queue")
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise WrongUse(f"{name}: {error}. Use MODULE:QUEUE, as in main:queue.") from error
    if not isinstance(queue, JobQueue):
        raise WrongUse(f"{name} is a {type(queue).__name__}, not a JobQueue.")
    return queue
