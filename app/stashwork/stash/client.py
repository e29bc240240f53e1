"""Reading a Stash library over GraphQL."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self, TypeVar

from . import queries, transport
from .errors import StashAnswerTooLarge, StashRefusedQuery, StashServerError
from .models import (
    Batch,
    Counts,
    IndexEntry,
    MalformedItem,
    Node,
    Performer,
    Rejected,
    Scene,
    Studio,
    Tag,
    Version,
    read_batch,
    read_counts,
    read_index_entry,
    read_performer,
    read_scene,
    read_studio,
    read_tag,
    read_version,
)
from .transport import Answer, RetryPolicy, Transport

T = TypeVar("T")

INDEX_PAGE = 5_000  # scenes of which only id and date are read
MAX_FAILED = 20  # scenes of one list that the server may fail on
SCENES_PAGE_BYTES = 16 * 1024 * 1024  # of one answer with whole scenes; what is larger is asked in halves
_ALL = {"per_page": -1, "sort": "id", "direction": "ASC"}


class StashClient:
    """One Stash server; connects on entering, and learns there what the server's version has.

    `timeout` is in seconds, for each wait on the network; `retry` says how long it insists on connecting, and
    `patience` how long it waits for a server that it was connected to (default: as `retry`).
    All methods raise `StashError`.

    >>> async with StashClient("http://127.0.0.1:9999", api_key=key) as stash:
    ...     async for page in stash.scene_index():
    ...         print((await stash.scenes_by_id([entry.id for entry in page.items[:10]])).items)
    """

    def __init__(
        self,
        url: str,
        api_key: str | None = None,
        *,
        timeout: float = 30.0,
        retry: RetryPolicy | None = None,
        patience: RetryPolicy | None = None,
        index_page: int = INDEX_PAGE,
    ) -> None:
        if index_page < 1:
            raise ValueError("index_page must be 1 or more")
        retry = retry or RetryPolicy()
        self._transport = Transport(url, api_key, timeout=timeout, retry=retry, patience=patience or retry)
        self._index_page = index_page
        self._queries: queries.Queries | None = None

    def __repr__(self) -> str:
        return f"StashClient({self.url!r})"

    @property
    def url(self) -> str:
        """The server's address, without key or password."""
        return self._transport.shown_url

    async def __aenter__(self) -> Self:
        try:
            await self.connect()
        except BaseException:  # whatever ends the attempt, also a cancel: the connections are closed
            await self.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def connect(self) -> None:
        """Ask the server, once, what its types hold; later calls ask only for that."""
        if self._queries is not None:
            return
        described = await self.query(queries.INTROSPECTION, {})
        self._queries = queries.build_queries(queries.read_capabilities(described))

    async def aclose(self) -> None:
        """Close the connections; the client cannot be used again."""
        await self._transport.aclose()

    async def version(self) -> Version:
        """Which Stash this is."""
        data = await self.query(queries.VERSION, {})
        return self._read(lambda: read_version(_node(data, "version")))

    async def counts(self) -> Counts:
        """How many items there are; cheap."""
        data = await self.query(queries.COUNTS, {})
        return self._read(lambda: read_counts(_node(data, "stats")))

    async def scene_index(self) -> AsyncGenerator[Batch[IndexEntry], None]:
        """Id and dates of every scene by ascending id, page by page (0.3 s for 10,000 scenes).

        Pages go on after the highest id, so a scene that comes or goes meanwhile moves no other. A page's `total` is
        how many items the server owes for it.
        """
        if not self._documents.has_id_filter:
            yield await self._index(-1)
            return
        after = 0
        while True:
            page = await self._index(self._index_page, after)
            yield replace(page, total=min(page.total, self._index_page))
            if page.total <= self._index_page:
                return
            if page.last_id <= after:
                raise StashServerError(f"Stash at {self.url} sent the same page of scenes twice. Try again.")
            after = page.last_id

    async def performers(self) -> Batch[Performer]:
        """All performers."""
        return await self._list(self._documents.performers, "Performers", read_performer, {"filter": _ALL})

    async def tags(self) -> Batch[Tag]:
        """All tags, with their parents' ids."""
        return await self._list(self._documents.tags, "Tags", read_tag, {"filter": _ALL})

    async def studios(self) -> Batch[Studio]:
        """All studios."""
        return await self._list(self._documents.studios, "Studios", read_studio, {"filter": _ALL})

    async def scenes_by_id(self, ids: Sequence[int]) -> Batch[Scene]:
        """The scenes with these ids; those that are gone are left out, unreadable ones are rejected alone.

        Stash refuses the whole list if one of the ids is gone or fails, so a refused list is asked in halves; and so
        is one whose answer would be too large. When the server fails on twenty scenes, its error is raised.
        """
        return await self._scenes_by_id(list(ids), [])

    async def query(
        self, document: str, variables: Mapping[str, object], limit: int = transport.MAX_ANSWER_BYTES
    ) -> Node:
        """Send a query of your own; it is retried when the failure can pass.

        Raises StashRefusedQuery if any part of it failed, and StashAnswerTooLarge beyond `limit` bytes.
        """
        answer = await self._transport.post(document, variables, may_retry=True, limit=limit)
        self._transport.raise_for_errors(answer)
        return answer.data

    async def mutate(self, document: str, variables: Mapping[str, object]) -> Answer:
        """Send a mutation, once: a lost answer does not say whether it took place.

        Aliased mutations fail one by one: see `Answer.errors`. Raises StashRefusedQuery if all failed.
        """
        return await self._transport.post(document, variables, may_retry=False, limit=transport.MAX_ANSWER_BYTES)

    async def _scenes_by_id(self, ids: list[int], failed: list[Rejected]) -> Batch[Scene]:
        if not ids:
            return Batch((), (), 0)
        document, variables = self._documents.scenes_by_id, {"ids": ids}
        try:
            return await self._list(document, "Scenes", read_scene, variables, SCENES_PAGE_BYTES)
        except StashRefusedQuery as error:
            if error.is_invalid or error.retryable or len(failed) >= MAX_FAILED:
                raise
            if len(ids) == 1:
                return _refused_alone(ids[0], error, failed)
        except StashAnswerTooLarge as error:
            if len(ids) == 1:
                return Batch((), (Rejected(ids[0], str(error)),), 1)
        middle = len(ids) // 2
        first = await self._scenes_by_id(ids[:middle], failed)
        return _joined(first, await self._scenes_by_id(ids[middle:], failed))

    async def _index(self, size: int, after: int | None = None) -> Batch[IndexEntry]:
        variables: dict[str, object] = {"filter": {**_ALL, "per_page": size}}
        if after is not None:
            variables["scenes"] = {"id": {"value": after, "modifier": "GREATER_THAN"}}
        return await self._list(self._documents.scene_index, "Scenes", read_index_entry, variables)

    async def _list(
        self,
        document: str,
        name: str,
        read: Callable[[Node], T],
        variables: Mapping[str, object],
        limit: int = transport.MAX_ANSWER_BYTES,
    ) -> Batch[T]:
        data = await self.query(document, variables, limit)

        def batch() -> Batch[T]:
            found = _node(data, f"find{name}")
            return read_batch(found.get(name.lower()), found.get("count"), read)

        return self._read(batch)

    def _read(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except MalformedItem as error:
            raise StashServerError(
                f"Stash at {self.url} sent an unusable answer: {error}. See whether its version is supported."
            ) from error

    @property
    def _documents(self) -> queries.Queries:
        if self._queries is None:
            raise RuntimeError("Use `async with StashClient(...)`, or await `connect()` first")
        return self._queries


def _node(data: Node, name: str) -> Node:
    node = data.get(name)
    if not isinstance(node, dict):
        raise MalformedItem(f"it holds no {name}")
    return node


def _refused_alone(scene_id: int, error: StashRefusedQuery, failed: list[Rejected]) -> Batch[Scene]:
    if "not found" in str(error):  # gone since the list of ids was made
        return Batch((), (), 0)
    failed.append(Rejected(scene_id, str(error)))
    return Batch((), (failed[-1],), 1)


def _joined(first: Batch[Scene], second: Batch[Scene]) -> Batch[Scene]:
    return Batch(first.items + second.items, first.rejected + second.rejected, first.total + second.total)
