"""Finds what changed in scenes without a date of theirs: files, and on old servers links.

Files that are renamed, moved, given to another scene or deleted leave the date of their scene as it was, as does the
auto tag of v0.22. Servers from v0.29 on date files and folders, and find scenes by that; what leaves no date at all
shows in figures: how many files each scene has, and the bytes of all. From older servers the index tells the files
of every scene each time, and figures tell whether links were added. Whatever is in doubt, the index tells all parts.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from stashwork.stash import FileDates, FileFigures, LinkFigures, Parts, StashRefusedQuery

from .history import last_marks
from .models import Scene, SceneFile, scene_performer, scene_tag
from .run import Run

T = TypeVar("T")

EVERY = 10  # syncs, of which one looks at all parts of every scene, whatever dates and figures say
_MANY = 1000  # scenes with changed files: for more, the index tells the files of all
_MOST_FILES = 20  # of one scene that figures tell apart


@dataclass(frozen=True, slots=True)
class Marks:
    """Where the next sync goes on.

    The newest dates of files and folders; how many bytes the server's files have more than ours (0, as a rule); and how
    many syncs there were since one looked at all parts.
    """

    dates: FileDates
    excess: float
    since: int

    @classmethod
    async def restore(cls, run: Run) -> Marks | None:
        """The marks of the last sync, if there are any."""
        kept = await last_marks(run.reader)
        return None if kept is None else cls(FileDates(**kept["dates"]), kept["excess"], kept["since"])


class UndatedChanges:
    """One sync's look at what is not dated: it begins before the pass over the scenes, and ends after it.

    `parts` are what the index has to tell, and `scenes` are to be read whatever it tells. A run that `reads_all` scenes
    needs neither; of one that was `resumed` nobody knows when it read what, so all parts of all scenes are compared.
    """

    def __init__(self, run: Run, *, reads_all: bool, resumed: bool) -> None:
        self.parts = Parts.DATES
        self.scenes: set[int] = set()
        self._run = run
        self._reads_all = reads_all
        self._resumed = resumed
        self._before: Marks | None = None
        self._dates: FileDates | None = None
        self._server_size = 0.0
        # Of the server's bytes over ours, and whether the other figures are equal, too: as long as nothing is written.
        self._excess: float | None = None
        self._figures_agree: bool | None = None

    async def begin(self) -> None:
        """Ask what changed since the last sync."""
        if self._run.client.dates_files():
            self._before = await Marks.restore(self._run)
            self._dates = await self._ask(self._run.client.file_dates())
        self.parts = self._needed_parts()
        if self._before is not None and self.parts == Parts.DATES and not self._reads_all:
            changed = await self._ask(self._run.client.scenes_of_changed_files(self._before.dates))
            self.scenes = changed or set()
            if changed is None or len(changed) > _MANY:
                self.parts, self.scenes = Parts.FILES, set()

    async def expect_nothing(self) -> None:
        """Compare the figures while the scenes are compared: that is right if nothing is found, as by most syncs."""
        if self._dates is not None and self.parts == Parts.DATES and not self.scenes and not self._reads_all:
            self._figures_agree = await self._compare_file_figures()

    async def find_hidden(self, *, is_untouched: bool) -> Parts | None:
        """Which parts figures show to differ still, now that all that was found is stored; None if nothing does.

        Where no scene was touched meanwhile, `expect_nothing` has the answer.
        """
        if self._dates is None:
            return None if self._looks_at_all or await self._link_figures_agree() else Parts.LINKS
        if not is_untouched or self._figures_agree is None:
            self._figures_agree = await self._compare_file_figures()
        if self._figures_agree:
            return None
        self._excess = None
        return Parts.FILES

    async def next_marks(self) -> dict[str, Any] | None:
        """Where the next sync goes on; None if the server dates no files."""
        if self._dates is None:
            return None
        since = 0 if self._looks_at_all or self._before is None else self._before.since + 1
        excess = await self._read_excess() if self._excess is None else self._excess
        return asdict(Marks(self._dates, excess, since))

    @property
    def _looks_at_all(self) -> bool:
        return self._reads_all or self.parts == Parts.LINKS

    def _needed_parts(self) -> Parts:
        if self._resumed:
            return Parts.LINKS
        if self._reads_all:
            return Parts.DATES
        if self._dates is None:
            return Parts.FILES if self._run.client.counts_links() else Parts.LINKS
        is_due = self._before is None or self._before.since + 1 >= EVERY
        return Parts.LINKS if is_due else Parts.DATES

    async def _ask(self, question: Awaitable[T]) -> T | None:
        """The answer, or None from a server that does not take the question: then more is compared."""
        try:
            return await question
        except StashRefusedQuery as error:
            warning = f"What changed could not be asked, so all was compared: {error}"
            if warning not in self._run.result.warnings:
                self._run.result.warnings.append(warning)
            return None

    async def _compare_file_figures(self) -> bool:
        async with self._run.reader.connect() as connection:
            counts = await _file_counts(connection)
            size = await _size_of_files(connection)
        most = min(max(1, *counts.values()), _MOST_FILES) if counts else 1
        figures = await self._ask(self._run.client.file_figures(most))
        self._server_size = figures.size if figures else 0.0
        self._excess = self._server_size - size
        if self._looks_at_all or self.parts == Parts.FILES or self._before is None:
            return True
        without = frozenset(scene for scene, count in counts.items() if not count)
        more = tuple(frozenset(scene for scene, count in counts.items() if count > n) for n in range(1, most + 1))
        return figures == FileFigures(self._server_size, without, more) and self._excess == self._before.excess

    async def _read_excess(self) -> float:
        async with self._run.reader.connect() as connection:
            return self._server_size - await _size_of_files(connection)

    async def _link_figures_agree(self) -> bool:
        async with self._run.reader.connect() as connection:
            performers = await _counts(connection, scene_performer)
            tags = await _counts(connection, scene_tag)
            without = select(func.count()).select_from(Scene).where(Scene.studio_id.is_(None))
            here = LinkFigures(int(await connection.scalar(without) or 0), _more_than(performers), _more_than(tags))
        return here == await self._ask(self._run.client.link_figures(len(here.performers) - 1, len(here.tags) - 1))


async def _file_counts(connection: AsyncConnection) -> dict[int, int]:
    """How many files each scene has that has not just one."""
    files = func.count(SceneFile.file_id).label("files")
    query = select(Scene.id, files).outerjoin(SceneFile, SceneFile.scene_id == Scene.id).group_by(Scene.id)
    return {row.id: row.files for row in await connection.execute(query.having(files != 1))}


async def _size_of_files(connection: AsyncConnection) -> float:
    return float(await connection.scalar(select(func.sum(SceneFile.size))) or 0)


async def _counts(connection: AsyncConnection, table: Table) -> Mapping[int, int]:
    """How many scenes have so many links, for each number of links but 0."""
    each = select(func.count().label("links")).select_from(table).group_by(table.c.scene_id).subquery()
    rows = await connection.execute(select(each.c.links, func.count().label("scenes")).group_by(each.c.links))
    return {row.links: row.scenes for row in rows}


def _more_than(counts: Mapping[int, int]) -> tuple[int, ...]:
    """How many scenes have more than 0 links, more than 1, up to more than the most that one has: none."""
    most = max(counts, default=0)
    return tuple(sum(scenes for links, scenes in counts.items() if links > n) for n in range(most + 1))
