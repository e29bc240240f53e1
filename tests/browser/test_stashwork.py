"""stashwork's pages on its demo: the whole way from the first sync to the undo, with the keyboard, and axe on it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect
from tests.browser.test_accessibility import check
from tests.processes import free_port
from tests.stashwork.plans.support import insert_changes, state
from tests.stashwork.served import Served, demo_stash, local_library, serving

from stashwork.database import open_database
from stashwork.demo import seeded_library

SCENES = 60
MORE_OF_THE_SAME = ".scene:nth-child(n + 13)"  # a dozen has changes of each field


class Stash:
    """The demo on one port, which can be away for a while."""

    def __init__(self) -> None:
        self._port = str(free_port())
        self._running = ExitStack()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Begin, as it was made."""
        self._running.enter_context(demo_stash("--scenes", str(SCENES), "--port", self._port))

    def stop(self) -> None:
        self._running.close()


@pytest.fixture(scope="module")
def stash() -> Iterator[Stash]:
    demo = Stash()
    yield demo
    demo.stop()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, stash: Stash) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("stashwork"), STASH_URL=stash.url) as served:
        stash.start()  # while the application does, too
        served.wait_for_output("stashwork is at")
        yield served


def sign_in(app: Served, page: Page) -> None:
    """Sign in as a person does, with the token."""
    page.goto(app.url)
    page.get_by_label("Token").fill(app.token)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{app.url}/ui/")


def enter(app: Served, page: Page) -> None:
    """Be signed in, and see the first page."""
    page.request.post(f"{app.url}/ui/login", form={"token": app.token})
    page.goto(f"{app.url}/ui/")


def open_view(app: Served, page: Page, path: str) -> None:
    page.goto(f"{app.url}/ui/#/{path}")


def agree(page: Page) -> None:
    page.locator("dialog .button.danger").click()
    expect(page.locator("dialog")).to_have_count(0)


def forget_plans(http: httpx2.Client) -> None:
    """What waits in an open plan would not be proposed again."""
    for plan in http.get("/api/plans").json()["items"]:
        http.delete(f"/api/plans/{plan['id']}")


@pytest.mark.timeout(120)
def test_the_whole_way_from_the_first_sync_to_the_undo(app: Served, page: Page) -> None:
    sign_in(app, page)
    check(page, "home with nothing", ".empty")
    page.get_by_role("button", name="Sync", exact=True).click()
    expect(page.locator(".tile").first).to_contain_text(str(SCENES))
    page.get_by_role("button", name="Analyse …").click()
    check(page, "what to look for", "form .field")
    page.get_by_role("button", name="Start the analysis").click()
    page.get_by_role("link", name="Plan 1").click()

    rows = page.locator(".change")
    page.get_by_role("button", name=re.compile(r"^Date \d+")).click()
    expect(page.locator(".change-field", has_not_text="Date")).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("a")
    expect(rows.nth(0)).to_have_attribute("data-decision", "approved")
    page.keyboard.press("j")
    for key, decision in (("r", "rejected"), ("u", "pending"), ("r", "rejected")):
        page.keyboard.press(key)
        expect(rows.nth(1)).to_have_attribute("data-decision", decision)
    page.keyboard.press("k")
    page.keyboard.press("e")
    page.get_by_label("Date", exact=True).fill("2001-02-03")
    page.get_by_role("button", name="Save and approve").click()
    expect(rows.nth(0)).to_contain_text("2001-02-03")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.get_by_role("group", name="Selected changes").get_by_role("button", name="Approve").click()
    expect(rows.nth(2)).to_have_attribute("data-decision", "approved")
    check(page, "review", ".change", alike=MORE_OF_THE_SAME)

    page.get_by_role("button", name="Apply 2 changes").click()
    agree(page)
    expect(page.get_by_role("status")).to_have_text("Applied: 2 written.")
    expect(rows.nth(0)).to_contain_text("Written")
    assert "2001-02-03" in [scene[3] for scene in local_library(app.data)["scenes"]]
    check(page, "applied", ".work .notice", alike=MORE_OF_THE_SAME)
    page.get_by_role("button", name="Undo").click()
    agree(page)
    expect(page.get_by_role("status")).to_have_text("Undone: 2 taken back.")
    for name in ("approve", "reject", "edit", "pending", "select"):
        expect(rows.nth(0).locator(f"[data-act={name}]")).to_be_disabled()  # or the keys would press it
    expect(page.locator(".heading .badge")).to_have_text("Undone")
    open_view(app, page, "plans")
    expect(page.locator(".plan").first).to_contain_text("not decided, 2 approved, 1 rejected")
    dates = {number: values[2] for number, values in state(seeded_library(SCENES)).items()}
    assert {scene[0]: scene[3] for scene in local_library(app.data)["scenes"]} == dates


