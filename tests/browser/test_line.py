"""The line breaks, the server restarts, the door closes: the pages say so, and are right again without a reload."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import HTTPException
from playwright.sync_api import Page, expect
from starlette.requests import HTTPConnection
from tests.browser.site import Site, until

from dayjob.web import insecure_open_to_everyone

_MARK = "window.sameDocument = true"


class Proxy:
    """A line that can be cut: TCP from a port of its own to that of the site."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = 0
        self._up = True
        self._pipes: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        assert ready.wait(10)

    def cut(self) -> None:
        asyncio.run_coroutine_threadsafe(self._cut(), self._loop).result(10)

    def mend(self) -> None:
        self._up = True

    def close(self) -> None:
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self, ready: threading.Event) -> None:
        async def listen() -> asyncio.Server:
            server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            return server

        server = self._loop.run_until_complete(listen())
        self._loop.run_forever()
        server.close()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    async def _cut(self) -> None:
        self._up = False
        for pipe in self._pipes:
            pipe.transport.abort()
        self._pipes.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._up:
            writer.transport.abort()
            return
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.target)
        self._pipes |= {writer, there_writer}
        await asyncio.gather(_copy(reader, there_writer), _copy(there_reader, writer))


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # the line was cut
    finally:
        writer.close()


@pytest.fixture
def proxied(make_site: Callable[..., Site]) -> Iterator[tuple[Site, Proxy, str]]:
    site = make_site(insecure_open_to_everyone).start()
    proxy = Proxy(site.port)
    yield site, proxy, f"http://127.0.0.1:{proxy.port}/jobs/ui/"
    proxy.close()


def test_after_a_cut_the_state_is_right_without_a_reload(proxied: tuple[Site, Proxy, str], page: Page) -> None:
    site, proxy, pages = proxied
    first, second = site.enqueue("sync_all"), site.enqueue("sync_all", job_args={"force": True})
    page.goto(pages)
    page.evaluate(_MARK)
    expect(page.locator(".card")).to_have_count(2)
    proxy.cut()
    expect(page.locator(".strip")).to_contain_text("Reconnecting, data from ")
    site.order(first, "finish")
    site.wait(first)
    third = site.enqueue("sync_all")
    site.order(second, "update", items=7, total=10, message="went on meanwhile")
    proxy.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(".strip")).to_be_hidden()
    expect(page.locator(".card")).to_have_count(2)
    expect(page.locator(".card", has_text="7 / 10")).to_contain_text("went on meanwhile")
    expect(page.locator(".tile-completed .tile-count")).to_have_text("1")
    site.order(third, "finish")
    expect(page.locator(".card")).to_have_count(1)
    assert page.evaluate("window.sameDocument") is True


def test_a_job_page_misses_nothing_over_a_cut(proxied: tuple[Site, Proxy, str], page: Page) -> None:
    site, proxy, pages = proxied
    job = site.enqueue("sync_all")
    page.goto(f"{pages}#/job/{job}")
    site.order(job, "log", text="before the cut")
    expect(page.locator(".log-line")).to_have_count(1)
    proxy.cut()
    expect(page.locator(".strip")).to_be_visible()
    site.order(job, "log", text="during the cut")
    site.order(job, "finish", result=1)
    site.wait(job)
    proxy.mend()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(".badge").first).to_contain_text("Completed")
    expect(page.locator(".log-line")).to_have_count(2)


def test_the_server_restarts(site: Site, page: Page) -> None:
    job = site.enqueue("sync_all")
    page.goto(site.pages)
    page.evaluate(_MARK)
    expect(page.locator(".card")).to_have_count(1)
    site.stop()
    expect(page.locator(".strip")).to_contain_text("Reconnecting")
    site.start()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.locator(".strip")).to_be_hidden()
    expect(page.locator(".card")).to_contain_text("attempt 2")
    site.order(job, "update", items=1, total=4)
    expect(page.locator(".card")).to_contain_text("1 / 4")
    site.order(job, "finish")
    expect(page.locator(".card")).to_have_count(0)
    assert page.evaluate("window.sameDocument") is True


