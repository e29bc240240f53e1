"""HTTP routes of stashwork; those of jobs come from dayjob."""

from .library import library_router

__all__ = ["library_router"]
