"""What `serve --sync` does at the start: the sync; on the demo, with `--once`, the whole way from there to the undo.

Each step is checked against what the demo really has, read from its server anew, and against what it was made from.
"""

import sys
from collections.abc import Iterable
from typing import Any

from stashwork.demo import Meant, seeded_library
from stashwork.settings import Settings
from stashwork.stash import Scene

from .check import check_numbers, server_scenes
from .client import Client
from .commands import analysis_summary, print_outcome, sync_summary, write_summary

_SURE = 0.9  # confidence from which the demo's changes are approved
_PRECISION = 0.99  # of the proposals, measured by what the demo was made from

State = dict[int, dict[str, Any]]


async def first_sync(client: Client, settings: Settings) -> int:
    """Sync, and compare the numbers with the server's; returns the exit code."""
    if print_outcome(await client.run_job("sync_all"), sync_summary):
        return 1
    return _complain(await check_numbers(settings))


async def check_demo(client: Client, settings: Settings, scenes: int) -> int:
    """Sync, analyse, approve, apply, undo, on a demo of so many scenes; returns the exit code."""
    if code := await first_sync(client, settings):
        return code
    before = await _server_state(settings)
    job = await client.request("POST", "/api/plans", {})
    analysis = await client.follow(job["job_id"])
    if print_outcome(analysis, analysis_summary):
        return 1
    plan_id = analysis["result"]["plan_id"]
    changes = await _changes(client, plan_id)
    wrong = _check_proposals(changes, seeded_library(scenes).meant)
    return _complain(wrong) or await _apply_and_undo(client, settings, plan_id, changes, before)


async def _apply_and_undo(client: Client, settings: Settings, plan_id: int, changes: list[Any], before: State) -> int:
    verdict = {"decision": "approved", "where": {"min_confidence": _SURE}}
    approved = (await client.request("POST", f"/api/plans/{plan_id}/decisions", verdict))["decided"]
    print(f"Approved: {approved:,} changes with a confidence of {_SURE:.0%} or more", flush=True)
    applied = await client.run_job("apply_plan", {"plan_id": plan_id})
    if print_outcome(applied, write_summary):
        return 1
    sure = [change for change in changes if change["confidence"] >= _SURE]
    faults = [] if applied["result"]["done"] == approved == len(sure) else ["Not all that was approved was written."]
    if code := _complain(
        faults + _differences(await _server_state(settings), _expected_state(before, sure), "after the apply")
    ):
        return code
    print("Checked: the server has exactly these changes, and no others", flush=True)
    if print_outcome(await client.run_job("undo_plan", {"plan_id": plan_id}), write_summary):
        return 1
    code = _complain(_differences(await _server_state(settings), before, "after the undo"))
    if not code:
        print("Checked: the server is as it was before", flush=True)
    return code


async def _changes(client: Client, plan_id: int) -> list[Any]:
    found, cursor = [], 0
    while cursor is not None:
        page = await client.request("GET", f"/api/plans/{plan_id}/changes?limit=200&cursor={cursor}")
        found += page["items"]
        cursor = page["next_cursor"]
    return found


async def _server_state(settings: Settings) -> State:
    """What the server has in the fields that plans change."""
    return {scene.id: _fields(scene) for scene in await server_scenes(settings)}


def _fields(scene: Scene) -> dict[str, Any]:
    lists = {"performers": frozenset(scene.performer_ids), "tags": frozenset(scene.tag_ids)}
    return {"studio": scene.studio_id, "date": scene.date, "title": scene.title, "details": scene.details, **lists}


def _expected_state(before: State, changes: Iterable[Any]) -> State:
    """The state that these changes lead to."""
    after = {number: dict(fields) for number, fields in before.items()}
    for change in changes:
        scene, field, value = after[change["scene_id"]], change["field"], change["proposed"]
        if change["action"] == "add":
            scene[field] = scene[field] | {value["id"]}
        else:
            scene[field] = value["id"] if isinstance(value, dict) else value
    return after


def _differences(found: State, expected: State, when: str) -> list[str]:
    numbers = [number for number in expected.keys() | found.keys() if found.get(number) != expected.get(number)]
    return [f"Scene {number} is not as it should be {when}." for number in sorted(numbers)[:10]]


def _check_proposals(changes: Iterable[Any], meant: dict[int, Meant]) -> list[str]:
    """Compare what was found in the files' names with what they were made from."""
    judged = [_is_right(change, meant[change["scene_id"]]) for change in changes if change["field"] in _JUDGED]
    right = sum(judged)
    print(
        f"Checked: {right:,} of {len(judged):,} studios, performers and dates are what the demo was made from",
        flush=True,
    )
    return [] if judged and right >= _PRECISION * len(judged) else ["Too many of the proposals are wrong."]


_JUDGED = ("studio", "performers", "date")


def _is_right(change: Any, meant: Meant) -> bool:
    value = change["proposed"]
    if change["field"] == "date":
        return bool(value == meant.date)
    return value["id"] in (meant.performers if change["field"] == "performers" else (meant.studio,))


def _complain(wrong: Iterable[str]) -> int:
    sentences = list(wrong)
    for sentence in sentences:
        print(f"stashwork: {sentence}", file=sys.stderr)
    return 1 if sentences else 0
