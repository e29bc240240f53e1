"""The front door for FastAPI apps: ``app.include_router(jobs_router(queue, auth=LocalOnly()), prefix="/jobs")``.

Needs FastAPI (``pip install "dayjob[fastapi]"``).
"""

from .access import OwnJobs, read_only
from .health import health_router
from .router import jobs_router
from .router_context import get_job_queue, get_websocket_manager
from .security import LocalOnly, Principal, insecure_open_to_everyone
from .token import Token
from .websocket import SocketLimits, WebSocketManager

__all__ = [
    "LocalOnly",
    "OwnJobs",
    "Principal",
    "SocketLimits",
    "Token",
    "WebSocketManager",
    "get_job_queue",
    "get_websocket_manager",
    "health_router",
    "insecure_open_to_everyone",
    "jobs_router",
    "read_only",
]
