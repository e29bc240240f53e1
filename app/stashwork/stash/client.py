"""Reading a Stash library over GraphQL."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self, TypeVar

from . import queries, transport
from .errors import StashAnswerTooLarge, StashRefusedQuery, StashServerError
from .models import (
    Batch,
    Counts,
    FileDates,
    FileFigures,
    IndexEntry,
    LinkFigures,
    Parts,
    Performer,
    Rejected,
    Scene,
    Studio,
    Tag,
    Version,
)
from .readers import (
    MalformedItem,
    Node,
    read_batch,
    read_count,
    read_counts,
    read_file_dates,
    read_ids,
    read_index_entry,
    read_performer,
    read_scene,
    read_scenes_size,
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
_NEWEST = {"per_page": 1, "sort": "updated_at", "direction": "DESC"}
_ONE = {"per_page": 1, "sort": "id", "direction": "ASC"}
_FOLDERS = 500  # in one request
_EARLIEST = "1970-01-01T00:00:00Z"
SAME_SECOND = timedelta(seconds=2)  # dates have whole seconds, and what the server's clock said is a moment old


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
            raise ValueError(f"index_page must be 1 or more, and is {index_page}")
        retry = retry or RetryPolicy()
        self._transport = Transport(url, api_key, timeout=timeout, retry=retry, patience=patience or retry)
        self._index_page = index_page
        self._queries: queries.Queries | None = None

    def __repr__(self) -> str:
        return f"StashClient({self.url!r})"

    @property
    def url(self) -> str:
        """The server's address, without key or password."""
        return self._transport.public_url

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

    def server_time(self) -> datetime:
        """What the server's clock said with its last answer; ours, if it does not say."""
        try:
            return parsedate_to_datetime(self._transport.date).astimezone(UTC)
        except ValueError:
            return datetime.now(UTC)

    def dates_files(self) -> bool:
        """Whether files and folders can be found by the date of their last change (v0.29)."""
        return self._documents().dates_files

    def counts_links(self) -> bool:
        """Whether scenes can be counted by how many performers and tags they have."""
        return self._documents().counts_links

    async def file_dates(self) -> FileDates:
        """When a file, and when a folder, was last changed, but for the last two seconds; if it `dates_files`."""
        asked = self.server_time()  # before, since other answers may come until this one is read
        data = await self.query(queries.FILE_DATES, {"newest": _NEWEST})
        dates = self._read(lambda: read_file_dates(_node(data, "findFiles"), _node(data, "findFolders")))
        return FileDates(_cap_date(dates.files, asked), _cap_date(dates.folders, asked))

    async def scenes_of_changed_files(self, since: FileDates) -> set[int]:
        """Ids of scenes with a file that changed after that, itself or by a folder above it."""
        files, folders = _after(since.files), _after(since.folders)
        variables = {"all": _ALL, "scenes": {"files_filter": files}, "folders": folders}
        data = await self.query(queries.CHANGED_FILES, variables)
        found = set(self._read(lambda: read_ids(_node(data, "findScenes"), "scenes")))
        above = sorted(self._read(lambda: read_ids(_node(data, "findFolders"), "folders")))
        for start in range(0, len(above), _FOLDERS):
            found |= await self._scenes_below(above[start : start + _FOLDERS])
        return found

    async def file_figures(self, most: int) -> FileFigures:
        """How many files the scenes have, as far as that is not one, up to more than `most`."""
        data = await self.query(queries.file_figures(most), {"filter": _ALL})

        def read() -> FileFigures:
            without, *more = (
                read_ids(_node(data, name), "scenes") for name in ("without", *(f"more{n}" for n in range(1, most + 1)))
            )
            return FileFigures(read_scenes_size(_node(data, "stats")), without, tuple(more))

        return self._read(read)

    async def link_figures(self, performers: int, tags: int) -> LinkFigures:
        """How many scenes have more performers and tags than each number up to these; for servers that count links."""
        data = await self.query(queries.link_figures(performers, tags), {"filter": _ONE})

        def read() -> LinkFigures:
            return LinkFigures(
                read_count(_node(data, "without_studio")),
                tuple(read_count(_node(data, f"performers{number}")) for number in range(performers + 1)),
                tuple(read_count(_node(data, f"tags{number}")) for number in range(tags + 1)),
            )

        return self._read(read)

    async def scene_index(self, parts: Parts = Parts.DATES) -> AsyncGenerator[Batch[IndexEntry], None]:
        """Id, dates and `parts` of every scene by ascending id, page by page (10,000 dates in 0.3 s).

        Pages go on after the highest id, so a scene that comes or goes meanwhile moves no other. A page's `total` is
        how many items the server owes for it.
        """
        if not self._documents().has_id_filter:
            yield await self._index(parts, -1)
            return
        after = 0
        while True:
            page = await self._index(parts, self._index_page, after)
            yield replace(page, total=min(page.total, self._index_page))
            if page.total <= self._index_page:
                return
            if page.last_id() <= after:
                raise StashServerError(f"Stash at {self.url} sent the same page of scenes twice. Try again.")
            after = page.last_id()

    async def performers(self) -> Batch[Performer]:
        """All performers."""
        return await self._list(self._documents().performers, "Performers", read_performer, {"filter": _ALL})

    async def tags(self) -> Batch[Tag]:
        """All tags, with their parents' ids."""
        return await self._list(self._documents().tags, "Tags", read_tag, {"filter": _ALL})

    async def studios(self) -> Batch[Studio]:
        """All studios."""
        return await self._list(self._documents().studios, "Studios", read_studio, {"filter": _ALL})

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
        document, variables = self._documents().scenes_by_id, {"ids": ids}
        try:
            return await self._list(document, "Scenes", read_scene, variables, SCENES_PAGE_BYTES)
        except StashRefusedQuery as error:
            if error.is_invalid or error.retryable or len(failed) >= MAX_FAILED:
                raise
            if len(ids) == 1:
                return _reject_one(ids[0], error, failed)
        except StashAnswerTooLarge as error:
            if len(ids) == 1:
                return Batch((), (Rejected(ids[0], str(error)),), 1)
        middle = len(ids) // 2
        first = await self._scenes_by_id(ids[:middle], failed)
        return _join(first, await self._scenes_by_id(ids[middle:], failed))

    async def _scenes_below(self, folders: list[int]) -> set[int]:
        below = {"value": [str(number) for number in folders], "modifier": "INCLUDES", "depth": -1}
        variables = {"all": _ALL, "scenes": {"files_filter": {"parent_folder": below}}}
        data = await self.query(queries.SCENES_IN_FOLDERS, variables)
        return set(self._read(lambda: read_ids(_node(data, "findScenes"), "scenes")))

    async def _index(self, parts: Parts, size: int, after: int | None = None) -> Batch[IndexEntry]:
        variables: dict[str, object] = {"filter": {**_ALL, "per_page": size}}
        if after is not None:
            variables["scenes"] = {"id": {"value": after, "modifier": "GREATER_THAN"}}
        return await self._list(self._documents().scene_index[parts], "Scenes", read_index_entry, variables)

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

    def _documents(self) -> queries.Queries:
        if self._queries is None:
            raise RuntimeError("Use `async with StashClient(...)`, or await `connect()` first")
        return self._queries


