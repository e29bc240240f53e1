"""The routes of plans over HTTP, and the job that does the whole way, against a demo Stash."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from tests.stashwork.served import Served, demo_stash, ended, serving
from tests.support import query

SCENES = 120


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with (
        demo_stash("--scenes", str(SCENES)) as stash,
        serving(tmp_path_factory.mktemp("plans"), "--sync", STASH_URL=stash) as served,
    ):
        served.wait_for_output("stashwork is at")
        yield served


@pytest.fixture
def plan(http: httpx2.Client) -> Iterator[dict[str, Any]]:
    """A new draft; forgotten after the test."""
    forget_plans(http)
    plan_id = ended(http, http.post("/api/plans", json={}).json()["job_id"])["result"]["plan_id"]
    yield http.get(f"/api/plans/{plan_id}").json()
    http.delete(f"/api/plans/{plan_id}")


def forget_plans(http: httpx2.Client) -> None:
    """What waits in an open plan would not be proposed again."""
    for one in http.get("/api/plans", params={"limit": 100}).json()["items"]:
        http.delete(f"/api/plans/{one['id']}")


def changes(http: httpx2.Client, plan: dict[str, Any], **wanted: Any) -> list[dict[str, Any]]:
    """All pages of the changes."""
    found: list[dict[str, Any]] = []
    cursor = 0
    while cursor is not None:
        page = http.get(f"/api/plans/{plan['id']}/changes", params={**wanted, "cursor": cursor, "limit": 50}).json()
        assert {scene["id"] for scene in page["scenes"]} == {change["scene_id"] for change in page["items"]}
        found += page["items"]
        cursor = page["next_cursor"]
    return found


def total(plan: dict[str, Any]) -> int:
    return sum(sum(numbers.values()) for numbers in plan["changes"].values())


@pytest.mark.parametrize(
    ("said", "then"), [("analyzing", "draft"), ("applying", "partly_applied"), ("undoing", "undone")]
)
def test_a_plan_whose_job_is_over_is_open_again(
    app: Served, http: httpx2.Client, plan: dict[str, Any], said: str, then: str
) -> None:
    """As after a kill, when the job is cancelled before it runs again."""
    query(app.databases / "library.db", "UPDATE plan SET status = ? WHERE id = ?", said, plan["id"])
    assert http.get(f"/api/plans/{plan['id']}").json()["status"] == then
    assert http.get("/api/plans").json()["items"][0]["status"] == then
    assert http.delete(f"/api/plans/{plan['id']}").status_code == 204


def test_changes_come_page_by_page_and_by_every_filter(http: httpx2.Client, plan: dict[str, Any]) -> None:
    every = changes(http, plan)
    assert len(every) == total(plan) > 50
    assert [one["id"] for one in every] == sorted({one["id"] for one in every})
    for field, numbers in plan["changes"].items():
        assert len(changes(http, plan, field=field)) == sum(numbers.values())
    sure = changes(http, plan, min_confidence=0.9)
    assert {one["id"] for one in sure} == {one["id"] for one in every if one["confidence"] >= 0.9}
    assert changes(http, plan, decision="approved") == changes(http, plan, outcome="conflict") == []
    scene = every[0]["scene_id"]
    assert changes(http, plan, scene_id=scene) == [one for one in every if one["scene_id"] == scene]


def test_decisions_by_field_by_confidence_and_by_selection(http: httpx2.Client, plan: dict[str, Any]) -> None:
    address, every = f"/api/plans/{plan['id']}/decisions", changes(http, plan)

    def decide(decision: str, **which: Any) -> int:
        answer = http.post(address, json={"decision": decision, **which})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["decided"])

    dates = [one["id"] for one in every if one["field"] == "date"]
    assert decide("approved", where={"field": "date"}) == len(dates)
    assert [one["id"] for one in changes(http, plan, decision="approved")] == dates
    assert decide("rejected", change_ids=[*dates[:2], 10**9]) == 2
    assert len(changes(http, plan, decision="rejected")) == 2
    assert decide("pending", where={}) == len(every)
    assert changes(http, plan, decision="pending") == every


def test_an_edited_value_is_approved_and_a_wrong_one_refused(http: httpx2.Client, plan: dict[str, Any]) -> None:
    date = changes(http, plan, field="date")[0]
    address = f"/api/plans/{plan['id']}/changes/{date['id']}/value"
    edited = http.put(address, json={"value": "2020-02-29"}).json()
    assert (edited["edited"], edited["decision"]) == ("2020-02-29", "approved")
    refused = http.put(address, json={"value": "2021-02-29"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_value")
    assert refused.json()["errors"] == [{"pointer": "/value", "detail": "a date looks like 2024-02-29"}]
    elsewhere = http.put(address.replace(f"/{date['id']}/", "/987654/"), json={"value": "2020-02-29"})
    assert elsewhere.status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/plans/4711", None, 404),
        ("GET", "/api/plans/0", None, 422),
        ("GET", "/api/plans/1/changes?feild=date", None, 422),
        ("POST", "/api/plans/4711/apply", None, 404),
        ("POST", "/api/plans", {"detect_everything": True}, 422),
        ("POST", "/api/plans", {"confidence_threshold": 2}, 422),
        ("POST", "/api/plans/1/decisions", {"decision": "approved"}, 422),
        ("POST", "/api/plans/1/decisions", {"decision": "perhaps", "where": {}}, 422),
        ("POST", "/api/plans/4711/decisions", {"decision": "approved", "where": {}}, 404),
        ("DELETE", "/api/plans/4711", None, 404),
    ],
)
def test_what_is_wrong_is_a_problem_document(
    http: httpx2.Client, method: str, path: str, body: Any, status: int
) -> None:
    answer = http.request(method, path, json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert httpx2.request(method, str(answer.url), json=body).status_code == 401  # without the token


def test_plans_are_listed_newest_first_and_deleted(http: httpx2.Client) -> None:
    ids = [ended(http, http.post("/api/plans").json()["job_id"])["result"]["plan_id"] for _ in range(3)]
    first = http.get("/api/plans", params={"limit": 2}).json()
    assert [plan["id"] for plan in first["items"]] == ids[:0:-1]
    assert http.get("/api/plans", params={"cursor": first["next_cursor"]}).json()["items"][0]["id"] == ids[0]
    for plan_id in ids:
        assert http.delete(f"/api/plans/{plan_id}").status_code == 204
        assert http.get(f"/api/plans/{plan_id}").status_code == 404


# The whole way


def test_the_whole_way_stops_for_a_review_when_nothing_may_be_approved(http: httpx2.Client) -> None:
    done = ended(http, http.post("/jobs/process_library", json={}).json()["id"])
    result = done["result"]
    assert (done["status"], result["applied"]) == ("completed", None), done
    plan = http.get(f"/api/plans/{result['plan_id']}").json()
    assert (plan["status"], result["to_review"]) == ("draft", total(plan))
    children = http.get("/jobs", params={"parent": done["id"]}).json()["items"]
    assert [child["type"] for child in children] == ["analyze_scenes", "sync_all"]


def test_the_whole_way_applies_what_is_sure_and_leaves_the_rest(http: httpx2.Client) -> None:
    forget_plans(http)
    job = http.post("/jobs/process_library", json={"auto_approve": 0.95, "options": {"detect_tags": False}}).json()
    done = ended(http, job["id"])
    assert done["status"] == "completed", done
    plan = http.get(f"/api/plans/{done['result']['plan_id']}").json()
    sure = changes(http, plan, min_confidence=0.95)
    assert sure
    assert {one["outcome"] for one in sure} <= {"done", "already"}
    rest = [one for one in changes(http, plan) if one["confidence"] < 0.95]
    assert {(one["decision"], one["outcome"]) for one in rest} <= {("pending", None)}
    assert done["result"]["to_review"] == len(rest)
    assert done["result"]["applied"]["done"] == sum(one["outcome"] == "done" for one in sure)
    ended(http, http.post(f"/api/plans/{plan['id']}/undo").json()["job_id"])


def test_a_confidence_that_is_none_fails_with_a_sentence(http: httpx2.Client) -> None:
    done = ended(http, http.post("/jobs/process_library", json={"auto_approve": 7}).json()["id"])
    assert (done["status"], "from 0 to 1" in done["error"]) == ("failed", True)


# Last, since what it rejects is proposed no more


def test_apply_and_undo_are_jobs_and_an_applied_plan_takes_no_decisions(
    http: httpx2.Client, plan: dict[str, Any]
) -> None:
    one = changes(http, plan, field="date")[0]
    for decision, which in (("rejected", {"where": {}}), ("approved", {"change_ids": [one["id"]]})):
        http.post(f"/api/plans/{plan['id']}/decisions", json={"decision": decision, **which})
    applied = ended(http, http.post(f"/api/plans/{plan['id']}/apply").json()["job_id"])
    assert (applied["status"], applied["result"]["done"]) == ("completed", 1), applied
    shown = http.get(f"/api/plans/{plan['id']}").json()
    assert (shown["status"], shown["outcomes"]) == ("applied", {"done": 1})
    assert http.get(f"/api/library/scenes/{one['scene_id']}").json()["date"] == one["proposed"]
    refused = http.post(f"/api/plans/{plan['id']}/decisions", json={"decision": "approved", "where": {}})
    assert (refused.status_code, refused.json()["code"]) == (409, "plan_not_ready")
    undone = ended(http, http.post(f"/api/plans/{plan['id']}/undo").json()["job_id"])
    assert (undone["status"], undone["result"]["done"]) == ("completed", 1)
    assert http.get(f"/api/library/scenes/{one['scene_id']}").json()["date"] is None
