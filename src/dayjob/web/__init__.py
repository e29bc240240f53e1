"""The front door for FastAPI apps: ``app.include_router(jobs_router(queue, auth=LocalOnly()), prefix="/jobs")``.

Needs FastAPI (``pip install "dayjob[fastapi]"``).
"""

from .health import health_router
from .router import get_job_queue, get_websocket_manager, jobs_router
from .security import LocalOnly, Principal, insecure_open_to_everyone
from .websocket import WebSocketManager

__all__ = [
    "LocalOnly",
    "Principal",
    "WebSocketManager",
    "get_job_queue",
    "get_websocket_manager",
    "health_router",
    "insecure_open_to_everyone",
    "jobs_router",
]
