"""The options of a job as query parameters: each of `RunOptions`, with its bounds."""

from __future__ import annotations

from inspect import Parameter, Signature
from typing import Annotated, Any

from fastapi import Query
from pydantic import AwareDatetime

from ..options import LONGEST, RUN_OPTIONS, Duration, Kind, RunOptions, Whole


async def read_run_options(**given: Any) -> RunOptions:
    """FastAPI dependency: the options that the query gives; what is wrong with them is a 422."""
    options: Any = {name: value for name, value in given.items() if value is not None}
    return options  # type: ignore[no-any-return]  # as its signature says


def _annotation(kind: Kind) -> Any:
    if isinstance(kind, Whole):
        return Annotated[int | None, Query(ge=kind.least, le=kind.most)]
    if isinstance(kind, Duration):
        least: dict[str, Any] = {"gt": 0} if kind.positive else {"ge": 0}
        return Annotated[float | None, Query(le=LONGEST, allow_inf_nan=False, **least)]
    return AwareDatetime | None


_parameters = [
    Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=_annotation(kind))
    for name, kind in RUN_OPTIONS.items()
]
read_run_options.__signature__ = Signature(_parameters)  # type: ignore[attr-defined]  # what FastAPI goes by
