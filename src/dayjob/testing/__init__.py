"""Helpers for tests of applications: run a handler without a queue, see its progress, drain a queue, have every job
run where it is added, let time pass, run an app with its queue on a temporary database."""

from .apps import LOCAL, Local, running_app
from .clock import FakeClock, fake_clock
from .handlers import ProgressRecorder, record_progress, run_handler
from .queues import drain, inline, temporary_database

__all__ = [
    "LOCAL",
    "FakeClock",
    "Local",
    "ProgressRecorder",
    "drain",
    "fake_clock",
    "inline",
    "record_progress",
    "run_handler",
    "running_app",
    "temporary_database",
]
