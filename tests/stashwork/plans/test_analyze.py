"""The analysis over a real local copy: what it stores, what it skips, and how it goes on."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stashwork.helpers import Reply, Request, Stub
from tests.stashwork.plans.support import MADE, add_scene, library, world

from stashwork.demo import seeded_library
from stashwork.plans import AiClient, AiSettings, AnalysisOptions, AnalysisService, ChangeFilter, Decision
from stashwork.plans import analyze as analysis
from stashwork.plans.models import Plan

WALK = "/m/[Copper Lantern] Marla Quenby - The Walk [2023-05-01].mp4"
TIDE = "/m/[Copper Lantern] Tess Orvane - The Tide [2023-06-01].mp4"


def told(changes: list[Any]) -> list[tuple[int, str, Any]]:
    return [(c.scene_id, c.field, c.proposed["name"] if isinstance(c.proposed, dict) else c.proposed) for c in changes]


class Stop(Exception):
    """Ends an analysis after a page."""


def stopping_after(pages: int) -> Any:
    left = [pages]

    async def progress(processed: int = 1, message: str | None = None, *, total: int | None = None) -> None:
        left[0] -= 1 if processed and not total else 0
        if left[0] == 0:
            raise Stop

    return progress


async def test_a_plan_holds_what_could_be_better(engine: AsyncEngine) -> None:
    made = library(WALK, "/m/nothing.mp4")
    add_scene(made, "/m/clip.mp4", details="<p>One</p>", title="clip.mp4")
    made.create_scene(title="without a file")
    async with world(engine, made) as it:
        plan = await it.analyzed()
        changes = await it.changes(plan)
        view = await it.review.plan(plan)
    assert told(changes) == [
        (1, "studio", "Copper Lantern"),
        (1, "performers", "Marla Quenby"),
        (1, "date", "2023-05-01"),
        (1, "title", "The Walk"),
        (3, "details", "One"),
    ]
    assert [c.base for c in changes] == [None, None, None, "", "<p>One</p>"]
    assert {c.decision for c in changes} == {"pending"}
    assert (view.status, view.scenes, view.scenes_with_changes) == ("draft", 4, 2)


async def test_a_second_analysis_after_an_apply_finds_nothing(engine: AsyncEngine) -> None:
    async with world(engine, seeded_library(scenes=300, performers=40, tags=30, studios=12)) as it:
        plan = await it.approved(technical_tags=True, create_missing=True)
        assert (await it.applier.apply_plan(plan)).status == "applied"
        again = await it.analyzed("again", technical_tags=True, create_missing=True)
        assert told(await it.changes(again)) == []


async def test_what_was_rejected_is_not_proposed_again(engine: AsyncEngine) -> None:
    async with world(engine, library(WALK)) as it:
        plan = await it.analyzed()
        await it.review.decide_where(plan, Decision.REJECTED, ChangeFilter(field="performers"))
        await it.review.delete(plan)
        again = await it.analyzed("again")
        assert {c.field for c in await it.changes(again)} == {"studio", "date", "title"}
        await it.review.decide_where(again, Decision.REJECTED, ChangeFilter(field="date"))
        await it.review.decide_where(again, Decision.PENDING, ChangeFilter(field="date"))
        await it.review.delete(again)
        third = await it.analyzed("third")
        assert {c.field for c in await it.changes(third)} == {"studio", "date", "title"}


async def test_what_waits_in_an_open_plan_is_not_proposed_again(engine: AsyncEngine) -> None:
    async with world(engine, library(WALK)) as it:
        first = await it.analyzed(detect_title=False)
        await it.review.decide_where(first, Decision.APPROVED, ChangeFilter(field="date"))
        await it.review.decide_where(first, Decision.REJECTED, ChangeFilter(field="studio"))
        await it.review.finish(first)
        add_scene(it.server, TIDE)
        await it.sync()
        result = await AnalysisService(it.engine).analyze_scenes("again")
        again = await it.changes(result.plan_id)
        assert [c.field for c in again if c.scene_id == 1] == ["title"]
        assert {c.field for c in again if c.scene_id == 2} == {"studio", "performers", "date", "title"}
        assert result.warnings == [f"2 more wait in plan {first} already."]
        await it.review.delete(first)
        third = await it.analyzed("third")
        assert [c.field for c in await it.changes(third)] == ["performers", "date"]


async def test_what_waits_for_another_value_than_the_scene_has_by_now_is_proposed_again(engine: AsyncEngine) -> None:
    made = library()
    add_scene(made, "/m/clip.mp4", details="<p>One</p>")
    async with world(engine, made) as it:
        await it.analyzed()
        it.server.update_scenes([{"id": "1", "details": "<div>One</div>"}])
        it.server.scenes[1].updated_at = "2031-01-01T00:00:00Z"
        again = await it.analyzed("again")
        assert [(c.base, c.proposed) for c in await it.changes(again)] == [("<div>One</div>", "One")]


async def test_old_drafts_without_a_change_are_forgotten_by_the_next_analysis(engine: AsyncEngine) -> None:
    async with world(engine, library(WALK)) as it:
        full = await it.analyzed()
        old, new = await it.analyzed("old"), await it.analyzed("new")
        async with engine.begin() as connection:
            await connection.execute(update(Plan).where(Plan.id.in_((full, old))).values(updated_at="2024-01-01"))
        last = await it.analyzed("last")
        assert [plan.id for plan in await it.review.plans()] == [last, new, full]


async def test_an_interrupted_analysis_goes_on_where_it_was(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analysis, "PAGE", 10)
    async with world(engine, seeded_library(scenes=95, performers=40, tags=30, studios=12)) as it:
        plan = await it.analyzed("whole", include_organized=True)
        whole = await it.changes(plan)
        await it.review.delete(plan)
        service, asked = AnalysisService(engine), AnalysisOptions(include_organized=True)
        for pages in (2, 1, 4):
            with pytest.raises(Stop):
                await service.analyze_scenes("parts", options=asked, progress_callback=stopping_after(pages))
            assert [one.status for one in await it.review.plans()] == ["draft"], "what was found can be reviewed"
        result = await service.analyze_scenes("parts")
        assert told(await it.changes(result.plan_id)) == told(whole)
        assert result.scenes == 95
        assert (await service.analyze_scenes("parts")).total_changes == len(whole)


async def test_options_choose_fields_scenes_and_confidence(engine: AsyncEngine) -> None:
    async with world(engine, library(WALK, TIDE, "/other/Marla Quenby.mp4")) as it:

        async def scenes(name: str, **options: Any) -> set[int]:
            plan = await it.analyzed(name, **options)
            found = {c.scene_id for c in await it.changes(plan)}
            await it.review.delete(plan)
            return found

        assert await scenes("ids", scene_ids=[2, 99]) == {2}
        assert await scenes("path", filters={"path_contains": "OTHER/"}) == {3}
        assert await scenes("lacking", filters={"lacking": "studio"}) == {1, 2, 3}
        assert await scenes("sure", confidence_threshold=1.0) == set()
        only = await it.changes(await it.analyzed("date", **_only("detect_date")))
        assert {c.field for c in only} == {"date"}


def _only(name: str) -> dict[str, bool]:
    names = [f"detect_{what}" for what in ("performers", "studios", "tags", "details", "title", "date")]
    return {one: one == name for one in names}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"detect_all": True}, "unknown in options: detect_all"),
        ({"confidence_threshold": 7}, "from 0 to 1"),
        ({"detect_tags": "yes"}, "detect_tags is true or false"),
        ({"scene_ids": ["a"]}, "list of whole numbers"),
        ({"filters": {"lacking": "luck"}}, "lacking is one of"),
    ],
)
def test_wrong_options_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        AnalysisOptions.of(options)


async def test_a_date_after_the_file_was_made_is_not_proposed(engine: AsyncEngine) -> None:
    later = f"{int(MADE[:4]) + 1}-01-01"
    async with world(engine, library(f"/m/Marla Quenby {later}.mp4")) as it:
        assert {c.field for c in await it.changes(await it.analyzed())} == {"performers"}


async def test_a_plan_of_many_changes_is_paged(engine: AsyncEngine) -> None:
    async with world(engine, library(*(WALK for _ in range(150)))) as it:
        plan = await it.analyzed()
        seen, after = 0, 0
        while page := await it.review.changes(plan, ChangeFilter(field="title"), after=after, limit=40):
            seen, after = seen + len(page), page[-1].id
        assert seen == 150
        assert await it.review.decide_where(plan, Decision.APPROVED, ChangeFilter(min_confidence=0.9)) == 450
        assert (await it.review.plan(plan)).changes["title"] == {"pending": 150}


# A language model


def answer(scenes: list[dict[str, Any]], **usage: int) -> Reply:
    content = {"choices": [{"message": {"content": json.dumps({"scenes": scenes})}}], "usage": usage}
    return Reply(body=json.dumps(content).encode())


def model(*replies: Reply) -> Stub:
    rest = list(replies)
    return Stub(lambda _request: rest.pop(0) if len(rest) > 1 else rest[0])


async def no_wait(_seconds: float) -> None:
    await asyncio.sleep(0)


def client(stub: Stub) -> AiClient:
    settings = AiSettings(stub.url + "/v1", "small", "secret", input_price=1.0, output_price=2.0)
    return AiClient(settings, sleep=no_wait)


READ = {
    "id": 1, "studio": "copper lantern", "performers": ["Marley Quen", "Nobody Known"], "tags": ["time-lapse"],
    "date": "2023-02-30", "title": "A Walk",
}  # fmt: skip


async def test_a_model_adds_what_the_rules_do_not_find(engine: AsyncEngine) -> None:
    stub = model(Reply(429), answer([READ, {**READ, "id": 77}], prompt_tokens=1000, completion_tokens=500))
    async with world(engine, library("/m/x9.mp4")) as it, stub.serve(), client(stub) as ai:
        await it.sync()
        result = await AnalysisService(engine, ai).analyze_scenes("ai", options=AnalysisOptions(use_ai=True))
        changes = await it.changes(result.plan_id)
    expected = [
        ("studio", "Copper Lantern"),
        ("performers", "Marla Quenby"),
        ("tags", "Time-lapse"),
        ("title", "A Walk"),
    ]
    assert [(field, value) for _, field, value in told(changes)] == expected
    assert {c.source for c in changes} == {"ai"}
    assert (result.ai.requests, result.ai.failures, result.ai.input_tokens, result.ai.cost) == (2, 1, 1000, 0.002)
    sent: Request = stub.requests[-1]
    assert sent.path == "/v1/chat/completions"
    assert sent.headers["authorization"] == "Bearer secret"
    assert json.loads(sent.body)["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize(
    "reply",
    [Reply(401), Reply(500), Reply(body=b"<html>"), Reply(body=b"[]"), Reply(None), answer([{"id": "x"}])],
    ids=["key", "down", "html", "list", "dropped", "malformed"],
)
async def test_a_model_that_fails_does_not_fail_the_analysis(engine: AsyncEngine, reply: Reply) -> None:
    stub = model(reply)
    async with world(engine, library(WALK)) as it, stub.serve(), client(stub) as ai:
        await it.sync()
        result = await AnalysisService(engine, ai).analyze_scenes("ai", options=AnalysisOptions(use_ai=True))
    assert result.total_changes == 4
    assert result.ai.failures >= 1
    assert "AI endpoint" in result.warnings[0] or "model's answer" in result.warnings[0]


async def test_without_a_model_there_is_no_ai(engine: AsyncEngine) -> None:
    with pytest.raises(ValueError, match="use_ai needs a language model"):
        await AnalysisService(engine).analyze_scenes("ai", options=AnalysisOptions(use_ai=True))


async def test_what_the_owner_wants_ignored_is_known_and_never_proposed(engine: AsyncEngine) -> None:
    made = library(
        "/m/[Copper Lantern] Marla Quenby and Tess Orvane - The Walk [2023-05-01].mp4", "/m/Time-lapse/a.mp4"
    )
    made.update_performer({"id": "1", "ignore_auto_tag": True})
    made.update_studio({"id": "1", "ignore_auto_tag": True})
    made.update_tag({"id": "1", "ignore_auto_tag": True})
    async with world(engine, made) as it:
        found = told(await it.changes(await it.analyzed(create_missing=True)))
        made.update_performer({"id": "1", "ignore_auto_tag": False})
        later = told(await it.changes(await it.analyzed("later")))
    assert found == [(1, "performers", "Tess Orvane"), (1, "date", "2023-05-01"), (1, "title", "The Walk")]
    assert later == [(1, "performers", "Marla Quenby")]


async def test_organized_scenes_are_left_alone_unless_they_are_asked_for(engine: AsyncEngine) -> None:
    made = library(WALK, TIDE)
    made.update_scenes([{"id": "1", "organized": True}])
    async with world(engine, made) as it:
        await it.sync()
        service = AnalysisService(it.engine)
        results = [
            await service.analyze_scenes(str(number), options=AnalysisOptions.of({"detect_tags": False, **asked}))
            for number, asked in enumerate(
                (
                    {},
                    {"scene_ids": [1]},
                    {"filters": {"organized": False}},
                    {"filters": {"organized": True}},
                    {"include_organized": True, "scene_ids": [1]},
                    {"include_organized": True},
                )
            )
        ]
    assert [result.scenes for result in results] == [1, 0, 1, 1, 1, 2]
    note = "1 organized scene was left alone. The option include_organized looks at such scenes, too."
    assert [note in result.warnings for result in results] == [True, True, False, False, False, False]
