"""A job on the overview and on its own page: live, to the end, and cancelled."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from tests.browser.site import Site


def test_progress_is_live_to_the_end(site: Site, page: Page) -> None:
    page.goto(site.pages)
    expect(page.get_by_role("heading", name="No jobs yet")).to_be_visible()
    job = site.enqueue("sync_all")
    card = page.locator(".card")
    expect(card).to_contain_text("sync_all")

    site.order(job, "update", items=370, total=1000, message="Scenes, page 4")
    expect(card).to_contain_text("370 / 1000")
    expect(card).to_contain_text("37 %")
    expect(card).to_contain_text("Scenes, page 4")
    expect(card.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "37")

    page.goto(f"{site.pages}#/job/{job}")
    alone = page.locator("job-progress")
    expect(alone).to_contain_text("370 / 1000")
    site.order(job, "log", text="a line from the job")
    expect(page.locator(".log")).to_contain_text("a line from the job")
    site.order(job, "update", items=630, message="done")
    expect(alone).to_contain_text("99 %")  # all items, but not the end
    site.order(job, "finish", result={"created": 1000})
    expect(alone).to_contain_text("Completed")
    expect(alone.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "100")
    expect(page.get_by_role("region", name="Result")).to_contain_text('"created": 1000')
    expect(page.locator(".timeline")).to_contain_text("Completed")
    page.get_by_role("link", name="Overview", exact=True).click()
    expect(page.locator(".tile-completed .tile-count")).to_have_text("1")


def test_nobody_knows_how_many(site: Site, page: Page) -> None:
    job = site.enqueue("sync_all")
    site.order(job, "update", items=42, message="file 42")
    page.goto(f"{site.pages}#/job/{job}")
    alone = page.locator("job-progress")
    expect(alone).to_contain_text("42 done")
    expect(alone.get_by_role("progressbar")).not_to_have_attribute("aria-valuenow", "0")
    assert alone.get_by_role("progressbar").get_attribute("aria-valuenow") is None


def test_cancel_asks_first_and_then_stops_the_job(site: Site, page: Page) -> None:
    job = site.enqueue("sync_all")
    page.goto(site.pages)
    page.get_by_role("button", name="Cancel sync_all").click()
    page.get_by_role("button", name="Let it run").click()
    page.get_by_role("button", name="Cancel sync_all").click()
    assert site.run(site.queue.get_job_status(job)).cancel_requested_at is None
    page.get_by_role("button", name="Cancel the job").click()
    expect(page.locator(".card")).to_have_count(0)
    assert site.wait(job).status == "cancelled"
    expect(page.locator(".tile-cancelled .tile-count")).to_have_text("1")


def test_a_failure_shows_its_error_and_is_run_again(site: Site, page: Page) -> None:
    job = site.enqueue("sync_all", job_args={"force": True, "api_key": "very-secret-value"})
    site.order(job, "update", items=5, total=10)
    page.goto(f"{site.pages}#/job/{job}")
    expect(page.locator("job-progress")).to_contain_text("5 / 10")
    site.order(job, "fail", text="the server said no")
    error = page.get_by_role("region", name="Error")
    expect(error).to_contain_text("ValueError: the server said no")
    expect(error.locator(".traceback")).to_contain_text("follow_orders")
    expect(page.locator(".json").first).to_contain_text('"force": true')
    assert "very-secret-value" not in page.content()
    page.get_by_role("button", name="Retry").click()
    page.wait_for_url(lambda url: "#/job/" in url and job not in url)
    again = page.url.rpartition("/")[2]
    expect(page.locator(".badge").first).to_contain_text("Running")
    site.order(again, "finish")
    assert site.wait(again).args["force"] is True


def test_what_ran_before_the_page_and_ended_while_it_was_there(site: Site, page: Page) -> None:
    jobs = [site.enqueue("sync_all") for _ in range(3)]
    page.goto(f"{site.pages}#/jobs?status=running")
    expect(page.locator(".row")).to_have_count(3)
    site.order(jobs[1], "finish")
    expect(page.locator(".row")).to_have_count(2)
    assert page.url.endswith("#/jobs?status=running")


def test_a_job_leads_to_its_children_and_they_to_it(site: Site, page: Page) -> None:
    job = site.enqueue("family")
    page.goto(f"{site.pages}#/job/{job}")
    timeline = page.locator(".timeline")
    expect(timeline).to_contain_text("Attempt 1 ended, to wait for its children")
    expect(timeline).to_contain_text("Waits for 2 children")
    expect(timeline).not_to_contain_text("Next attempt")
    first, second = (child.id for child in site.run(site.queue.list_jobs(parent=job)).items)
    site.order(first, "finish")
    expect(timeline).to_contain_text("Waits for 1 child")

    site.enqueue("quick")
    page.get_by_role("link", name="Its children").click()
    expect(page.get_by_label("Search jobs")).to_have_value(f"parent:{job}")
    expect(page.locator(".row")).to_have_count(2)
    site.order(second, "fail", text="no such picture")
    expect(page.locator(".row-error")).to_have_text("ValueError: no such picture")
    page.locator(".row-title").first.click()
    page.get_by_role("link", name="Its parent").click()
    expect(page.locator(".job-id code")).to_have_text(job)
    expect(page.locator(".badge").first).to_contain_text("Failed")
    expect(page.locator(".log-box")).to_contain_text("Nothing was logged.")