def _after(date: str) -> dict[str, object]:
    """A filter for what was changed later; without a date all is meant."""
    return {"updated_at": {"value": date or _EARLIEST, "modifier": "GREATER_THAN"}}


def _cap_date(date: str, now: datetime) -> str:
    """The date, or the latest one that nothing can get any more: dates have whole seconds, and clocks are put right.

    The text keeps the server's zone, for the server compares texts.
    """
    moment, latest = _parse_moment(date), now - SAME_SECOND
    return (
        date if moment is None or moment <= latest else latest.astimezone(moment.tzinfo).isoformat(timespec="seconds")
    )


def _parse_moment(date: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(date)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _node(data: Node, name: str) -> Node:
    node = data.get(name)
    if not isinstance(node, dict):
        raise MalformedItem(f"it holds no {name}")
    return node


def _reject_one(scene_id: int, error: StashRefusedQuery, failed: list[Rejected]) -> Batch[Scene]:
    if "not found" in str(error):  # gone since the list of ids was made
        return Batch((), (), 0)
    failed.append(Rejected(scene_id, str(error)))
    return Batch((), (failed[-1],), 1)


def _join(first: Batch[Scene], second: Batch[Scene]) -> Batch[Scene]:
    return Batch(first.items + second.items, first.rejected + second.rejected, first.total + second.total)
