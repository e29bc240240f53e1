"""`analyze_scenes` as a job."""

from typing import Any

from dayjob import Fail, JobContext, job
from stashwork.plans import AnalysisOptions

from .services import get_analysis_service


@job("analyze_scenes", "Analyze scenes for metadata")
async def analyze_scenes_job(
    job_id: str,
    ctx: JobContext,
    scene_ids: list[int] | None = None,
    options: dict[str, Any] | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Make a plan of what could be better; `options` as in `AnalysisOptions`. Returns its id and counts.

    A run that was interrupted goes on: the plan itself holds how far it came.
    """
    try:
        chosen = AnalysisOptions.of((options or {}) | ({"scene_ids": scene_ids} if scene_ids is not None else {}))
        async with get_analysis_service(chosen) as analysis_service:
            result = await analysis_service.analyze_scenes(
                job_id=job_id, options=chosen, progress_callback=ctx.progress.update
            )
    except ValueError as error:
        raise Fail(str(error)) from error
    return result.dict()
