"""One Chromium for this folder, a new profile for each test, and a page that may not complain."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tests.browser.site import Auth, Site

from dayjob.web import LocalOnly

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_PATIENCE = 20_000  # milliseconds; nothing is expected to take as long

# Remembers what the Content-Security-Policy refused, whichever frame or sheet it was in.
_WATCH_POLICY = """
  window.refused = [];
  document.addEventListener("securitypolicyviolation", (event) => {
    window.refused.push(event.violatedDirective + " " + event.blockedURI);
  });
"""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Ends with the folder: as long as Playwright runs, no other event loop can run in this thread."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("NO CHROMIUM: the pages are not tested. On Debian or Ubuntu: apt-get install chromium")
    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=[*_FLAGS, "--no-first-run"])
        yield launched
        launched.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Makes pages whose scripts may not fail, and whose policy may not have been violated."""
    pages: list[tuple[Page, list[str]]] = []

    def make(**options: object) -> Page:
        context = browser.new_context(**{"reduced_motion": "reduce", "locale": "en-GB", **options})  # type: ignore[arg-type]
        context.add_init_script(_WATCH_POLICY)
        page, errors = context.new_page(), list[str]()
        page.set_default_timeout(_PATIENCE)
        page.on("pageerror", lambda error: errors.append(str(error)))
        pages.append((page, errors))
        return page

    yield make
    for page, errors in pages:
        refused = page.evaluate("window.refused")
        page.context.close()
        assert errors == []
        assert refused == []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    return new_page()


@pytest.fixture
def make_site(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    sites: list[Site] = []

    def make(auth: Auth | None = None, **options: str) -> Site:
        sites.append(Site(tmp_path, auth=auth or LocalOnly(), **options))
        return sites[-1]

    yield make
    for site in sites:
        site.stop()


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    return make_site().start()
