"""The commands that have the running application do something: sync, analyse, plans, apply, undo.

They are clients of it like any other, since one program writes the library.
"""

import argparse
from typing import Any

from stashwork.library.results import KINDS
from stashwork.owner_token import owner_token
from stashwork.plans import Decision
from stashwork.plans.values import FIELDS, wanted_value
from stashwork.server import address_of
from stashwork.settings import Settings

from .client import Client, Job

_COUNTS = ("created", "updated", "unchanged", "removed", "failed")
_OUTCOMES = {"done": "changed", "already": "already so", "conflict": "in conflict", "gone": "gone", "failed": "refused"}
_NOTES = 10  # of an apply that are printed
_SHOWN = 20  # changes of `plan show`, unless told


def add_commands(commands: Any) -> None:
    """Add the parsers of these commands; each sets `run` to its coroutine."""
    _add_sync(commands.add_parser("sync", help="copy what has changed in Stash, and show the progress"))
    _add_analyze(commands.add_parser("analyze", help="look for what could be better; makes a plan"))
    _add_plan(commands.add_parser("plan", help="list, show and approve plans"))
    for name, text in (("apply", "write the approved changes of a plan to Stash"), ("undo", "take back a plan")):
        command = commands.add_parser(name, help=text)
        command.add_argument("plan", type=int, metavar="PLAN", help="number of the plan; stashwork plan list")
        command.set_defaults(run=_write, job_type=f"{name}_plan")


def _add_sync(sync: argparse.ArgumentParser) -> None:
    sync.set_defaults(run=_sync)
    sync.add_argument("--force", action="store_true", help="read every scene, changed or not")
    sync.add_argument("--allow-removals", action="store_true", help="remove more than the deletion limit")
    which = sync.add_mutually_exclusive_group()
    said = {"same": "it is the same library, whatever it looks like", "new": "it is a new library: start anew"}
    for name, text in said.items():
        which.add_argument(f"--{name}-library", action="store_const", dest="library", const=name, help=text)
    sync.add_argument("--scene", type=int, action="append", metavar="ID", help="only this scene; may be repeated")


def _add_analyze(analyze: argparse.ArgumentParser) -> None:
    analyze.set_defaults(run=_analyze)
    analyze.add_argument("--scene", type=int, action="append", metavar="ID", help="only this scene; may be repeated")
    analyze.add_argument("--path", metavar="TEXT", help="only scenes with a file whose path has this text")
    analyze.add_argument("--only", choices=FIELDS, action="append", help="look for this only; may be repeated")
    analyze.add_argument("--confidence", type=float, metavar="0..1", help="drop proposals below it (default: 0.7)")
    analyze.add_argument("--create-missing", action="store_true", help="propose names that the library does not have")
    analyze.add_argument("--organized", action="store_true", help="also look at scenes that are marked Organized")
    analyze.add_argument("--ai", action="store_true", help="also ask the language model of the settings")


def _add_plan(plan: argparse.ArgumentParser) -> None:
    actions = plan.add_subparsers(required=True, metavar="ACTION")
    actions.add_parser("list", help="the newest plans").set_defaults(run=_list)
    show = actions.add_parser("show", help="one plan and its changes")
    show.set_defaults(run=_show)
    show.add_argument("--limit", type=int, default=_SHOWN, metavar="N", help=f"changes to show (default: {_SHOWN})")
    show.add_argument("--outcome", choices=tuple(_OUTCOMES), help="only changes with this outcome")
    approve = actions.add_parser("approve", help="approve changes of a plan")
    approve.set_defaults(run=_approve)
    approve.add_argument("--confidence", type=float, metavar="0..1", help="only those with this confidence or more")
    for parser in (show, approve):
        parser.add_argument("plan", type=int, metavar="PLAN")
        parser.add_argument("--field", choices=FIELDS, help="only changes of this field")


async def _sync(options: argparse.Namespace) -> int:
    arguments: Job = {"force": options.force, "allow_removals": options.allow_removals, "library": options.library}
    job_type = "sync_all"
    if options.scene:
        job_type, arguments = "sync_scenes", {"scene_ids": options.scene}
    return print_outcome(await _client().run_job(job_type, arguments), sync_summary)


async def _analyze(options: argparse.Namespace) -> int:
    client = _client()
    job = await client.request("POST", "/api/plans", _analysis(options))
    return print_outcome(await client.follow(job["job_id"]), analysis_summary)


def _analysis(options: argparse.Namespace) -> dict[str, Any]:
    analysis: dict[str, Any] = {"create_missing": options.create_missing, "use_ai": options.ai}
    analysis["include_organized"] = options.organized
    if options.only:
        names = {"studio": "studios"}
        analysis |= {f"detect_{names.get(field, field)}": field in options.only for field in FIELDS}
    if options.confidence is not None:
        analysis["confidence_threshold"] = options.confidence
    if options.scene:
        analysis["scene_ids"] = options.scene
    return analysis | ({"filters": {"path_contains": options.path}} if options.path else {})


