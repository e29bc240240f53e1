"""How the pages say numbers and times: their own module, in the browser that runs it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page
from tests.browser.site import Site


@pytest.fixture
def site(site_of_file: Site) -> Site:
    return site_of_file


def ask(site: Site, page: Page, code: str) -> Any:
    page.goto(f"{site.pages}theme.js")  # the same origin, without the dashboard
    return page.evaluate(f"async () => {{ const f = await import('{site.pages}lib/format.js'); {code} }}")


def test_numbers_and_times(site: Site, page: Page) -> None:
    said = ask(
        site,
        page,
        """return [f.count(1234), f.count(1234567), f.rate(12.54), f.rate(0.05), f.rate(0),
            f.about(3), f.about(48), f.about(200), f.about(5000), f.duration(0.0123), f.duration(200), f.duration(7500),
            f.items({total_items: 1000, processed_items: 370}),
            f.percent({status: 'running', progress: 100}), f.percent({status: 'completed'})];""",
    )
    assert said == [
        *("1234", "1,234,567", "12.5/s", "3/min", "", "a few seconds", "about 50 s", "about 4 min", "about 1.5 h"),
        *("12 ms", "3 min 20 s", "2 h 5 min", "370 / 1000", 99, 100),
    ]


def test_numbers_that_a_double_cannot_hold(site: Site, page: Page) -> None:
    code = f"""const {{ parse }} = await import('{site.pages}lib/api.js');
        const job = parse('{{"total_items": 9007199254740993, "processed_items": 1, "rate": 1e17}}');
        return [f.items(job), f.rate(job.rate), JSON.stringify(job)];"""
    exact = '{"total_items":9007199254740993,"processed_items":1,"rate":100000000000000000}'
    assert ask(site, page, code) == ["1 / 9,007,199,254,740,993", "100,000,000,000,000,000/s", exact]


def test_a_parent_that_waits_for_its_children_is_not_said_to_be_retried(site: Site, page: Page) -> None:
    code = "return [1, 0].map((waits_for) => f.condition({status: 'pending', attempt: 1, waits_for}));"
    assert ask(site, page, code) == ["pending", "retrying"]


def test_a_job_that_waits_for_its_next_attempt_does_not_run_meanwhile(site: Site, page: Page) -> None:
    code = """const job = { started_at: '2026-01-01T00:00:00Z' }, now = Date.UTC(2026, 0, 1, 0, 0, 20);
        return ['running', 'pending'].map((status) => f.duration(f.ran({ ...job, status }, now)));"""
    assert ask(site, page, code) == ["20 s", ""]


def test_the_time_left_never_goes_up(site: Site, page: Page) -> None:
    said = ask(
        site,
        page,
        """const left = new f.TimeLeft(); const out = [];
        const job = (attempt, eta_seconds, stage = null) => (
          {id: 'a', status: 'running', attempt, stage, eta_seconds});
        const tell = (...news) => out.push(left.tell(job(...news), 1000 * out.length));
        tell(1, 60); tell(1, 64); tell(1, 200); tell(1, 20);
        tell(1, 90, 'next'); tell(2, 300, 'next'); tell(2, null);
        return out;""",
    )
    assert said == [
        "about 1 min",
        "about 1 min",
        "longer than expected",
        "about 20 s",
        "about 2 min",
        "about 5 min",
        "",
    ]
