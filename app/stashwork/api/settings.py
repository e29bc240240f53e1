"""Routes for the settings, and for testing the connection."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from dayjob.web import ProblemRoute, problem
from stashwork.connection import ConnectionReport, check_connection
from stashwork.settings import Settings, normal_stash_url
from stashwork.settings_store import Setting, SettingsRefused, SettingsStore, Value

_LONGEST = 10_000  # characters of a value


class Candidate(BaseModel):
    """What to test in place of the settings; a key goes only to the address that it is given with."""

    model_config = ConfigDict(extra="forbid")

    stash_url: str | None = Field(default=None, max_length=_LONGEST)
    stash_api_key: SecretStr | None = Field(default=None, max_length=_LONGEST)


def settings_router(store: SettingsStore, changed: Callable[[], Awaitable[None]]) -> APIRouter:
    """`GET` and `PATCH /settings`, `POST /settings/test`; `changed` is awaited after each change."""
    router = APIRouter(prefix="/settings", tags=["settings"], route_class=ProblemRoute)

    @router.get("", summary="All settings that can be changed; secrets are never shown")
    async def get_settings() -> dict[str, Setting]:
        return store.describe()

    @router.patch("", summary="Change settings; null takes one back to its default", response_model=dict[str, Setting])
    async def change_settings(
        changes: Annotated[dict[str, Value], Body(max_length=50)],
    ) -> Response | dict[str, Setting]:
        try:
            store.change(changes)
        except SettingsRefused as error:
            faults = [{"pointer": f"/{name}", "detail": fault} for name, fault in error.faults.items()]
            return problem(422, "invalid_settings", str(error), errors=faults)
        await changed()
        return store.describe()

    @router.post("/test", summary="Can Stash be read? With the settings, or with others before they are saved")
    async def test_connection(candidate: Candidate | None = None) -> ConnectionReport:
        try:
            return await check_connection(*_test_target(store.current, candidate or Candidate()))
        except ValueError as error:
            return ConnectionReport(False, str(error), code="invalid_address")

    return router


def _test_target(current: Settings, candidate: Candidate) -> tuple[str | None, str | None]:
    """The address and key to test. The stored key is not sent to an address that it was not stored with."""
    url = normal_stash_url(candidate.stash_url) if candidate.stash_url else current.stash_url
    key = candidate.stash_api_key
    if key is None and url == current.stash_url:
        key = current.stash_api_key
    return url, key.get_secret_value() if key else None