def test_a_conflict_shows_what_stash_has_and_is_overwritten_only_when_a_person_says_so(app: Served, page: Page) -> None:
    enter(app, page)
    with app.client() as http:
        http.post("/jobs/sync_all", headers={"Prefer": "wait=20"})
        options = {"options": {"detect_date": True, "detect_title": False}}
        done = http.post("/jobs/analyze_scenes", json=options, headers={"Prefer": "wait=20"}).json()
        plan_id = done["result"]["plan_id"]
        first = http.get(f"/api/plans/{plan_id}/changes", params={"field": "date"}).json()["items"][0]
        somebody = http.get("/api/settings").json()["stash_url"]["value"]
        meanwhile = "mutation M($input: SceneUpdateInput!) { sceneUpdate(input: $input) { id } }"
        variables = {"input": {"id": str(first["scene_id"]), "date": "1999-09-09"}}
        httpx2.post(f"{somebody}/graphql", json={"query": meanwhile, "variables": variables}).raise_for_status()
        http.post(f"/api/plans/{plan_id}/decisions", json={"decision": "approved", "change_ids": [first["id"]]})
        http.post("/jobs/apply_plan", json={"plan_id": plan_id}, headers={"Prefer": "wait=20"})
    open_view(app, page, f"plan/{plan_id}")
    page.get_by_role("button", name="1 in conflict").click()
    expect(page.locator(".change")).to_have_count(1)
    expect(page.locator(".change .live")).to_contain_text("Stash has 1999-09-09")
    check(page, "conflict", ".change.conflict")
    page.get_by_role("button", name="Overwrite").click()
    page.get_by_role("button", name="Apply 1 change").click()
    agree(page)
    expect(page.get_by_role("status")).to_have_text("Applied: 1 written.")
    dates = {scene[0]: scene[3] for scene in local_library(app.data)["scenes"]}
    assert dates[first["scene_id"]] == first["proposed"]


def test_an_edit_suggests_names_of_the_library(app: Served, page: Page) -> None:
    enter(app, page)
    with app.client() as http:
        http.post("/jobs/sync_all", headers={"Prefer": "wait=20"})
        forget_plans(http)
        made = http.post("/jobs/analyze_scenes", json={"options": {}}, headers={"Prefer": "wait=20"}).json()
        plan_id = made["result"]["plan_id"]
        other = http.get("/api/library/names/studio", params={"limit": 100}).json()[-1]
    open_view(app, page, f"plan/{plan_id}?field=studio")
    page.locator(".change").first.focus()
    page.keyboard.press("e")
    field = page.get_by_role("combobox", name="Studio")
    expect(page.locator("datalist option")).not_to_have_count(0)
    field.fill(other["name"][:4])
    expect(page.locator(f"datalist option[value='{other['name']}']")).to_have_count(1)
    check(page, "an edit with suggestions", "dialog")
    field.fill(other["name"])
    page.get_by_role("button", name="Save and approve").click()
    expect(page.locator(".change").first).to_contain_text(other["name"])
    with app.client() as http:
        changes = http.get(f"/api/plans/{plan_id}/changes", params={"field": "studio"}).json()["items"]
        assert changes[0]["edited"] == other, "an entity of the library, not a new name"
        http.delete(f"/api/plans/{plan_id}")


