"""The job types of stashwork: thin, and the only place where dayjob meets the domain."""

from . import sync_job

__all__ = ["sync_job"]
