"""Schedules as an app names them: when one runs, and how it stands."""

from .cron import Cron
from .schedule import Missed, ScheduleStatus

__all__ = ["Cron", "Missed", "ScheduleStatus"]