def test_a_plan_of_fifty_thousand_changes_is_shown_page_by_page_and_approved_at_once(app: Served, page: Page) -> None:
    enter(app, page)
    with app.client() as http:
        http.post("/jobs/sync_all", headers={"Prefer": "wait=20"})
        options = {"options": {"filters": {"path_contains": "nowhere"}}}
        made = http.post("/jobs/analyze_scenes", json=options, headers={"Prefer": "wait=20"}).json()
    plan_id = made["result"]["plan_id"]
    with ThreadPoolExecutor(1) as thread:  # Playwright has the event loop of this one
        thread.submit(asyncio.run, grown(app, plan_id)).result()
    open_view(app, page, f"plan/{plan_id}")
    rows, first = page.locator(".change"), page.get_by_role("checkbox").first
    expect(rows).to_have_count(100)
    expect(page.get_by_role("button", name="Tags 50,000")).to_be_visible()
    check(page, "the first page of many", ".pages", alike=MORE_OF_THE_SAME)
    expect(first).to_have_accessible_name("Select Tags Tag 0")
    page.get_by_role("button", name="Next page").click()
    expect(first).to_have_accessible_name("Select Tags Tag 100")
    expect(rows).to_have_count(100)
    expect(rows.first).to_be_focused()
    page.keyboard.press("a")
    expect(rows.first).to_have_attribute("data-decision", "approved")
    page.get_by_role("button", name="Previous page").click()
    expect(first).to_have_accessible_name("Select Tags Tag 0")
    expect(page.get_by_role("button", name="Previous page")).to_be_disabled()
    page.get_by_role("button", name="Approve all found").click()
    agree(page)
    expect(page.get_by_role("button", name="Apply 50,000 changes")).to_be_enabled()
    with app.client() as http:
        assert http.get(f"/api/plans/{plan_id}").json()["changes"] == {"tags": {"approved": 50_000}}
        http.delete(f"/api/plans/{plan_id}")


async def grown(app: Served, plan_id: int) -> None:
    async with open_database(app.databases) as engine:
        await insert_changes(engine, plan_id, 50_000)


def test_an_apply_without_a_stash_says_so_also_later_and_goes_on_when_it_is_back(
    app: Served, stash: Stash, page: Page
) -> None:
    enter(app, page)
    with app.client() as http:
        http.post("/jobs/sync_all", headers={"Prefer": "wait=20"})
        forget_plans(http)
        made = http.post("/jobs/analyze_scenes", json={}, headers={"Prefer": "wait=20"}).json()
        plan_id = made["result"]["plan_id"]
        dates = {"decision": "approved", "where": {"field": "date"}}
        http.post(f"/api/plans/{plan_id}/decisions", json=dates)
    stash.stop()
    open_view(app, page, f"plan/{plan_id}")
    page.get_by_role("button", name=re.compile(r"Apply \d")).click()
    agree(page)
    expect(page.get_by_role("status")).to_contain_text("Check that Stash is running")
    check(page, "an apply that failed", ".notice-bad", alike=MORE_OF_THE_SAME)
    page.reload()
    expect(page.get_by_role("status")).to_contain_text("Check that Stash is running")
    stash.start()
    page.get_by_role("button", name=re.compile(r"Apply \d")).click()
    agree(page)
    expect(page.get_by_role("status")).to_contain_text("written")
    page.reload()
    expect(page.locator(".heading .badge")).to_have_text("Partly applied")
    expect(page.get_by_role("status")).to_have_count(0)


def test_settings_are_saved_refused_and_the_connection_is_tested(app: Served, page: Page) -> None:
    enter(app, page)
    open_view(app, page, "settings")
    expect(page.get_by_label("Address").first).to_be_disabled()
    page.get_by_role("button", name="Test the connection").click()
    expect(page.get_by_role("status")).to_contain_text(f"with {SCENES} scenes")
    page.get_by_label("Sync", exact=True).fill("now and then")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".field-fault:visible")).not_to_have_count(0)
    check(page, "settings with a fault", ".field-fault:not([hidden])")
    page.get_by_label("Sync", exact=True).fill("every 6 hours")
    page.get_by_label("Approve from this confidence").fill("0.95")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".toast").last).to_contain_text("saved")
    with app.client() as http:
        assert http.get("/api/settings").json()["auto_approve"]["value"] == 0.95
        assert [each["name"] for each in http.get("/jobs/schedules").json()] == ["sync"]


