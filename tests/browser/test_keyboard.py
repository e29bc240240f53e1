"""Everything can be done without a mouse, and keys do not get in the way of typing."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect
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
    expect(page.get_by_role("button", name="Let it run")).to_be_focused()  # whoever presses too much loses nothing
    press("Tab")
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
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Copy")).to_be_focused()
    page.goto(f"{site.pages}#/workers")
    page.keyboard.press("Tab")
    page.get_by_role("link", name="Skip to content").focus()
    page.keyboard.press("Enter")
    assert page.url.endswith("#/workers")


def test_what_has_the_focus_keeps_it_while_the_page_is_renewed(site: Site, page: Page) -> None:
    site.queue.schedule("quick", "every 6 hours", name="pauses")
    site.queue.schedule("quick", "every 6 hours", name="stays")
    first = site.enqueue("sync_all")
    page.clock.install()
    page.goto(site.pages)
    workers = page.get_by_role("link", name="1 of 4 slots busy")
    workers.focus()
    second = site.enqueue("sync_all", job_args={"force": True})
    expect(page.get_by_role("link", name="2 of 4 slots busy")).to_be_focused()

    page.keyboard.press("Enter")
    running = page.locator(f".running-list a[href$='{first}']")
    running.focus()
    site.order(second, "finish")
    site.wait(second)
    page.clock.run_for(3000)  # it is read every few seconds
    expect(page.locator(".running-list li")).to_have_count(1)
    expect(running).to_be_focused()

    ended = page.request.get(f"{site.url}/{second}").json()

    def with_last_job(route: Route) -> None:
        schedules = route.fetch().json()
        schedules[1] |= {"last_job_id": second, "last_job": ended, "error": "The key function failed."}
        route.fulfill(json=schedules)

    asked = list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.route("**/jobs/schedules", with_last_job)
    page.goto(f"{site.pages}#/schedules")
    last = page.locator(".schedule .last-job:visible")
    expect(last).to_contain_text("Completed")
    assert f"{site.url}/{second}" not in asked, "it comes with its schedule"
    expect(page.locator(".schedule").nth(1)).to_contain_text("The key function failed.")
    last.focus()
    page.evaluate("document.querySelector('[aria-label=\"Pause pauses\"]').click()")
    resume = page.get_by_role("button", name="Resume pauses")
    expect(resume).to_be_visible()
    expect(last).to_be_focused()
    resume.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Pause pauses")).to_be_focused()  # which stands in its place
    page.unroute("**/jobs/schedules")


def test_a_row_that_is_moved_keeps_the_focus(site: Site, page: Page) -> None:
    page.goto(f"{site.pages}theme.js")
    code = f"""async () => {{
        const {{ KeyedList, el }} = await import('{site.pages}lib/dom.js');
        const row = (one) => ({{ node: el('button', {{}}, one), update() {{}} }});
        const list = new KeyedList(document.body, (one) => one, row);
        list.show(['a', 'b', 'c']);
        document.body.children[2].focus();
        list.show(['c', 'a', 'b']);
        return document.activeElement.textContent;
    }}"""
    assert page.evaluate(code) == "c"
