"""Whatever jobs and users write stays text: no script of theirs runs, and the policy has nothing to refuse."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from tests.browser.site import Site

_TEXTS = [
    '<img src=x onerror="window.ran=1">',
    "<script>window.ran=1</script>",
    '"><svg onload=window.ran=1>',
    "javascript:window.ran=1",
    "</code></pre><iframe srcdoc='<script>parent.ran=1</script>'>",
    "{{7*7}} ${window.ran=1} \u202egnp.exe \ud7ff\uffff",
    "<style>*{display:none}</style>" + "very-long-word" * 60,
]

_ADDRESSES = [
    "job/%3Cimg%20src=x%20onerror=window.ran=1%3E",
    "new/<script>window.ran=1</script>",
    "jobs?type=<img+src=x>&q=<b>",
    "job/%E0%A4%A",
    "//evil.example/x",
    "job/..%2F..%2Fhealthz",
]


@pytest.fixture
def site(site_of_file: Site) -> Site:
    return site_of_file


def test_texts_stay_texts_everywhere(site: Site, page: Page) -> None:
    running = site.enqueue("sync_all", job_id="a:very.strange_id-1")
    failed = site.enqueue("sync_all")
    for text in _TEXTS:
        site.order(running, "log", text=text)
        site.order(failed, "log", text=f"\0{text}")
    site.order(running, "update", items=1, total=3, message=" ".join(_TEXTS)[:900])
    site.order(failed, "fail", text=" ".join(_TEXTS)[:3000])
    done = site.enqueue("sync_all")
    site.order(done, "finish", result={text: [text] for text in _TEXTS})
    for job in (failed, done):
        site.wait(job)
    titled = site.enqueue("resize", job_args={"title": _TEXTS[0][:40], "tags": _TEXTS})
    site.wait(titled)

    paths = ["", "jobs", f"new/resize?from={titled}", *(f"job/{job}" for job in (running, failed, done, titled))]
    for path in paths:
        page.goto(f"{site.pages}#/{path}")
        expect(page.locator("h1")).to_be_visible()
        if path.startswith("job/"):
            expect(page.locator(".panel")).to_be_visible()
        assert page.evaluate("window.ran") is None
        assert page.evaluate("document.querySelectorAll('main img, main script, iframe, main style').length") == 0
    page.goto(f"{site.pages}#/job/{failed}")
    expect(page.locator(".error-text")).to_contain_text('<img src=x onerror="window.ran=1">')
    page.goto(f"{site.pages}#/job/{running}")
    expect(page.locator(".log")).to_contain_text("<script>window.ran=1</script>")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_addresses_stay_data(site: Site, page: Page) -> None:
    for path in _ADDRESSES:
        page.goto(f"{site.pages}#/{path}")
        page.reload()
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("window.ran") is None
        assert page.url.startswith(site.pages)
