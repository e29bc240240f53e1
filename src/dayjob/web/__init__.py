"""The front door for FastAPI apps: ``app.include_router(jobs_router(queue, auth=LocalOnly()), prefix="/jobs")``.

Needs FastAPI (``pip install "dayjob[fastapi]"``).
"""

from .access import Access, Action, Authorizer, Owner, OwnJobs, Resource, read_only
from .health import health_router
from .pages import Pages
from .problems import ProblemRoute, only_known_parameters, problem
from .router import jobs_router
from .router_context import get_job_queue, get_websocket_manager
from .security import LocalOnly, Principal, insecure_open_to_everyone
from .token import LOGIN_PATH, Token
from .websocket import SocketLimits, WebSocketManager

__all__ = [
    "LOGIN_PATH",
    "Access",
    "Action",
    "Authorizer",
    "LocalOnly",
    "OwnJobs",
    "Owner",
    "Pages",
    "Principal",
    "ProblemRoute",
    "Resource",
    "SocketLimits",
    "Token",
    "WebSocketManager",
    "get_job_queue",
    "get_websocket_manager",
    "health_router",
    "insecure_open_to_everyone",
    "jobs_router",
    "only_known_parameters",
    "problem",
    "read_only",
]
