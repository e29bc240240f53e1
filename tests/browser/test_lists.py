"""The list of jobs: filters in the address, a thousand rows, many jobs at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI
from playwright.sync_api import Page, Route, WebSocketRoute, expect
from tests.browser.site import Site, until
from tests.support import query

from dayjob import JobRequest, JobStatus
from dayjob.web import Action, LocalOnly, OwnJobs, Resource, jobs_router


def test_a_thousand_rows(site: Site, page: Page) -> None:
    site.run(site.queue.enqueue_many([JobRequest("quick", {"number": n}, delay=3600) for n in range(1000)]))
    page.goto(f"{site.pages}#/jobs")
    rows = page.locator(".row")
    more = page.get_by_role("button", name="Show more")
    page.get_by_label("Search jobs").fill("nowhere")  # words are looked for in what was read, and there is more
    page.keyboard.press("Enter")
    expect(page.get_by_text("show more to search further back")).to_be_visible()
    expect(page.get_by_role("heading", name="No jobs match")).to_have_count(0)
    page.get_by_label("Search jobs").fill("")
    page.keyboard.press("Enter")
    for shown in (100, 300, 500, 700, 900):
        expect(rows).to_have_count(shown)
        more.click()
    expect(rows).to_have_count(1000)
    expect(more).to_be_hidden()
    ids = page.evaluate("[...document.querySelectorAll('.row-title')].map((node) => node.hash)")
    assert len(set(ids)) == 1000

    job = site.enqueue("sync_all")  # the list is live, whatever its length
    expect(rows).to_have_count(1001)
    expect(rows.first).to_contain_text("sync_all")
    site.order(job, "update", items=3, total=4)
    expect(rows.first).to_contain_text("75 %")
    site.order(job, "finish")
    expect(rows.first).to_contain_text("Completed")


def test_the_filter_is_in_the_address(site: Site, page: Page) -> None:
    job = site.enqueue("flaky", delay=3600)
    for number in range(3):
        site.enqueue("quick", job_args={"number": number})
    failed = site.enqueue("sync_all")
    site.order(failed, "fail", text="no such disk")
    site.wait(failed)
    page.goto(f"{site.pages}#/jobs")
    expect(page.locator(".row")).to_have_count(5)

    page.keyboard.press("/")
    page.get_by_label("Search jobs").fill("type:sync_all status:failed")
    page.keyboard.press("Enter")
    expect(page.locator(".row")).to_have_count(1)
    assert page.url.endswith("#/jobs?type=sync_all&status=failed")
    expect(page.get_by_role("button", name="Failed", exact=True)).to_have_attribute("aria-pressed", "true")

    page.reload()
    expect(page.get_by_label("Search jobs")).to_have_value("type:sync_all status:failed")
    expect(page.locator(".row")).to_have_count(1)
    page.get_by_label("Search jobs").fill("disk")
    page.keyboard.press("Enter")
    expect(page.locator(".row")).to_contain_text("ValueError: no such disk")
    page.get_by_label("Search jobs").fill(f"id:{job}")
    page.keyboard.press("Enter")
    expect(page.locator(".row")).to_contain_text("Scheduled")
    page.get_by_label("Search jobs").fill("type:nothing")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="No jobs match")).to_be_visible()
    page.get_by_role("button", name="Clear the filter").click()
    expect(page.locator(".row")).to_have_count(5)
    page.go_back()
    expect(page.get_by_role("heading", name="No jobs match")).to_be_visible()


def test_many_are_cancelled_and_run_again_at_once(site: Site, page: Page) -> None:
    for _ in range(8):
        site.enqueue("quick", delay=3600)
    page.goto(f"{site.pages}#/jobs")
    boxes = page.get_by_role("checkbox")
    expect(boxes).to_have_count(8)
    boxes.nth(0).check()
    boxes.nth(1).check()
    expect(page.locator(".chosen")).to_have_text("2 selected")
    page.get_by_role("button", name="Select all shown").click()
    expect(page.locator(".chosen")).to_have_text("8 selected")
    page.locator("[data-bulk=cancel]").click()
    page.get_by_role("button", name="Cancel them").click()
    expect(page.locator(".row", has_text="Cancelled")).to_have_count(8)
    expect(page.locator(".bulk")).to_be_hidden()  # all are answered, and no longer selected
    page.get_by_role("checkbox").first.check()
    page.locator("[data-bulk=retry]").click()
    expect(page.locator(".row")).to_have_count(9)
    expect(page.locator(".row", has_text="Completed")).to_have_count(1)


def test_a_job_that_waits_for_a_time_shows_that_time(site: Site, page: Page) -> None:
    site.enqueue("quick", delay=4 * 3600 + 60)
    page.goto(f"{site.pages}#/jobs")
    expect(page.locator(".row time")).to_have_text("in 4 hr")


def test_next_runs_say_whose_time_it_is(site: Site, new_page: Callable[..., Page]) -> None:
    site.queue.schedule("quick", "30 7 * * *", time_zone="Europe/Berlin")
    far, near = new_page(timezone_id="Asia/Tokyo"), new_page(timezone_id="Europe/Berlin")
    far.goto(f"{site.pages}#/schedules")
    expect(far.locator(".next-runs")).to_contain_text("in your time zone, Asia/Tokyo")
    near.goto(f"{site.pages}#/schedules")
    expect(near.locator(".next-runs")).to_contain_text("07:30")
    expect(near.locator(".next-runs")).not_to_contain_text("time zone")


def test_an_owner_sees_own_jobs_and_numbers_and_errors_without_tracebacks(
    make_site: Callable[..., Site], page: Page
) -> None:
    site = make_site()

    def extend(app: FastAPI) -> None:
        rules = {"owner": lambda _who: "ann", "authorize": OwnJobs()}
        app.include_router(jobs_router(site.queue, auth=LocalOnly(), **rules), prefix="/mine")

    site.extend = extend
    site.start()
    mine, theirs = (site.enqueue("sync_all", owner=owner) for owner in ("ann", "bob"))
    for job in (mine, theirs):
        site.order(job, "fail", text="no such table")
        site.wait(job)
    pages = f"http://127.0.0.1:{site.port}/mine/ui/"
    page.goto(pages)
    expect(page.locator(".tile-failed .tile-count")).to_have_text("1")
    page.goto(f"{pages}#/jobs")
    expect(page.locator(".row")).to_have_count(1)
    page.goto(f"{pages}#/job/{mine}")
    expect(page.get_by_role("region", name="Error")).to_contain_text("no such table")
    expect(page.locator("dl")).to_contain_text("Ownerann")
    expect(page.locator(".traceback")).to_have_count(0)
    page.goto(f"{pages}#/job/{theirs}")
    expect(page.locator("main")).to_contain_text("was never here")


def test_a_schedule_that_fails_says_why(site: Site, page: Page) -> None:
    site.queue.schedule("quick", "every 6 hours")
    page.goto(f"{site.pages}#/schedules")
    expect(page.locator(".schedule .badge")).to_have_text("Active")
    path = Path(site.queue.url.removeprefix("sqlite:///"))
    query(path, "UPDATE dayjob_schedule SET error = 'unique of ''quick'' makes no key'")
    page.reload()
    expect(page.locator(".schedule .badge")).to_have_text("Failing")
    expect(page.locator(".schedule .why")).to_have_text("unique of 'quick' makes no key")


def test_who_may_not_see_the_numbers_gets_no_empty_boxes(make_site: Callable[..., Site], page: Page) -> None:
    def own(_who: object, action: Action, resource: Resource) -> bool:
        return isinstance(resource, JobStatus) or action == "create"

    site = make_site()

    def extend(app: FastAPI) -> None:
        app.include_router(jobs_router(site.queue, auth=LocalOnly(), authorize=own), prefix="/mine")

    site.extend = extend
    site.start()
    page.goto(f"http://127.0.0.1:{site.port}/mine/ui/")
    expect(page.locator(".idle")).to_contain_text("Nothing is running.")
    expect(page.locator(".tabs a:visible")).to_have_text(["Overview", "Jobs"])
    expect(page.locator("h2:visible")).to_have_text(["Now running"])
    site.enqueue("sync_all")
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator(".idle")).to_have_count(0)


def test_a_type_that_no_worker_knows_is_told_on_the_overview_and_on_the_job(site: Site, page: Page) -> None:
    site.queue.registry.register("renamed", print_nothing)
    job = site.enqueue("renamed", delay=0.5)
    del site.queue.registry.job_types["renamed"]  # as after a deploy of code that has another name for it
    site.run(site.queue._get_engine().heartbeat.keep_registered())
    page.goto(site.pages)
    notice = page.get_by_text("Jobs of the type renamed wait, and no worker knows it. Was it renamed?")
    expect(notice).to_be_visible()
    notice.click()
    expect(page.locator(".row")).to_have_count(1)
    page.goto(f"{site.pages}#/job/{job}")
    expect(page.get_by_text("None knows this type")).to_be_visible()


async def print_nothing() -> None: ...


class Wire:
    """The socket of all jobs, on which a test can say something, or keep something back."""

    def __init__(self, page: Page) -> None:
        self.cut = False
        self.route: WebSocketRoute | None = None
        page.route_web_socket("**/jobs/ws", self._joined)

    def _joined(self, route: WebSocketRoute) -> None:
        self.route = route
        server = route.connect_to_server()
        server.on_message(lambda text: None if self.cut else route.send(text))

    def resync(self) -> None:
        assert self.route is not None
        self.route.send('{"type":"resync"}')


def is_list(url: str, more: bool = False) -> bool:
    return "/jobs?limit=" in url and ("cursor=" in url) is more


def test_a_list_that_is_read_again_loses_nothing(site: Site, page: Page) -> None:
    site.run(site.queue.enqueue_many([JobRequest("quick", {"number": n}, delay=3600) for n in range(150)]))
    wire, held, holding = Wire(page), list[Route](), ""

    def hold(route: Route) -> None:
        if holding and is_list(route.request.url, holding == "more"):
            held.append(route)
        else:
            route.continue_()

    page.goto(f"{site.pages}#/jobs")
    rows, more = page.locator(".row"), page.get_by_role("button", name="Show more")
    expect(rows).to_have_count(100)
    page.route("**/jobs?*", hold)

    holding = "renew"  # while the list is being read again, a job is added
    wire.resync()
    until(page, lambda: held)
    before = held[0].fetch()
    site.enqueue("sync_all")
    expect(rows.first).to_contain_text("sync_all")
    holding = ""
    held.pop().fulfill(response=before)
    page.evaluate("fetch('../stats').then((answer) => answer.text())")
    expect(rows).to_have_count(101)
    expect(rows.first).to_contain_text("sync_all")

    holding = "more"  # while more is read, the list has to be read again
    more.focus()
    page.keyboard.press("Enter")
    until(page, lambda: held)
    with page.expect_request(lambda request: "status=running" in request.url):
        wire.resync()
    holding = ""
    held.pop().continue_()
    expect(rows).to_have_count(151)
    expect(rows.nth(101).locator("a")).to_be_focused()  # the button is gone

    wire.cut = True  # what happens to a job of the second page is not told
    last = str(page.evaluate("[...document.querySelectorAll('.row-title')].at(-1).hash")).rpartition("/")[2]
    site.run(site.queue.cancel_job(last))
    wire.resync()
    expect(rows.last).to_contain_text("Cancelled")
