"""axe finds nothing on any screen: dark, and light at 375 pixels wide."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from tests.browser.site import Site

from dayjob.web import Token

_LOOKS: dict[str, dict[str, Any]] = {
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    "phone": {"color_scheme": "light", "viewport": {"width": 375, "height": 812}},
}


@pytest.mark.parametrize("look", _LOOKS)
def test_no_screen_has_a_violation(site: Site, new_page: Callable[..., Page], look: str) -> None:
    site.queue.schedule("quick", "every 6 hours")
    failed, running = site.enqueue("flaky"), site.enqueue("sync_all", job_args={"force": True})
    page = new_page(**_LOOKS[look])
    page.goto(site.pages)
    check(page, "overview with nothing", ".tile")
    for _ in range(2):
        site.order(failed, "fail", text="a reason")
    site.order(running, "update", items=37, total=100, message="page 37")
    site.order(running, "log", text="a line")
    site.wait(failed)
    site.enqueue("quick", delay=3600)

    screens = {
        "": ".card",
        "jobs": ".row",
        "jobs?type=nothing": ".empty",
        f"job/{failed}": ".traceback",
        f"job/{running}": ".log-line",
        "job/unknown": ".empty",
        "new": ".type",
        "new/resize": ".form",
        "schedules": ".schedule",
        "workers": ".worker",
    }
    for path, there in screens.items():
        page.goto(f"{site.pages}#/{path}")
        check(page, path, there)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"
    page.get_by_role("heading").first.click()
    page.keyboard.press("?")
    check(page, "help", "dialog")
    site.order(running, "finish")


def test_the_page_to_sign_in(make_site: Callable[..., Site], page: Page) -> None:
    site = make_site(Token("a-token-for-this-test")).start()
    page.goto(f"{site.pages}#/jobs")
    check(page, "sign in", "form")
    page.get_by_label("Token").fill("not-the-token")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("This is not the token.")
    check(page, "sign in again", "form")
    page.get_by_label("Token").fill("a-token-for-this-test")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="No jobs yet")).to_be_visible()


_SIZES = """() => [...document.querySelectorAll("body *")]
    .filter((node) => [...node.childNodes].some((text) => text.nodeType === 3 && text.data.trim()))
    .map((node) => parseFloat(getComputedStyle(node).fontSize))"""


def test_who_reads_with_a_larger_font_gets_one_everywhere(site: Site, new_page: Callable[..., Page]) -> None:
    page = new_page(reduced_motion="no-preference")  # or every change of style would be a short transition
    job = site.enqueue("sync_all")
    site.order(job, "update", items=37, total=100, message="page 37")
    site.order(job, "log", text="a line")
    screens = {"": ".tile", "jobs": ".row", f"job/{job}": ".log-line", "new/resize": ".form", "workers": ".worker"}
    for path, there in screens.items():
        page.goto(f"{site.pages}#/{path}")
        expect(page.locator(there).first).to_be_visible()
        sizes = page.evaluate(_SIZES)
        page.evaluate("document.documentElement.style.fontSize = '32px'")  # as the setting of the browser does
        assert page.evaluate(_SIZES) == [2 * size for size in sizes], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path} scrolls sideways"
        page.evaluate("document.documentElement.style.fontSize = ''")
    site.order(job, "finish")


def check(page: Page, name: str, there: str, alike: str = "") -> None:
    """axe finds nothing; `alike` are so many elements that are made in the same way as others here."""
    expect(page.locator(there).first).to_be_visible()
    found = Axe().run(page, {"exclude": [[alike]]} if alike else None)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"