async def _list(_options: argparse.Namespace) -> int:
    plans = (await _client().request("GET", "/api/plans"))["items"]
    for plan in plans:
        print(plan_line(plan))
    if not plans:
        print("There are no plans yet: stashwork analyze")
    return 0


async def _show(options: argparse.Namespace) -> int:
    client, path = _client(), f"/api/plans/{options.plan}"
    print(plan_line(await client.request("GET", path)))
    where = "".join(f"&{name}={value}" for name in ("field", "outcome") if (value := getattr(options, name)))
    page = await client.request("GET", f"{path}/changes?limit={min(max(options.limit, 1), 200)}{where}")
    scene = None
    names = {line["id"]: line["path"] or line["title"] for line in page["scenes"]}
    for change in page["items"]:
        if change["scene_id"] != scene:
            scene = change["scene_id"]
            print(f"\nScene {scene}  {_plain(names.get(scene, 'no longer in the library'))}")
        print(_change_line(change))
    if page["next_cursor"] is not None:
        print("\nThere are more: --limit, --field, or the page of the plan.")
    return 0


async def _approve(options: argparse.Namespace) -> int:
    where = {"field": options.field, "min_confidence": options.confidence}
    verdict = {"decision": "approved", "where": {name: value for name, value in where.items() if value is not None}}
    answer = await _client().request("POST", f"/api/plans/{options.plan}/decisions", verdict)
    print(f"{answer['decided']:,} changes of plan {options.plan} approved. Write them: stashwork apply {options.plan}")
    return 0


async def _write(options: argparse.Namespace) -> int:
    return print_outcome(await _client().run_job(options.job_type, {"plan_id": options.plan}), write_summary)


def _client() -> Client:
    settings = Settings()
    return Client(address_of(settings), owner_token(settings))


def print_outcome(job: Job, summary: Any) -> int:
    """Print what came of a job; returns the exit code."""
    if job["status"] == "completed":
        print(summary(job["result"]), flush=True)
        return 0
    name = "sync" if job["type"].startswith("sync") else job["type"]
    print(f"The {name} {job['status']}: {job['error'] or 'no reason was given'}", flush=True)
    return 1


def sync_summary(result: Job) -> str:
    """What a sync did, in lines."""
    lines = [f"The sync completed in {result['duration_seconds']:.1f} s:"]
    for kind in KINDS:
        counts = ", ".join(f"{result[kind][name]:,} {name}" for name in _COUNTS if result[kind][name])
        lines.append(f"  {kind:<11} {counts or 'none'}")
    return "\n".join(lines + [f"  note: {warning}" for warning in result["warnings"]])


def analysis_summary(result: Job) -> str:
    """What an analysis found, in lines."""
    fields = ", ".join(f"{number:,} {field}" for field, number in result["changes"].items()) or "nothing to improve"
    scenes = f"{result['scenes_with_changes']:,} of {result['scenes']:,} scenes"
    line = f"Plan {result['plan_id']}: {result['total_changes']:,} changes in {scenes}: {fields}"
    return "\n".join([line, *(f"  note: {warning}" for warning in result["warnings"])])


def write_summary(result: Job) -> str:
    """What an apply or an undo did, in lines."""
    counts = ", ".join(f"{result[name]:,} {text}" for name, text in _OUTCOMES.items() if result[name])
    line = f"Plan {result['plan_id']} is {result['status'].replace('_', ' ')}: {counts or 'nothing to do'}"
    return "\n".join([line, *map(_note_line, result["notes"][:_NOTES])])


def _note_line(note: Job) -> str:
    return f"  scene {note['scene_id']}, {note['field']}: {note['outcome']} ({_plain(note['note'])})"


def plan_line(plan: Job) -> str:
    """A plan in one line."""
    decisions = {name: sum(each.get(name, 0) for each in plan["changes"].values()) for name in Decision}
    counts = ", ".join(f"{number:,} {name}" for name, number in decisions.items() if number) or "no changes"
    made, status = plan["created_at"][:16].replace("T", " "), plan["status"].replace("_", " ")
    return f"Plan {plan['id']:<4} {status:<14} {made}  {counts}"


def _change_line(change: Job) -> str:
    value = wanted_value(change)
    sign = "+ " if change["action"] == "add" else ""
    text = _plain(value["name"] if isinstance(value, dict) else value)
    state = change["undo_outcome"] or change["outcome"] or change["decision"]
    return f"  {change['id']:>6}  {change['confidence']:>4.0%}  {state:<9} {change['field']:<11} {sign}{text}"


def _plain(text: str) -> str:
    """One line without control characters: texts from files must not steer the terminal."""
    return "".join(character if character.isprintable() else " " for character in text)[:200]
