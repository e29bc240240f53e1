"""The list of jobs: filters in the address, a thousand rows, many jobs at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fastapi import FastAPI
from playwright.sync_api import Page, expect
from tests.browser.site import Site
from tests.support import query

from dayjob import JobRequest, JobStatus
from dayjob.web import LocalOnly, jobs_router
from dayjob.web.access import Action


def test_a_thousand_rows(site: Site, page: Page) -> None:
    site.run(site.queue.enqueue_many([JobRequest("quick", {"number": n}) for n in range(1000)]))
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
    def own(_who: object, action: Action, what: JobStatus | str | None) -> bool:
        return isinstance(what, JobStatus) or action == "create"

    site = make_site()

    def extend(app: FastAPI) -> None:
        app.include_router(jobs_router(site.queue, auth=LocalOnly(), may=own), prefix="/mine")

    site.extend = extend
    site.start()
    page.goto(f"http://127.0.0.1:{site.port}/mine/ui/")
    expect(page.locator(".idle")).to_contain_text("Nothing is running.")
    expect(page.locator("h2:visible")).to_have_text(["Now running"])
    site.enqueue("sync_all")
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator(".idle")).to_have_count(0)
