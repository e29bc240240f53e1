"""Is this the server whose library is here? Ids do not say: every Stash has a scene 1."""

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from stashwork.stash import StashClient, StashError

from .models import Scene

_SAMPLE = 20  # scenes that are compared


class OtherLibrary(StashError):
    """The server's scenes are others than those that are here."""

    code = "other_library"


async def ensure_same_library(engine: AsyncEngine, client: StashClient) -> None:
    """Compare when some scenes were created, here and there. Raises OtherLibrary if most of them differ, StashError.

    A server may move to another address, and another server to the address of the old one; what stays is this. When
    none of the scenes is there any more, it cannot be told.
    """
    here = await _sample(engine)
    found = (await client.scenes_by_id(sorted(here))).items if here else ()
    others = sum(_instant(scene.created_at) != _instant(here[scene.id]) for scene in found)
    if 2 * others > len(found):
        raise OtherLibrary(
            f"Stash at {client.url} has another library than the one that was copied to {engine.url.database}: "
            f"of {len(found)} scenes with the same numbers, {others} are others. Nothing was read or written. "
            "If STASH_URL is right, set STASHWORK_DATA to another folder for this library."
        )


async def _sample(engine: AsyncEngine) -> dict[int, str]:
    """Scenes from the first to the last, at even distances, and when they were created."""
    there = Scene.missing_since.is_(None)
    numbered = select(Scene.id, Scene.created_at, (func.row_number().over(order_by=Scene.id) - 1).label("place")).where(
        there
    )
    async with engine.connect() as connection:
        total = int(await connection.scalar(select(func.count()).select_from(Scene).where(there)) or 0)
        places = {number * (total - 1) // max(_SAMPLE - 1, 1) for number in range(min(_SAMPLE, total))}
        rows = numbered.subquery()
        chosen = select(rows.c.id, rows.c.created_at).where(rows.c.place.in_(places))
        return {row.id: row.created_at for row in await connection.execute(chosen)}


def _instant(text: str) -> datetime | str:
    """Equal for one moment in two time zones: a server writes in its own, and may be given another one."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment.astimezone(UTC) if moment.tzinfo else text
