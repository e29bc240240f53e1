"""Everything can be done without a mouse, and keys do not get in the way of typing."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from tests.browser.site import Site


def test_the_whole_way_by_keys(site: Site, page: Page) -> None:
    first = site.enqueue("sync_all")
    for _ in range(2):
        site.enqueue("quick", delay=3600)
    page.goto(site.pages)
    expect(page.locator(".card")).to_have_count(1)
    press = page.keyboard.press

    press("g")
    press("j")
    expect(page.locator(".row")).to_have_count(3)
    press("j")
    expect(page.locator(".row").nth(0).locator("a")).to_be_focused()
    press("j")
    press("k")
    press("x")
    expect(page.locator(".chosen")).to_have_text("1 selected")
    press("Escape")
    expect(page.locator(".bulk")).to_be_hidden()
    press("j")
    press("j")
    press("Enter")
    expect(page.get_by_role("heading", name="sync_all", exact=True)).to_be_focused()
    press("c")
    expect(page.get_by_role("button", name="Cancel the job")).to_be_focused()
    press("Enter")
    expect(page.locator(".badge").first).to_contain_text("Cancelled")
    assert site.wait(first).status == "cancelled"
    press("r")
    page.wait_for_url(lambda url: first not in url)
    expect(page.locator(".badge").first).to_contain_text("Running")
    press("Escape")
    expect(page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()
    for key, name in (("s", "Schedules"), ("w", "Workers"), ("n", "New job"), ("o", "Overview")):
        press("g")
        press(key)
        expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def test_theme_help_and_fields(site: Site, new_page: object) -> None:
    page: Page = new_page(color_scheme="light")  # type: ignore[operator]
    page.goto(f"{site.pages}#/new/quick")
    number = page.get_by_label("Number")
    expect(number).to_be_focused()
    page.keyboard.type("t7")  # in a field, t is a letter (and a number field takes none)
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("heading", name="quick").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url.endswith("#/new/quick")


def test_tab_reaches_the_content_first(site: Site, page: Page) -> None:
    page.goto(site.pages)
    expect(page.get_by_role("heading", name="No jobs yet")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
