"""Makes a plan: looks at scenes of the local library and stores what could be better about them."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from stashwork.database import writer
from stashwork.detectors import Detector, NameIndex, Proposal, SceneFacts
from stashwork.library import ProgressCallback, SceneIdentity, moment, no_progress

from .ai import AiClient
from .ai_proposals import AiReader
from .already_proposed import OpenChanges, forget_empty, open_changes, rejections
from .models import Decision, Plan, PlanChange, PlanScene, PlanStatus
from .options import AnalysisOptions
from .results import AiUsage, AnalysisResult
from .scenes import count_left_alone, count_scenes, read_entities, read_scenes
from .values import FIELDS, value_key

PAGE = 200  # scenes in one transaction


class AnalysisService:
    """Analyses of one local library.

    Each page of scenes is stored with the place that it reached in one transaction: an analysis that was killed
    goes on there when it is called again with its `job_id`, and proposes nothing twice. What waits in an open plan
    is not proposed again either.

    >>> result = await AnalysisService(engine).analyze_scenes("job-1", options=AnalysisOptions(detect_tags=False))
    >>> result.plan_id
    1
    """

    def __init__(self, engine: AsyncEngine, ai: AiClient | None = None) -> None:
        self._engine = engine
        self._writer = writer(engine)
        self._ai = ai

    async def analyze_scenes(
        self,
        job_id: str,
        *,
        scene_ids: Sequence[int] | None = None,
        options: AnalysisOptions | None = None,
        progress_callback: ProgressCallback | None = None,
    ) -> AnalysisResult:
        """Make the plan of this job, or finish it. Raises ValueError for options that make no sense,
        and whatever `progress_callback` raises; what was found by then can be reviewed.
        """
        options = options or AnalysisOptions()
        if scene_ids is not None:
            options = AnalysisOptions.of(options.dict() | {"scene_ids": list(scene_ids)})
        if options.use_ai and self._ai is None:
            raise ValueError("use_ai needs a language model. Set its address and name in the settings.")
        plan = await self._plan(job_id, options)
        run = _Run(self._engine, self._writer, plan, self._ai, progress_callback or no_progress)
        if plan["status"] in (PlanStatus.ANALYZING, PlanStatus.DRAFT):
            await run.analyze()
        return await run.result()

    async def _plan(self, job_id: str, options: AnalysisOptions) -> dict[str, Any]:
        """The plan of this job; a new one if it has none."""
        now = moment()
        row = {
            "job_id": job_id,
            "status": PlanStatus.ANALYZING,
            "options": options.dict(),
            "created_at": now,
            "updated_at": now,
            "after_scene_id": 0,
            "scenes": 0,
            "scenes_with_changes": 0,
            "ai_usage": {},
        }
        async with self._writer.begin() as connection:
            await connection.execute(insert(Plan).values(row).on_conflict_do_nothing())
            found = await connection.execute(select(Plan.__table__).where(Plan.job_id == job_id))
            return dict(found.mappings().one())


class _Run:
    """One call of the analysis."""

    def __init__(
        self,
        engine: AsyncEngine,
        writer: AsyncEngine,
        plan: dict[str, Any],
        ai: AiClient | None,
        progress: ProgressCallback,
    ) -> None:
        self._engine = engine
        self._writer = writer
        self._plan = plan
        self._options = AnalysisOptions.of(plan["options"])
        self._ai = AiReader(ai, AiUsage(**plan["ai_usage"])) if ai and self._options.use_ai else None
        self._warnings: list[str] = []
        self._waiting: Counter[int] = Counter()  # proposals that other plans have already, by plan
        self._progress = progress

    async def analyze(self) -> None:
        """Look at the scenes that are left. A run that is cancelled leaves a draft, too: it may be the last one."""
        async with self._writer.begin() as connection:
            await self._update(connection, status=PlanStatus.ANALYZING)
        try:
            await self._analyze_pages()
        finally:
            async with self._writer.begin() as connection:
                await self._update(connection, status=PlanStatus.DRAFT)
                await forget_empty(connection, self._plan["id"])
        self._warnings += self._ai.warnings if self._ai is not None else []
        self._warnings += [
            f"{number:,} more {'waits' if number == 1 else 'wait'} in plan {plan_id} already."
            for plan_id, number in sorted(self._waiting.items())
        ]

    async def _analyze_pages(self) -> None:
        async with self._engine.connect() as connection:
            index = await asyncio.to_thread(NameIndex, await read_entities(connection))
            total = await count_scenes(connection, self._options)
            left_alone = await count_left_alone(connection, self._options)
        if left_alone:
            count = "1 organized scene was" if left_alone == 1 else f"{left_alone:,} organized scenes were"
            self._warnings.append(f"{count} left alone. The option include_organized looks at such scenes, too.")
        detector = Detector(index, self._options.wanted)
        await self._progress(self._plan["scenes"], f"Scenes {self._plan['scenes']:,} of {total:,}", total=total)
        while identities := await self._next_scenes():
            scenes = list(identities)
            found = await asyncio.to_thread(_detect, detector, scenes)
            if self._ai is not None:
                await self._ai.add_proposals(scenes, found, index, self._options.wanted)
            await self._store(identities, found)
            await self._progress(len(scenes), f"Scenes {self._plan['scenes']:,} of {total:,}")

    async def _next_scenes(self) -> dict[SceneFacts, SceneIdentity]:
        async with self._engine.connect() as connection:
            return await read_scenes(connection, self._options, self._plan["after_scene_id"], PAGE)

    async def _store(self, scenes: dict[SceneFacts, SceneIdentity], found: dict[int, list[Proposal]]) -> None:
        """The proposals of a page, and that the analysis came so far, or neither."""
        async with self._writer.begin() as connection:
            about = {scene.id: identity for scene, identity in scenes.items()}
            rejected = await rejections(connection, about)
            waiting = await open_changes(connection, self._plan["id"], about)
            rows = [
                row
                for scene in scenes
                for row in self._rows(scene, found[scene.id], rejected)
                if not self._is_waiting(row, waiting)
            ]
            changed = {row["scene_id"]: about[row["scene_id"]] for row in rows}
            if rows:
                await connection.execute(insert(PlanScene).on_conflict_do_nothing(), self._scene_rows(changed))
                await connection.execute(insert(PlanChange).on_conflict_do_nothing(), rows)
            self._plan["scenes"] += len(scenes)
            self._plan["scenes_with_changes"] += len(changed)
            self._plan["after_scene_id"] = max(about)
            if self._ai is not None:
                self._plan["ai_usage"] = asdict(self._ai.usage())
            names = ("scenes", "scenes_with_changes", "after_scene_id", "ai_usage")
            await self._update(connection, **{name: self._plan[name] for name in names})

    def _scene_rows(self, scenes: dict[int, SceneIdentity]) -> list[dict[str, Any]]:
        common = {"plan_id": self._plan["id"]}
        return [
            {**common, "scene_id": scene_id, "created_at": one.created_at, "files": one.files()}
            for scene_id, one in scenes.items()
        ]

    def _rows(
        self, scene: SceneFacts, proposals: list[Proposal], rejected: set[tuple[int, str, str]]
    ) -> list[dict[str, Any]]:
        rows: dict[tuple[str, str], dict[str, Any]] = {}
        for one in proposals:
            key = value_key(one.field, one.value)
            sure = one.confidence >= self._options.confidence_threshold
            if sure and (scene.id, one.field, key) not in rejected:
                rows.setdefault((one.field, key), self._row(scene, one, key))
        return list(rows.values())

    def _is_waiting(self, row: dict[str, Any], waiting: OpenChanges) -> bool:
        """Whether another open plan proposes the same, from the same value."""
        same = waiting.get((row["scene_id"], row["field"], row["key"]))
        if same is None or same[1] != row["base"]:
            return False
        self._waiting[same[0]] += 1
        return True

    def _row(self, scene: SceneFacts, proposal: Proposal, key: str) -> dict[str, Any]:
        base = {"title": scene.title, "details": scene.details, "date": scene.date}.get(proposal.field)
        return {
            "plan_id": self._plan["id"],
            "scene_id": scene.id,
            "field": proposal.field,
            "action": proposal.action,
            "key": key,
            "base": base,
            "proposed": proposal.value,
            "confidence": proposal.confidence,
            "reason": proposal.reason,
            "source": proposal.source,
            "decision": Decision.PENDING,
        }

    async def _update(self, connection: AsyncConnection, **values: Any) -> None:
        await connection.execute(update(Plan).where(Plan.id == self._plan["id"]).values(updated_at=moment(), **values))

    async def result(self) -> AnalysisResult:
        """What the plan holds."""
        counted = select(PlanChange.field, func.count()).where(PlanChange.plan_id == self._plan["id"])
        async with self._engine.connect() as connection:
            rows = (await connection.execute(counted.group_by(PlanChange.field))).all()
        numbers: dict[str, int] = dict(rows)
        return AnalysisResult(
            plan_id=self._plan["id"],
            scenes=self._plan["scenes"],
            scenes_with_changes=self._plan["scenes_with_changes"],
            total_changes=sum(numbers.values()),
            changes={field: numbers[field] for field in FIELDS if field in numbers},
            ai=AiUsage(**self._plan["ai_usage"]),
            warnings=self._warnings,
        )


def _detect(detector: Detector, scenes: list[SceneFacts]) -> dict[int, list[Proposal]]:
    return {scene.id: detector.proposals(scene) for scene in scenes}
