"""What is around the views: sentences for screen readers, and keys that a person can do without."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from tests.browser.site import Site


def test_two_sentences_at_once_are_both_said(site: Site, page: Page) -> None:
    jobs = [site.enqueue("sync_all"), site.enqueue("sync_all", job_args={"force": True})]
    page.goto(site.pages)
    expect(page.locator(".card")).to_have_count(2)
    page.evaluate("""() => {
        window.said = [];
        const hear = (all) => all.forEach((one) => one.addedNodes.forEach((node) => said.push(node.textContent)));
        new MutationObserver(hear).observe(document.querySelector("[aria-live]"), { childList: true });
    }""")
    for job in jobs:
        site.order(job, "fail", text="no such disk")
    expect(page.locator("[aria-live] p")).to_have_text(["sync_all failed"] * 2)
    page.keyboard.press("t")
    page.keyboard.press("t")
    expect(page.locator("[aria-live] p")).to_have_count(4)
    assert page.evaluate("said") == ["sync_all failed", "sync_all failed", "Dark", "Light"]


def test_keys_of_one_character_can_be_switched_off_for_this_browser(site: Site, page: Page) -> None:
    page.goto(f"{site.pages}#/jobs")
    heading = page.get_by_role("heading", name="Jobs", exact=True)
    expect(heading).to_be_visible()
    page.keyboard.press("?")
    page.get_by_role("switch", name="Keys of one character").uncheck()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    for reload in (False, True):
        if reload:
            page.reload()
        for key in ("?", "t", "g", "w", "/"):
            page.keyboard.press(key)
        expect(heading).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.locator("html")).to_have_attribute("data-theme", "light")
        expect(page.get_by_label("Search jobs")).not_to_be_focused()
    page.goto(f"{site.pages}#/new/quick")
    expect(page.get_by_label("Number")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()  # Esc is no character
    page.get_by_role("button", name="Keys").click()
    page.get_by_role("switch", name="Keys of one character").check()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("g")
    page.keyboard.press("w")
    expect(page.get_by_role("heading", name="Workers")).to_be_visible()
