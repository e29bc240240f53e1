"""Handlers that are not what stands under their name here, registered as people do it; and some that say so."""

from __future__ import annotations

import functools
from collections.abc import Callable

from dayjob import JobContext, JobRegistry

registry = JobRegistry()


def with_tenant(function: Callable[[], str]) -> Callable[[], str]:
    @functools.wraps(function)
    def wrapper() -> str:
        return "tenant:" + function()

    return wrapper


def plain() -> str:
    return "plain"


registry.register("decorated_here", with_tenant(plain), run_in="process")


@with_tenant
@registry.job("decorated_above", run_in="process")
def above() -> str:
    return "above"


@registry.job("decorated_below", run_in="process")
@with_tenant
def below() -> str:
    return "below"


@registry.job("first", run_in="process")
def same() -> str:
    return "first"


@registry.job("second", run_in="process")
def same() -> str:  # type: ignore[no-redef]  # noqa: F811 (that is what is tried)
    return "second"


class Jobs:
    @registry.job("static", run_in="process")
    @staticmethod
    def static() -> str:
        return "static"


for region in ("north", "south"):

    def report(region: str = region) -> str:
        return region

    registry.register(region, report, run_in="process")


def gone() -> str:
    return "gone"


registry.register("gone", gone, run_in="process")
del gone


NAMES = {"below": below, "same": same, "above": above, "plain": plain, "report": report}


def ask_for(ctx: JobContext, name: str) -> None:
    """Adds a function of this module as a child."""
    ctx.enqueue_child(NAMES[name])
