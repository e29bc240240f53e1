"""Plans: what could be better about the library, what a person thinks of it, and writing it to the server.

Knows nothing of jobs.
"""

from .abandoned import BusyPlan, busy_plans, release_plan
from .ai import AiClient, AiError, AiSettings
from .analyze import AnalysisService
from .apply import ApplyService
from .errors import PlanError, PlanNotFound, PlanNotReady
from .models import Decision, Outcome, PlanStatus
from .options import AnalysisOptions, SceneFilter
from .results import AiUsage, AnalysisResult, ApplyResult
from .review import ChangeFilter, ChangeView, PlanView, ReviewService
from .values import InvalidValue

__all__ = [
    "AiClient",
    "AiError",
    "AiSettings",
    "AiUsage",
    "AnalysisOptions",
    "AnalysisResult",
    "AnalysisService",
    "ApplyResult",
    "ApplyService",
    "BusyPlan",
    "ChangeFilter",
    "ChangeView",
    "Decision",
    "InvalidValue",
    "Outcome",
    "PlanError",
    "PlanNotFound",
    "PlanNotReady",
    "PlanStatus",
    "PlanView",
    "ReviewService",
    "SceneFilter",
    "busy_plans",
    "release_plan",
]