@pytest.mark.parametrize("look", [{"color_scheme": "dark"}, {"viewport": {"width": 375, "height": 812}}])
def test_no_screen_has_a_violation_or_scrolls_sideways(
    app: Served, new_page: Callable[..., Page], look: dict[str, object]
) -> None:
    page = new_page(**look)
    enter(app, page)
    with app.client() as http:
        forget_plans(http)
        http.post("/jobs/process_library", json={"auto_approve": None}, headers={"Prefer": "wait=20"})
        newest = http.get("/api/plans").json()["items"][0]["id"]
    screens = {
        "": ".tile",
        "plans": ".plan",
        f"plan/{newest}": ".change",
        "plan/4711": ".empty",
        "settings": ".settings",
    }
    for path, there in {**screens, "analyze": "form .field"}.items():
        open_view(app, page, path)
        check(page, path, there, alike=MORE_OF_THE_SAME)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"
    page.keyboard.press("Escape")
    page.get_by_role("heading").first.click()
    page.keyboard.press("?")
    check(page, "help", "dialog")


def test_cards_stay_where_they_are_and_the_skip_link_stays_on_the_page(app: Served, page: Page) -> None:
    sockets: list[WebSocketRoute] = []
    page.route_web_socket("**/jobs/ws", lambda route: (sockets.append(route), route.connect_to_server())[0])
    enter(app, page)
    expect(page.get_by_role("heading", name="Library")).to_be_visible()
    times = {"created_at": "2026-01-01T00:00:00Z", "started_at": "2026-01-01T00:00:01Z"}
    for name in "ab":
        job = {"id": name, "type": name, "status": "running", "attempt": 1, "rev": 1, "progress": 0, **times}
        sockets[-1].send(json.dumps({"type": "status", "job": job}))
    titles = page.locator(".card .card-title")
    expect(titles).to_have_text(["b", "a"])
    titles.first.focus()
    for name in "ba":
        sockets[-1].send(json.dumps({"type": "progress", "job_id": name, "rev": 1, "processed": 3, "total": 9}))
        expect(page.locator(".card", has=page.get_by_role("link", name=name))).to_contain_text("3 / 9")
    expect(titles).to_have_text(["b", "a"])
    expect(titles.first).to_be_focused()

    open_view(app, page, "settings")
    page.get_by_role("link", name="Skip to content").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    assert page.url.endswith("#/settings")
    open_view(app, page, "constructor")
    expect(page.get_by_role("heading", name="No such page")).to_be_visible()


def test_a_library_that_changed_has_two_ways_out(app: Served, page: Page) -> None:
    last = {
        "job_id": "a",
        "status": "failed",
        "started_at": "2026-01-01T00:00:00Z",
        "finished_at": "2026-01-01T00:00:01Z",
    }
    last |= {"result": None, "summary": None, "error": "Another library.", "code": "other_library"}
    counts = {"scenes": 3, "performers": 0, "tags": 0, "studios": 0, "last_sync": last}
    page.route("**/api/library", lambda route: route.fulfill(json=counts))
    asked: list[Any] = []

    def refuse(route: Route) -> None:
        asked.append(route.request.post_data_json)
        route.fulfill(status=503, json={"title": "Not now", "status": 503, "detail": "Not now."})

    page.route("**/jobs/sync_all", refuse)
    enter(app, page)
    for way, yes in (("It is the same library", "It is the same"), ("It is a new library", "Start anew")):
        page.get_by_role("button", name=way, exact=True).click()
        with page.expect_response("**/jobs/sync_all"):
            page.get_by_role("dialog").get_by_role("button", name=yes).click()
    assert asked == [{"library": "same"}, {"library": "new"}]


def test_the_pages_are_closed_without_the_token(app: Served, page: Page) -> None:
    page.goto(f"{app.url}/ui/#/plans")
    expect(page.get_by_label("Token")).to_be_visible()
    assert page.request.get(f"{app.url}/ui/app.js", headers={"Accept": "*/*"}).status == 401
    assert page.request.get(f"{app.url}/ui/base.css").status == 200
