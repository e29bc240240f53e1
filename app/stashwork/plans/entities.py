"""The server's performers, studios and tags while a plan is applied: which exist, and making those that do not."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.sqlite import insert

from stashwork.detectors import Entity, Kind, NameIndex
from stashwork.detectors.folding import fold
from stashwork.detectors.names import FIELD_KINDS
from stashwork.library import store_entity
from stashwork.stash import StashClient, StashError, StashRefusedQuery
from stashwork.stash.readers import Node, read_performer, read_studio, read_tag

from .journal import Journal
from .models import CreatedEntity

_CREATE = {
    Kind.PERFORMER: (
        "mutation Create($input: PerformerCreateInput!) { created: performerCreate(input: $input) "
        "{ id name disambiguation alias_list favorite created_at updated_at } }"
    ),
    Kind.STUDIO: (
        "mutation Create($input: StudioCreateInput!) { created: studioCreate(input: $input) "
        "{ id name aliases parent_studio { id } created_at updated_at } }"
    ),
    Kind.TAG: (
        "mutation Create($input: TagCreateInput!) { created: tagCreate(input: $input) "
        "{ id name description aliases parents { id } created_at updated_at } }"
    ),
}


class Unusable(Exception):
    """The entity of a change cannot be written; `is_gone` if it was deleted on the server."""

    def __init__(self, message: str, *, is_gone: bool) -> None:
        super().__init__(message)
        self.is_gone = is_gone


class ServerEntities:
    """What the server has, read once, and what this run adds."""

    def __init__(self, client: StashClient, journal: Journal) -> None:
        self._client = client
        self._journal = journal
        self._known: dict[Kind, NameIndex] = {}

    async def server_id(self, field: str, value: Mapping[str, Any]) -> int:
        """The id of a change's entity; made if it has none and no one of its name exists. Raises Unusable, StashError.

        Names and aliases are compared without case and accents, so that nothing is made twice, and an id is trusted
        only with its name: numbers come back, in a library that was made anew or restored from a backup.
        """
        kind = FIELD_KINDS[field]
        index = await self._load_index(kind)
        if value["id"] is not None:
            self.check(field, value)
            return int(value["id"])
        return self._find_only(kind, value["name"], index) or await self._create(kind, value["name"])

    def check(self, field: str, value: Mapping[str, Any]) -> None:
        """Raise Unusable unless the id of an entity still stands for its name; its field was loaded."""
        kind = FIELD_KINDS[field]
        index = self._known[kind]
        entity = index.entities.get((kind, value["id"]))
        if entity is None:
            raise Unusable(f"the {kind} {value['name']} is no longer on the server", is_gone=True)
        if not _is_called(entity, value["name"], index):
            raise Unusable(f"the number of the {kind} {value['name']} is {entity.name} now", is_gone=True)

    async def load(self, fields: Iterable[str]) -> None:
        """Read what these fields refer to, if that was not done yet: no request is made while a transaction is open."""
        for field in FIELD_KINDS.keys() & set(fields):
            await self._load_index(FIELD_KINDS[field])

    def entity_value(self, field: str, number: int) -> dict[str, Any]:
        """An entity of a field that was loaded, as the value of a change."""
        kind = FIELD_KINDS[field]
        entity = self._known[kind].entities.get((kind, number))
        return {"id": number, "name": entity.name if entity else f"{kind} {number}"}

    async def _load_index(self, kind: Kind) -> NameIndex:
        if kind not in self._known:
            self._known[kind] = await self._read(kind)
        return self._known[kind]

    async def _read(self, kind: Kind) -> NameIndex:
        ask: dict[Kind, Any] = {
            Kind.PERFORMER: self._client.performers,
            Kind.STUDIO: self._client.studios,
            Kind.TAG: self._client.tags,
        }
        batch = await ask[kind]()
        return NameIndex(Entity(kind, item.id, item.name, tuple(item.aliases)) for item in batch.items)

    def _find_only(self, kind: Kind, name: str, index: NameIndex) -> int | None:
        found = index.find(kind, name) or [
            entity for entity in index.entities.values() if entity.name.casefold() == name.casefold()
        ]
        if len(found) > 1:
            raise Unusable(f"the server has several {kind}s called {name}: choose one", is_gone=False)
        return found[0].id if found else None

    async def _create(self, kind: Kind, name: str) -> int:
        """Make it; when it is not clear whether that took place, the server's list says."""
        await self._note(kind, name, None)
        try:
            answer = await self._client.mutate(_CREATE[kind], {"input": {"name": name}})
        except StashRefusedQuery as error:
            if error.is_invalid:
                raise
            return await self._find_after(kind, name, error)
        except StashError as error:
            return await self._find_after(kind, name, error)
        node = answer.data.get("created")
        if not isinstance(node, dict):
            said = str(answer.errors[0].get("message", "")) if answer.errors else "no reason given"
            return await self._find_after(kind, name, Unusable(f"the server refused {name}: {said}", is_gone=False))
        return await self._keep_created(kind, name, node)

    async def _find_after(self, kind: Kind, name: str, error: Exception) -> int:
        self._known[kind] = await self._read(kind)
        number = self._find_only(kind, name, self._known[kind])
        if number is not None:
            await self._note(kind, name, number)
            return number
        if isinstance(error, StashRefusedQuery):
            raise Unusable(str(error), is_gone=False) from error
        raise error

    async def _keep_created(self, kind: Kind, name: str, node: Node) -> int:
        read: dict[Kind, Any] = {Kind.PERFORMER: read_performer, Kind.STUDIO: read_studio, Kind.TAG: read_tag}
        made = read[kind](node)
        self._known[kind].add(Entity(kind, made.id, made.name, tuple(made.aliases)))
        async with self._journal.writer.begin() as connection:
            await store_entity(connection, made)
        await self._note(kind, name, made.id)
        return int(made.id)

    async def _note(self, kind: Kind, name: str, number: int | None) -> None:
        """Remember what this plan made, or is about to make."""
        row = {"plan_id": self._journal.plan_id, "kind": kind, "key": fold(name), "name": name, "entity_id": number}
        mine = (CreatedEntity.plan_id == row["plan_id"], CreatedEntity.kind == kind, CreatedEntity.key == row["key"])
        async with self._journal.writer.begin() as connection:
            if await connection.scalar(select(CreatedEntity.id).where(*mine)) is None:
                await connection.execute(insert(CreatedEntity).values(row))
            elif number is not None:
                await connection.execute(update(CreatedEntity).where(*mine).values(entity_id=number))


def _is_called(entity: Entity, name: str, index: NameIndex) -> bool:
    folded = {written.casefold() for written in (entity.name, *entity.aliases)}
    return name.casefold() in folded or entity in index.find(entity.kind, name)
