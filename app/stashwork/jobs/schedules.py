"""The schedules that the settings name, as schedules of the queue."""

from dayjob import JobQueue
from stashwork.settings import Settings

SYNC, ANALYSIS, PROCESS = "sync", "analysis", "process"  # names of the schedules


def declare_schedules(queue: JobQueue, settings: Settings) -> None:
    """Declare the schedules that are set; to be called when the application starts."""
    for name, (job_type, expression) in _schedules(queue, settings).items():
        if expression is not None:
            queue.schedule(job_type, expression, time_zone=settings.time_zone, missed="once", name=name)


async def change_schedules(queue: JobQueue, settings: Settings) -> None:
    """Declare the schedules while the queue runs, and take back those that are no longer set."""
    declare_schedules(queue, settings)
    for name, (_, expression) in _schedules(queue, settings).items():
        if expression is None:
            await queue.unschedule(name)


def _schedules(queue: JobQueue, settings: Settings) -> dict[str, tuple[str, str | None]]:
    wanted = {
        SYNC: ("sync_all", settings.sync_schedule),
        ANALYSIS: ("analyze_scenes", settings.analysis_schedule),
        PROCESS: ("process_library", settings.process_schedule),
    }
    return {name: kind for name, kind in wanted.items() if kind[0] in queue.registry.job_types}
