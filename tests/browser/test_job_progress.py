"""`<job-progress>` in somebody's own page, which has a strict policy and lives behind a root_path."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse, Response
from playwright.sync_api import Page, expect
from starlette.requests import HTTPConnection
from tests.browser.site import Site
from tests.browser.test_accessibility import check

_PAGE = """<!doctype html><html lang="en"><title>Mine</title>
<script type="module" src="{prefix}/ui/job-progress.js"></script><script type="module" src="/own.js"></script>
<h1>Mine</h1><job-progress label="My report" cancel></job-progress>"""
_SCRIPT = """
window.heard = [];
const bar = document.querySelector("job-progress");
for (const name of ["job-progress", "job-completed", "job-failed", "job-cancelled"])
  document.addEventListener(name, (event) => heard.push([name, event.detail.status]));
const job = new URLSearchParams(location.search).get("job");
if (job) bar.setAttribute("job", job);
"""

_COUNT_STYLES = """
window.stylesAsked = 0;
const ask = window.getComputedStyle;
window.getComputedStyle = (...all) => { window.stylesAsked += 1; return ask.apply(window, all); };
"""


def own_page(site: Site) -> Callable[[FastAPI], None]:
    def extend(app: FastAPI) -> None:
        @app.get("/own")
        async def own() -> HTMLResponse:
            html = _PAGE.replace("{prefix}", site.prefix)
            return HTMLResponse(html, headers={"Content-Security-Policy": "default-src 'self'"})

        @app.get("/own.js")
        async def script() -> Response:
            return Response(_SCRIPT, media_type="text/javascript")

    return extend


@pytest.fixture(scope="module", params=["/jobs", "/deep/er/jobs"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = Site(tmp_path_factory.mktemp("site"), prefix=request.param)
    made.extend = own_page(made)
    yield made.start()
    made.stop()


def own(site: Site, job: str) -> str:
    return f"http://127.0.0.1:{site.port}/own?job={job}"


def covered(page: Page) -> tuple[int, int]:
    """From where to where the bar covers its track, in percent from the left."""
    found = page.evaluate("""() => {
        const [bar, track] = [".bar", ".track"].map((name) =>
            document.querySelector("job-progress").shadowRoot.querySelector(name).getBoundingClientRect());
        const percent = (x) => Math.round((x - track.left) / track.width * 100);
        return [Math.max(0, percent(bar.left)), Math.min(100, percent(bar.right))];
    }""")
    return found[0], found[1]


def heard(page: Page) -> list[str]:
    return [f"{name} {status}" for name, status in json.loads(page.evaluate("JSON.stringify(window.heard)"))]


def test_one_script_makes_a_live_bar(site: Site, page: Page) -> None:
    job = site.enqueue("sync_all")
    page.add_init_script(_COUNT_STYLES)
    page.goto(own(site, job))
    bar = page.get_by_role("progressbar", name="My report")
    site.order(job, "update", items=1, total=4, message="first page")
    expect(bar).to_have_attribute("aria-valuenow", "25")
    assert covered(page) == (0, 25)
    page.evaluate("document.documentElement.dir = 'rtl'")
    assert covered(page) == (75, 100)
    page.evaluate("document.documentElement.dir = ''")
    assert page.evaluate("window.stylesAsked") == 0, "which would lay out the page once for each bar"
    expect(page.locator("job-progress")).to_contain_text("1 / 4")
    expect(page.locator("job-progress")).to_contain_text("first page")
    site.order(job, "finish", result=4)
    expect(bar).to_have_attribute("aria-valuenow", "100")
    assert heard(page)[-1] == "job-completed completed"
    assert heard(page).count("job-completed completed") == 1


def test_its_button_cancels_and_it_says_so(site: Site, page: Page) -> None:
    job = site.enqueue("sync_all")
    page.goto(own(site, job))
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("job-progress")).to_have_attribute("status", "cancelled")
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
    assert heard(page)[-1] == "job-cancelled cancelled"
    assert site.wait(job).status == "cancelled"


def test_what_ended_before_and_what_is_not_there(site: Site, page: Page) -> None:
    job = site.enqueue("sync_all")
    site.order(job, "fail", text="no such page")
    site.wait(job)
    page.goto(own(site, job))
    expect(page.locator("job-progress")).to_contain_text("ValueError: no such page")
    assert heard(page)[-1] == "job-failed failed"
    page.goto(own(site, "unknown"))
    expect(page.locator("job-progress")).to_contain_text("There is no such job.")


def test_another_job_begins_afresh(site: Site, page: Page) -> None:
    first, second = site.enqueue("sync_all"), site.enqueue("sync_all", job_args={"force": True})
    site.order(first, "update", items=9, total=10)
    site.order(second, "update", items=1, total=10)
    page.goto(own(site, first))
    bar = page.get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", "90")
    page.evaluate("(job) => document.querySelector('job-progress').setAttribute('job', job)", second)
    expect(bar).to_have_attribute("aria-valuenow", "10")
    site.order(first, "finish")
    site.wait(first)
    expect(bar).to_have_attribute("aria-valuenow", "10")
    site.order(second, "finish")
    site.wait(second)


def test_the_dashboard_is_at_home_under_every_prefix(site: Site, page: Page) -> None:
    job = site.enqueue("sync_all")
    page.goto(f"{site.url}/ui")
    assert page.url == site.pages
    expect(page.locator(".card")).to_have_count(1)
    page.goto(f"{site.pages}#/new/quick")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".badge").first).to_contain_text("Completed")
    site.order(job, "finish")


async def with_cookie(connection: HTTPConnection) -> str:
    if "user" not in connection.cookies:
        raise HTTPException(401, "Sign in first.")
    return connection.cookies["user"]


def test_it_is_there_before_somebody_signs_in_and_goes_on_afterwards(
    make_site: Callable[..., Site], page: Page
) -> None:
    made = make_site(with_cookie)
    made.extend = own_page(made)
    made.start()
    job = made.enqueue("sync_all")
    made.order(job, "update", items=1, total=4)
    page.goto(own(made, job))
    bar = page.locator("job-progress")
    expect(bar).to_contain_text("Sign in to see this job.")
    page.goto(made.pages)
    expect(page.get_by_role("heading", name="You are not signed in")).to_be_visible()
    check(page, "not signed in", "h1")
    page.go_back()
    expect(bar).to_contain_text("Sign in to see this job.")
    page.evaluate("document.cookie = 'user=ann'")  # as an application does that never leaves its page
    page.evaluate("document.querySelector('job-progress').reconnect()")
    expect(bar).to_contain_text("1 / 4")
    expect(bar).not_to_contain_text("Sign in")
    made.order(job, "finish")
    expect(bar).to_have_attribute("status", "completed")
