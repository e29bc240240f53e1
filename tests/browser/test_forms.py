"""A form per job type, from its schema: what it sends is what was filled in, and faults stand at their fields."""

from __future__ import annotations

from playwright.sync_api import Page, expect
from tests.browser.site import Site


def started(site: Site, page: Page) -> dict[str, object]:
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url(lambda url: "#/job/" in url)
    return dict(site.wait(page.url.rpartition("/")[2]).args)


def test_only_what_was_filled_in_is_sent(site: Site, page: Page) -> None:
    page.goto(f"{site.pages}#/new")
    page.get_by_role("link", name="resize").click()
    page.get_by_label("Title").fill("holiday")
    expect(page.get_by_label("Width")).to_have_value("800")
    assert started(site, page) == {"title": "holiday"}


def test_every_kind_of_field(site: Site, page: Page) -> None:
    page.goto(f"{site.pages}#/new/resize")
    page.get_by_label("Title").fill("all of it")
    page.get_by_label("Width").fill("1024")
    page.get_by_label("Ratio").fill("1.5")
    page.get_by_label("Quality").select_option("high")
    page.get_by_label("Mode").select_option("fill")
    page.get_by_label("Day").fill("2026-12-24")
    page.get_by_label("At", exact=True).fill("2026-12-24T18:30:00")
    for number, tag in enumerate(("a", "b"), 1):
        page.get_by_role("button", name="Add to Tags").click()
        page.get_by_role("textbox", name=f"Tags {number}").fill(tag)
    page.get_by_role("button", name="Add to Targets").click()
    target = page.get_by_role("group", name="Targets 1")
    target.get_by_label("Path").fill("/tmp/x")
    target.get_by_label("High").fill("7")
    page.get_by_label("Limits").check()
    page.get_by_role("group", name="Limits").get_by_label("Low").fill("3")
    page.get_by_role("button", name="Add to Labels").click()
    page.get_by_role("group", name="Labels").get_by_label("Name").fill("depth")
    page.get_by_role("group", name="Labels").get_by_label("Value").fill("4")
    page.get_by_role("group", name="Either").get_by_label("Kind").select_option(label="text")
    page.get_by_role("group", name="Either").get_by_label("text").fill("words")
    page.get_by_label("Anything").fill('{"deep": [1, 2, {"x": null}]}')
    page.get_by_label("Dry run").uncheck()
    expect(page.get_by_label("Token")).to_have_attribute("type", "password")
    page.get_by_label("Token").fill("a-secret-token")
    args = started(site, page)
    at = str(args.pop("at"))
    assert at.startswith("2026-12-2")
    assert args == {
        "title": "all of it",
        "width": 1024,
        "ratio": 1.5,
        "quality": "high",
        "mode": "fill",
        "day": "2026-12-24",
        "tags": ["a", "b"],
        "targets": [{"path": "/tmp/x", "range": {"low": 0, "high": 7}}],
        "limits": {"low": 3, "high": 100},
        "labels": {"depth": 4},
        "either": "words",
        "anything": {"deep": [1, 2, {"x": None}]},
        "dry_run": False,
        "token": args["token"],
    }
    assert "a-secret-token" not in page.content()


def test_faults_stand_at_their_fields(site: Site, page: Page) -> None:
    page.goto(f"{site.pages}#/new/resize")
    title, width = page.get_by_label("Title"), page.get_by_label("Width")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(title).to_be_focused()
    expect(title).to_have_attribute("aria-invalid", "true")
    title.fill("ok")
    width.fill("5")  # the browser would let it pass: the server says no
    page.get_by_label("Limits").check()
    high = page.get_by_role("group", name="Limits").get_by_label("High")
    high.fill("0")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(width).to_have_attribute("aria-invalid", "true")
    expect(width).to_have_accessible_description("input should be greater than or equal to 16")
    expect(high).to_have_attribute("aria-invalid", "true")
    expect(title).not_to_have_attribute("aria-invalid", "true")
    expect(width).to_be_focused()
    width.fill("16")
    high.fill("1")
    assert started(site, page)["width"] == 16


def test_run_again_with_changes_asks_for_secrets(site: Site, page: Page) -> None:
    first = site.enqueue("resize", job_args={"title": "one", "width": 99, "token": "a-secret-token", "tags": ["x"]})
    site.wait(first)
    page.goto(f"{site.pages}#/job/{first}")
    page.get_by_role("link", name="Run with changes").click()
    expect(page.get_by_label("Title")).to_have_value("one")
    expect(page.get_by_label("Token")).to_have_value("")
    expect(page.get_by_text("It is secret, so it has to be given again.")).to_be_visible()
    page.get_by_label("Title").fill("two")
    assert started(site, page) == {"title": "two", "width": 99, "tags": ["x"]}


def test_the_same_as_json(site: Site, page: Page) -> None:
    page.goto(f"{site.pages}#/new/resize")
    page.get_by_label("Title").fill("from the form")
    page.get_by_role("button", name="Edit as JSON").click()
    editor = page.get_by_label("Arguments")
    expect(editor).to_have_value('{\n  "title": "from the form"\n}')
    editor.fill('{"title": ')
    page.get_by_role("button", name="Start", exact=True).click()
    expect(editor).to_have_attribute("aria-invalid", "true")
    editor.fill('{"title": "from JSON", "width": 20}')
    page.get_by_role("button", name="Edit as form").click()
    expect(page.get_by_label("Width")).to_have_value("20")
    assert started(site, page) == {"title": "from JSON", "width": 20}


def test_whole_numbers_stay_exact(site: Site, page: Page) -> None:
    page.goto(f"{site.pages}#/new/quick")
    page.get_by_label("Number").fill("9007199254740993")
    assert started(site, page) == {"number": 9007199254740993}
    expect(page.get_by_role("group", name="Arguments")).to_contain_text("9007199254740993")
    expect(page.get_by_role("group", name="Result")).to_contain_text("9007199254740993")


def test_limits_that_a_double_cannot_hold(site: Site, page: Page) -> None:
    page.goto(f"{site.pages}#/new/resize")
    offset = page.get_by_label("Offset")
    expect(offset).to_have_value("9007199254740993")
    expect(offset).to_have_attribute("max", "9223372036854775807")
    page.get_by_label("Title").fill("far")
    offset.fill("-9223372036854775808")
    assert started(site, page) == {"title": "far", "offset": -(2**63)}
