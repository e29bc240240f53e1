"""What every view has to do: try again what could not be read, end when it is left, and be at its address."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect
from tests.browser.site import Site, until


def test_what_could_not_be_read_is_tried_again(site: Site, page: Page) -> None:
    job = site.enqueue("sync_all")
    broken = True

    def answer(route: Route) -> None:
        if broken:
            route.fulfill(status=503, content_type="application/problem+json", body='{"detail": "The disk is busy."}')
        else:
            route.continue_()

    page.route(f"**/jobs/{job}", answer)
    page.route("**/jobs/types", answer)
    for path, there in ((f"job/{job}", "sync_all"), ("new/quick", "quick")):
        broken = True
        page.goto(f"{site.pages}#/{path}")
        expect(page.locator(".notice-bad")).to_contain_text("The disk is busy.")
        broken = False
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("heading", name=there, exact=True)).to_be_visible()


def test_a_view_that_was_left_does_nothing_any_more(site: Site, page: Page) -> None:
    job = site.enqueue("sync_all")
    held: list[Route] = []
    page.goto(f"{site.pages}#/jobs")
    expect(page.locator(".row")).to_have_count(1)
    page.route(f"**/jobs/{job}", lambda route: held.append(route))
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    until(page, lambda: held)
    page.keyboard.press("Escape")
    expect(page.locator(".row")).to_have_count(1)
    page.keyboard.press("/")
    expect(page.get_by_label("Search jobs")).to_be_focused()
    held[0].fulfill(json={"id": job, "type": "sync_all", "status": "running", "rev": 1, "attempt": 1, "args": {}})
    page.evaluate("fetch('../stats').then((answer) => answer.text())")  # which is answered later
    expect(page.get_by_label("Search jobs")).to_be_focused()
    assert page.title() == "(1) Jobs"


def test_an_address_that_leads_nowhere_says_so(site: Site, page: Page) -> None:
    for path in ("nonsense", "constructor", "job", "job/.."):
        page.goto(f"{site.pages}#/{path}")
        expect(page.locator(".empty h2")).to_be_visible()
        expect(page.locator(".tiles")).to_have_count(0)
    page.goto(f"{site.pages}#/nonsense")
    expect(page.get_by_role("heading", name="No such page")).to_be_visible()
    page.get_by_role("link", name="To the first page").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_focused()
