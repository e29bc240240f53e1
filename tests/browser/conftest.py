"""One Chromium for all files, a new profile for each test, and a page that may not complain."""

from __future__ import annotations

import shutil
import subprocess
import threading
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
    "--blink-settings=primaryHoverType=2,availableHoverTypes=2,primaryPointerType=4,availablePointerTypes=4",
    "--disable-back-forward-cache",  # Playwright would wait for the load of a page that is simply there again
    "--disable-backgrounding-occluded-windows",
    "--disable-background-timer-throttling",
    "--disable-breakpad",
    "--disable-component-extensions-with-background-pages",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-hang-monitor",
    "--disable-ipc-flooding-protection",
    "--disable-renderer-backgrounding",
    "--force-color-profile=srgb",
    "--headless",
    "--hide-scrollbars",
    "--no-first-run",
    "--remote-debugging-port=0",
]
_PATIENCE = 20_000  # milliseconds; nothing is expected to take as long

# Remembers what the Content-Security-Policy refused, whichever frame or sheet it was in.
_WATCH_POLICY = """
  window.refused = [];
  document.addEventListener("securitypolicyviolation", (event) => {
    window.refused.push(event.violatedDirective + " " + event.blockedURI);
  });
"""


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Chromium that stays while files of other folders have their turn."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("NO CHROMIUM: the pages are not tested. On Debian or Ubuntu: apt-get install chromium")
    profile = f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"
    with subprocess.Popen([found, *_FLAGS, profile, "about:blank"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = next(line for line in process.stderr if line.startswith("DevTools listening on"))
        rest = threading.Thread(target=process.stderr.read)  # or it would wait for somebody who hears it
        rest.start()
        yield said.split()[-1]
        process.terminate()
        rest.join()


@pytest.fixture(scope="package")
def browser(chromium: str) -> Iterator[Browser]:
    """Ends with the folder: as long as Playwright runs, no other event loop can run in this thread."""
    expect.set_options(timeout=_PATIENCE)
    with sync_playwright() as playwright:
        connected = playwright.chromium.connect_over_cdp(chromium)
        yield connected
        connected.close()


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


@pytest.fixture(scope="module")
def site_of_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all tests of a file, which find the jobs of those before."""
    site = Site(tmp_path_factory.mktemp("site")).start()
    yield site
    site.stop()


@pytest.fixture
def site(make_site: Callable[..., Site]) -> Site:
    return make_site().start()
