"""The job types of stashwork: thin, and the only place where dayjob meets the domain."""

from . import analysis_job, apply_plan_job, process_job, sync_job

__all__ = ["analysis_job", "apply_plan_job", "process_job", "sync_job"]
