"""HTTP routes of stashwork; those of jobs come from dayjob."""

from .library import library_router
from .settings import settings_router

__all__ = ["library_router", "settings_router"]
