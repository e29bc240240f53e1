"""Handlers whose annotations are text until somebody asks, one of them for type checkers only."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dayjob import JobContext


async def with_date(ctx: JobContext, day: datetime.date, count: int = 1, **kwargs: Any) -> str:
    return f"{day:%d.%m.%Y} {count}"
