"""Is this the server whose library is here? Ids do not say: every Stash has a scene 1."""

from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from stashwork.stash import StashClient, StashError

from .models import Scene
from .run import START_ANEW
from .scene_identity import is_same_moment

_SAMPLE = 20  # scenes that are compared


class WhichLibrary(StrEnum):
    """What its owner says of a library that does not look like the one that was copied."""

    SAME = "same"  # take it for the same one, whatever it looks like
    NEW = "new"  # begin anew: the local copy is emptied first


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
    others = sum(not is_same_moment(scene.created_at, here[scene.id]) for scene in found)
    if 2 * others > len(found):
        raise OtherLibrary(
            f"Stash at {client.url} has another library than the one that was copied to {engine.url.database}: "
            f"of {len(found)} scenes with the same numbers, {others} are others. Nothing was read or written. "
            f"If it is the same library, confirm that (stashwork sync --same-library); {START_ANEW}"
        )


async def _sample(engine: AsyncEngine) -> dict[int, str]:
    """Scenes from the first to the last, at even distances, and when they were created."""
    numbered = select(Scene.id, Scene.created_at, (func.row_number().over(order_by=Scene.id) - 1).label("place"))
    async with engine.connect() as connection:
        total = int(await connection.scalar(select(func.count()).select_from(Scene)) or 0)
        places = {number * (total - 1) // max(_SAMPLE - 1, 1) for number in range(min(_SAMPLE, total))}
        rows = numbered.subquery()
        chosen = select(rows.c.id, rows.c.created_at).where(rows.c.place.in_(places))
        return {row.id: row.created_at for row in await connection.execute(chosen)}