def test_without_sockets_the_pages_poll(site: Site, page: Page) -> None:
    page.add_init_script("window.WebSocket = class { constructor() { throw new Error('forbidden'); } };")
    job = site.enqueue("sync_all")
    page.goto(site.pages)
    page.clock.install()
    expect(page.locator(".card")).to_have_count(1)
    page.clock.run_for(8000)  # three tries, after waits of half a second, one, and two at most
    expect(page.locator(".strip")).to_contain_text("reading every few seconds")
    site.order(job, "finish")
    site.wait(job)
    page.clock.run_for(4000)
    expect(page.locator(".card")).to_have_count(0)


class Door:
    """Lets everybody in with the cookie, as long as it is open."""

    def __init__(self) -> None:
        self.status = 0

    async def __call__(self, connection: HTTPConnection) -> str:
        if self.status and not connection.url.path.endswith((".js", ".css", "/ui/", ".svg")):
            raise HTTPException(self.status, "Your session is over.")
        return "me"


@pytest.mark.parametrize(("status", "says"), [(401, "You are not signed in"), (403, "You may not see these pages")])
def test_a_closed_door_is_told_and_not_knocked_at_again(
    make_site: Callable[..., Site], page: Page, status: int, says: str
) -> None:
    door = Door()
    door.status = status
    site = make_site(door).start()
    sockets: list[Any] = []
    page.on("websocket", lambda socket: sockets.append(socket))
    page.goto(site.pages)
    expect(page.locator(".strip")).to_contain_text(says)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.goto(f"{site.pages}#/jobs")
    expect(page.locator(".notice-bad")).to_contain_text("Your session is over.")
    assert len(sockets) == 1


def test_a_session_that_ends_while_the_page_is_open(make_site: Callable[..., Site], page: Page) -> None:
    door = Door()
    site = make_site(door).start()
    job = site.enqueue("sync_all")
    page.goto(f"{site.pages}#/job/{job}")
    expect(page.locator("job-progress")).to_be_visible()
    door.status = 401
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Cancel the job").click()
    expect(page.locator(".toast")).to_contain_text("Your session is over.")


@pytest.mark.parametrize(("screen", "there"), [("workers", ".worker"), ("schedules", ".schedule")])
def test_what_is_there_stays_while_the_line_is_down(
    proxied: tuple[Site, Proxy, str], page: Page, screen: str, there: str
) -> None:
    site, proxy, pages = proxied
    site.queue.schedule("quick", "every 6 hours")
    page.clock.install()
    page.goto(f"{pages}#/{screen}")
    expect(page.locator(there)).to_be_visible()
    proxy.cut()
    expect(page.locator(".strip")).to_contain_text("Reconnecting")
    for _ in range(2):  # reads twice, in vain
        with page.expect_event("requestfailed", lambda request: request.url.endswith(screen)):
            page.clock.run_for(10_500)
    expect(page.locator(there)).to_be_visible()
    expect(page.locator(".notice-bad")).to_have_count(0)


_FAKES = """
  window.sockets = [];
  window.WebSocket = class { constructor() { sockets.push(this); } close() {} };
  window.said = [];
  window.polls = [];
  window.open = async () => {
    const { Line } = await import(new URL("lib/line.js", location.href).href);
    window.line = new Line("ws://127.0.0.1/", {
      frame: () => {}, connection: ({ name }) => said.push(name),
      poll: () => new Promise((...ends) => polls.push(ends)),
    }).open();
  };
"""


def test_polls_do_not_overlap_and_a_late_one_says_nothing(site: Site, page: Page) -> None:
    page.clock.install()
    page.goto(f"{site.pages}theme.js")
    page.evaluate(f"() => {{ {_FAKES} }}")
    page.evaluate("open()")
    for _ in range(3):
        page.evaluate("sockets.at(-1).onclose({ code: 1006 })")
        page.clock.run_for(3000)
    until(page, "polls.length > 0")
    page.clock.run_for(20_000)
    assert page.evaluate("polls.length") == 1, "the one before was not answered"
    page.evaluate("polls.at(-1)[0]()")
    until(page, "said.at(-1) === 'polling'")
    page.clock.run_for(3000)
    until(page, "polls.length === 2")
    page.evaluate('sockets.at(-1).onmessage({ data: \'{"type": "ping"}\' })')  # a socket gets through after all
    page.evaluate("polls.at(-1)[0]()")
    page.clock.run_for(10_000)
    assert page.evaluate("[said.at(-1), polls.length]") == ["live", 2]
