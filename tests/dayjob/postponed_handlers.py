"""Handlers whose annotations are text until somebody asks, one of them for type checkers only."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from decimal import Decimal

    from dayjob import JobContext


async def with_date(ctx: JobContext, day: datetime.date, count: int = 1, **kwargs: Any) -> str:
    return f"{day:%d.%m.%Y} {count}"


def odd() -> dict[str, tuple[Any, str, str]]:
    """Handlers whose annotations cannot be read: by name, with the argument, and what is to be said of it."""

    class Local: ...

    async def of_a_local_type(page: Local) -> None: ...
    async def checked_only(sum: Decimal, n: int = 1) -> None: ...
    async def context_of_another_name(context: JobContext) -> None: ...
    async def of_no_schema(lines: range) -> None: ...

    return {
        "of_a_local_type": (of_a_local_type, "page", "Local is not known in its module"),
        "checked_only": (checked_only, "sum", "when TYPE_CHECKING is false"),
        "context_of_another_name": (context_of_another_name, "context", "write `ctx: JobContext`"),
        "of_no_schema": (of_no_schema, "lines", "cannot be checked: Unable to generate"),
    }
