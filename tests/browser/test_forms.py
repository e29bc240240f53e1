"""A form per job type, from its schema: what it sends is what was filled in, and faults stand at their fields."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.browser.site import Site


@pytest.fixture
def site(site_of_file: Site) -> Site:
    return site_of_file


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


def test_what_stands_as_it_did_is_left_out(site: Site, page: Page) -> None:
    page.goto(f"{site.pages}#/new/resize")
    page.get_by_label("Title").fill("as it was")
    page.get_by_label("Width").fill("801")
    page.get_by_label("Width").fill("800")
    for name in ("Tags", "Targets", "Labels"):
        page.get_by_role("button", name=f"Add to {name}").click()
        page.get_by_role("group", name=name, exact=True).get_by_role("button", name="Remove").click()
    page.get_by_label("Limits").check()
    page.get_by_label("Limits").first.uncheck()
    kind = page.get_by_role("group", name="Either").get_by_label("Kind")
    kind.select_option(label="text")
    kind.select_option(label="whole number")
    page.get_by_role("group", name="Either").get_by_label("whole number").fill("1")
    assert started(site, page) == {"title": "as it was"}


def test_rows_keep_their_numbers_and_names_stand_once(site: Site, page: Page) -> None:
    page.goto(f"{site.pages}#/new/resize")
    page.get_by_label("Title").fill("rows")
    for text in "abc":
        page.get_by_role("button", name="Add to Tags").click()
        page.locator(":focus").fill(text)
    page.get_by_role("button", name="Remove Tags 1").click()
    expect(page.get_by_role("textbox", name="Tags 2")).to_have_value("c")
    labels = page.get_by_role("group", name="Labels")
    for number in range(2):
        page.get_by_role("button", name="Add to Labels").click()
        labels.get_by_label("Name").nth(number).fill("depth")
        labels.get_by_label("Value").nth(number).fill(str(number))
    page.get_by_role("button", name="Start", exact=True).click()
    second = labels.get_by_label("Name").nth(1)
    expect(second).to_be_focused()
    expect(second).to_have_accessible_description("is there twice")
    second.fill("height")
    args = started(site, page)
    assert (args["tags"], args["labels"]) == (["b", "c"], {"depth": 0, "height": 1})


def drawn(site: Site, page: Page, properties: dict[str, Any], args: Any = ()) -> None:
    """The form for a schema alone, without a job type."""
    page.goto(f"{site.pages}theme.js")
    schema = {"type": "object", "properties": properties}
    page.evaluate(f"""async () => {{
        const {{ SchemaForm }} = await import('{site.pages}parts/schema-form.js');
        window.form = new SchemaForm({json.dumps(schema)}, {json.dumps(dict(args))});
        document.body.replaceChildren(form.node);
    }}""")


def test_checks_pairs_and_objects_with_a_default(site: Site, page: Page) -> None:
    size = {"type": "object", "properties": {"low": {"type": "integer"}, "high": {"type": "integer"}}}
    properties = {
        "days": {"type": "array", "items": {"enum": ["mon", "tue", "wed"]}, "uniqueItems": True, "default": ["tue"]},
        "pair": {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]},
        "size": size | {"default": {"low": 1, "high": 2, "unknown": "stays"}},
    }
    drawn(site, page, properties)
    assert page.evaluate("form.read()") == {}
    page.get_by_role("checkbox", name="wed").check()
    page.get_by_label("Pair 1").fill("5")
    page.get_by_label("High").fill("9")
    assert page.evaluate("form.read()") is None
    expect(page.get_by_label("Pair 2")).to_be_focused()
    page.get_by_label("Pair 2").fill("x")
    filled = {"days": ["tue", "wed"], "pair": [5, "x"], "size": {"low": 1, "high": 9, "unknown": "stays"}}
    assert page.evaluate("form.read()") == filled
    drawn(site, page, properties, filled)
    assert page.evaluate("form.read()") == filled, "what was given is sent, whether or not somebody touched it"


def test_faults_of_the_server_stand_inside_groups(site: Site, page: Page) -> None:
    point = {"type": "object", "title": "Point", "properties": {"x": {"type": "integer"}}}
    drawn(
        site,
        page,
        {
            "places": {"type": "array", "items": {"anyOf": [{"type": "integer"}, point]}},
            "labels": {"type": "object", "additionalProperties": {"type": "integer"}},
        },
        {"places": [{"x": 1}], "labels": {"a": 1}},
    )
    errors = [("/places/0/Point/x", "one"), ("/labels/a", "two"), ("/places", "three"), ("/labels/gone", "four")]
    said = page.evaluate(f"form.faults({json.dumps([{'pointer': path, 'detail': text} for path, text in errors])})")
    assert said == []
    expect(page.get_by_label("x")).to_have_accessible_description("one")
    expect(page.get_by_label("x")).to_be_focused()
    expect(page.get_by_label("Value")).to_have_accessible_description("two")
    expect(page.locator(".field-fault:visible")).to_have_text(["three", "one", "gone: four", "two"])
