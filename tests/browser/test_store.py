"""What the pages know about the queue: their own module, with a socket and an API that say what a test wants."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page
from tests.browser.site import Site, until

_SETUP = """
  window.sockets = [];
  window.WebSocket = class { constructor() { sockets.push(this); } close() {} };
  window.tell = (frame) => sockets.at(-1).onmessage({ data: JSON.stringify(frame) });
  window.job = (id, more = {}) => ({
    id, type: "copy", status: "running", attempt: 1, rev: 1, created_at: "2026-01-01T00:00:00Z",
    started_at: "2026-01-01T00:00:01Z", ...more });
  window.progress = (job_id, rev = 1, more = {}) =>
    ({ type: "progress", job_id, rev, progress: 1, processed: 1, total: 100, ...more });
  window.make = async (jobs) => {
    const { Store } = await import(new URL("store.js", location.href).href);
    window.jobs = new Map(jobs.map((one) => [one.id, one]));
    window.asked = [];
    const api = {
      socket: () => "ws://127.0.0.1/",
      async list({ cursor }) {
        asked.push("list");
        const from = Number(cursor ?? 0);
        const all = [...window.jobs.values()].filter((one) => one.status === "running");
        return { items: all.slice(from, from + 200), next: from + 200 < all.length ? String(from + 200) : null };
      },
      async get(id) {
        asked.push(id);
        if (!window.jobs.has(id)) throw Object.assign(new Error(id), { status: 404 });
        return window.jobs.get(id);
      },
      stats: async () => ({ jobs: {} }), workers: async () => [], schedules: async () => [],
    };
    window.store = new Store(api);
    store.start();
  };
  window.known = () => [...store.jobs.values()].map((one) =>
    `${one.id} ${one.status} ${one.rev} ${one.processed_items ?? "-"}`);
"""


@pytest.fixture
def site(site_of_file: Site) -> Site:
    return site_of_file


def made(site: Site, page: Page, jobs: str) -> None:
    page.clock.install()
    page.goto(f"{site.pages}theme.js")  # the same origin, without the dashboard
    page.evaluate(f"() => {{ {_SETUP} }}")
    page.evaluate(f"make({jobs})")


def run(page: Page, code: str) -> Any:
    return page.evaluate(f"() => {{ {code} }}")


def test_jobs_beyond_the_first_two_hundred_and_those_nobody_told_of_are_learned_once(site: Site, page: Page) -> None:
    made(site, page, "Array.from({ length: 450 }, (_, n) => job(`j${n}`))")
    until(page, "store.jobs.size === 450")
    run(page, "asked.length = 0; jobs.set('late', job('late')); setInterval(() => tell(progress('late')), 50);")
    run(page, "setInterval(() => tell(progress('gone')), 200);")
    page.clock.run_for(3000)
    assert run(page, "return [asked.sort(), store.jobs.get('late').processed_items];") == [["gone", "late"], 1]

    run(page, "asked.length = 0; setInterval(() => tell({ type: 'resync' }), 50);")
    page.clock.run_for(5000)
    rounds = run(page, "return asked.filter((one) => one === 'list').length / 3;")
    assert 2 <= rounds <= 4, "a stream of news neither puts the reading off nor multiplies it"


def test_what_is_older_changes_nothing_whichever_way_it_came(site: Site, page: Page) -> None:
    made(site, page, "[job('a', { rev: 5 })]")
    until(page, "store.jobs.size === 1")
    run(page, "tell(progress('a', 5, { processed: 7 })); tell(progress('a', 4, { processed: 3 }));")
    run(page, "tell({ type: 'status', job: job('a', { rev: 4, status: 'pending' }) });")
    assert run(page, "return known();") == ["a running 5 7"]
    run(page, "tell({ type: 'status', job: job('a', { rev: 5, processed_items: 8 }) });")
    run(page, "store.accept(job('a', { rev: 5, processed_items: 2 }));")  # REST has what was true when it was asked
    assert run(page, "return known();") == ["a running 5 8"]
    run(page, "tell({ type: 'status', job: job('a', { rev: 6, status: 'completed' }) }); tell(progress('a', 5));")
    assert run(page, "return known();") == ["a completed 6 -"]


def test_after_a_gap_everything_that_ended_meanwhile_is_known_to_have(site: Site, page: Page) -> None:
    made(site, page, "Array.from({ length: 120 }, (_, n) => job(`j${n}`))")
    until(page, "store.jobs.size === 120")
    run(page, "tell({ type: 'status', job: job('w', { status: 'pending' }) }); jobs.delete('j7');")
    run(
        page,
        "const ended = { rev: 2, status: 'completed', completed_at: 'x' };"
        "for (const one of [...jobs.values(), job('w')]) jobs.set(one.id, job(one.id, ended));",
    )
    run(page, "sockets.at(-1).onclose({ code: 1006 });")
    page.clock.run_for(1000)
    run(page, "tell({ type: 'ping' });")
    page.clock.run_for(3000)
    until(page, "store.running().length === 0")
    assert run(page, "return [store.active().length, store.jobs.size];") == [0, 120]


def test_the_order_stays_whichever_job_has_news(site: Site, page: Page) -> None:
    made(
        site,
        page,
        "[job('a'), job('b'), job('c', { status: 'pending', started_at: null, created_at: '2026-02-01T00:00:00Z' })]",
    )
    until(page, "store.jobs.size === 2")
    run(page, "tell({ type: 'status', job: jobs.get('c') });")
    orders = set[str]()
    for name in "abacb":
        run(page, f"tell(progress('{name}'));")
        orders.add(
            run(
                page,
                "return [store.running(), store.active()].map((all) => all.map((one) => one.id).join('')).join(' ');",
            )
        )
    assert orders == {"ba bac"}
