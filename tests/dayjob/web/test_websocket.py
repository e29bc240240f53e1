"""Live updates over real sockets: what a subscriber sees, and that none can harm another."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any
from urllib.parse import urljoin

import pytest
from fastapi import Depends, FastAPI, WebSocket
from starlette.requests import HTTPConnection
from tests.dayjob.web.support import (
    Gates,
    Seen,
    Served,
    frame,
    frames_to_the_end,
    frames_until,
    is_progress,
    is_status,
    make_app,
    serve,
    stalled_socket,
    until_running,
)
from tests.support import eventually
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK

import dayjob.progress
import dayjob.web.connection
from dayjob import JobQueue, JobRegistry, ProgressReporter, Status
from dayjob.web import LocalOnly, SocketLimits, WebSocketManager, get_websocket_manager, jobs_router

BIG = 32 * 1024


@pytest.fixture(scope="module")
def found() -> list[WebSocketManager]:
    """The manager of the app, once a request came in."""
    return []


@pytest.fixture(scope="module")
def app_of_file(queue_of_file: JobQueue, found: list[WebSocketManager]) -> FastAPI:
    async def auth(connection: HTTPConnection) -> None:
        if not found:
            found.append(get_websocket_manager(connection))

    app = FastAPI()
    app.include_router(jobs_router(queue_of_file, auth=auth), prefix="/jobs")
    return app


async def close_of(server: Served, path: str) -> tuple[int | None, str | None]:
    async with server.ws(path) as websocket:
        with pytest.raises(ConnectionClosed):
            await frame(websocket)
    return websocket.close_code, websocket.close_reason


class TestOneJob:
    async def test_from_the_first_frame_to_the_last(self, server: Served, queue: JobQueue, gates: Gates) -> None:
        job_id = await queue.enqueue("count_to_ten")
        await until_running(queue, job_id)
        async with server.ws(f"/jobs/{job_id}/ws") as websocket:
            first = await frame(websocket)
            assert (first["type"], first["job"]["id"], first["job"]["status"]) == ("status", job_id, "running")
            assert first["job"]["args"] == {}
            gates.open(job_id)
            frames = await frames_to_the_end(websocket)
        assert websocket.close_code == 1000
        last = frames[-1]["job"]
        assert (last["status"], last["result"], last["progress"], last["processed_items"]) == ("completed", 10, 100, 10)
        self._check_progress(job_id, [f for f in frames if f["type"] == "progress"])

    def _check_progress(self, job_id: str, frames: list[dict[str, Any]]) -> None:
        assert frames
        assert frames[0].keys() == {
            *("type", "job_id", "rev", "progress", "processed", "total", "message", "stage", "rate", "eta_seconds")
        }
        assert all(f["job_id"] == job_id and f["total"] == 10 and f["progress"] <= 99 for f in frames)
        done = [f["processed"] for f in frames]
        assert done == sorted(done)

    async def test_a_pending_job_is_followed_through_its_whole_life(
        self, server: Served, queue: JobQueue, gates: Gates
    ) -> None:
        busy = [await queue.enqueue("gate") for _ in range(queue.max_workers)]
        job_id = await queue.enqueue("echo")
        async with server.ws(f"/jobs/{job_id}/ws") as websocket:
            frames = [await frame(websocket)]
            for each in busy:
                gates.of(each).set()
            frames += await frames_to_the_end(websocket)
        statuses = [f["job"]["status"] for f in frames if f["type"] == "status"]
        assert (statuses[0], statuses[-1]) == ("pending", "completed")
        assert [f["job"]["rev"] for f in frames] == sorted(f["job"]["rev"] for f in frames)

    async def test_a_finished_job_is_told_once_and_closed(self, server: Served, queue: JobQueue) -> None:
        job_id = await queue.enqueue("echo", job_args={"text": "done"})
        await queue.wait(job_id, 10)
        async with server.ws(f"/jobs/{job_id}/ws") as websocket:
            frames = await frames_to_the_end(websocket)
        assert [(f["type"], f["job"]["status"], f["job"]["result"]) for f in frames] == [
            ("status", "completed", "done")
        ]
        assert websocket.close_code == 1000

    @pytest.mark.parametrize("job_id", ["nobody", "%00", "ws", "Ж" * 100, "'--", "x" * 200])
    async def test_an_unknown_job_is_4404(self, server: Served, job_id: str) -> None:
        code, reason = await close_of(server, f"/jobs/{job_id}/ws")
        assert code == 4404
        assert "There is no job" in (reason or "")

    async def test_an_impossible_id_is_a_bad_message(self, server: Served) -> None:
        assert (await close_of(server, f"/jobs/{'x' * 300}/ws"))[0] == 4400

    async def test_a_failure_is_told(self, server: Served, queue: JobQueue) -> None:
        job_id = await queue.enqueue("fail")
        async with server.ws(f"/jobs/{job_id}/ws") as websocket:
            frames = await frames_to_the_end(websocket)
        assert frames[-1]["job"]["status"] == "failed"
        assert "it broke" in frames[-1]["job"]["error"]
        assert "Traceback" not in json.dumps(frames)

    async def test_a_cancel_is_told(self, server: Served, queue: JobQueue) -> None:
        job_id = await queue.enqueue("gate")
        await until_running(queue, job_id)
        async with server.ws(f"/jobs/{job_id}/ws") as websocket:
            await frame(websocket)
            await queue.cancel_job(job_id)
            frames = await frames_to_the_end(websocket)
        assert frames[-1]["job"]["status"] == "cancelled"
        assert websocket.close_code == 1000

    @pytest.mark.parametrize(("size", "sent"), [(BIG - 2, True), (BIG - 1, False), (900_000, False)])
    async def test_a_large_result_is_left_out(self, server: Served, queue: JobQueue, size: int, sent: bool) -> None:
        job_id = await queue.enqueue("big", job_args={"size": size})
        await queue.wait(job_id, 10)
        async with server.ws(f"/jobs/{job_id}/ws") as websocket:
            job = (await frames_to_the_end(websocket))[-1]["job"]
        assert (job["result"] == "x" * size) is sent
        assert job.get("result_size") == (None if sent else size + 2)
        where = urljoin(f"/jobs/{job_id}/ws", job.get("result_url", ""))
        assert (where == f"/jobs/{job_id}") is not sent

    async def test_who_comes_back_is_told_the_truth(self, server: Served, queue: JobQueue, gates: Gates) -> None:
        job_id = await queue.enqueue("count_to_ten")
        await until_running(queue, job_id)
        async with server.ws(f"/jobs/{job_id}/ws") as websocket:
            before = (await frame(websocket))["job"]
        gates.open(job_id)
        await queue.wait(job_id, 10)
        async with server.ws(f"/jobs/{job_id}/ws") as websocket:
            after = (await frame(websocket))["job"]
        assert (before["status"], after["status"], after["processed_items"]) == ("running", "completed", 10)
        assert after["rev"] > before["rev"]

    async def test_who_comes_late_sees_what_the_others_were_told(
        self, server: Served, queue: JobQueue, registry: JobRegistry, gates: Gates
    ) -> None:
        """Progress is told faster than it is stored; a handler may be silent for long after that."""

        @registry.job("silent")
        async def silent(job_id: str) -> None:
            await gates.of(job_id).wait()
            await ProgressReporter(job_id, total_items=10).update(5, "half")
            await gates.of("end").wait()

        job_id = await queue.enqueue("silent")
        await until_running(queue, job_id)
        async with server.ws(f"/jobs/{job_id}/ws") as early:
            gates.open(job_id)
            await frames_until(early, lambda f: f.get("processed") == 5)
            async with server.ws(f"/jobs/{job_id}/ws") as late:
                assert (await frame(late))["job"]["processed_items"] == 5
        gates.open("end")


class TestAllJobs:
    async def test_it_begins_with_the_running_ones(self, server: Served, queue: JobQueue, gates: Gates) -> None:
        running = {await queue.enqueue("gate", job_args={"label": "secret"}) for _ in range(2)}
        for job_id in running:
            await until_running(queue, job_id)
        await queue.enqueue("echo", delay=60)
        async with server.ws("/jobs/ws") as websocket:
            first = [await frame(websocket) for _ in running]
            assert {f["job"]["id"] for f in first} == running
            assert all(f["job"]["status"] == "running" for f in first)
            fresh = await queue.enqueue("echo", job_args={"text": "secret"})
            rest = await frames_until(websocket, is_status("completed"))
            assert {f["job"]["id"] for f in rest} == {fresh}
            assert "secret" not in json.dumps(first + rest)
        for job_id in running:
            gates.open(job_id)

    async def test_it_stays_open_after_an_end_and_has_progress(
        self, server: Served, queue: JobQueue, gates: Gates
    ) -> None:
        async with server.ws("/jobs/ws") as websocket:
            for _ in range(2):
                job_id = await queue.enqueue("count_to_ten")
                gates.open(job_id)
                frames = await frames_until(websocket, is_status("completed"))
                assert frames[-1]["job"]["id"] == job_id
                assert [f for f in frames if f["type"] == "progress"]

    async def test_only_wanted_types(self, server: Served, queue: JobQueue, gates: Gates) -> None:
        counting = await queue.enqueue("count_to_ten")
        waiting = await queue.enqueue("gate")
        await until_running(queue, counting)
        await until_running(queue, waiting)
        async with server.ws("/jobs/ws?type=echo&type=gate") as websocket:
            assert (await frame(websocket))["job"]["id"] == waiting
            gates.open(counting)
            await queue.wait(counting, 10)
            wanted = await queue.enqueue("echo")
            frames = await frames_until(websocket, is_status("completed"))
        assert {f["job"]["id"] for f in frames} == {wanted}
        gates.open(waiting)

    async def test_only_wanted_statuses(self, server: Served, queue: JobQueue, gates: Gates) -> None:
        waiting = await queue.enqueue("gate")
        await until_running(queue, waiting)
        async with server.ws("/jobs/ws?status=completed&status=failed") as websocket:
            ended = [await queue.enqueue("echo"), await queue.enqueue("fail")]
            frames = [await frame(websocket), await frame(websocket)]
        assert {(f["job"]["id"], f["job"]["status"]) for f in frames} == {(ended[0], "completed"), (ended[1], "failed")}
        gates.open(waiting)

    @pytest.mark.parametrize(
        "query", ["status=nonsense", "status=", "status=running&status=x", "&".join(["type=x"] * 51)]
    )
    async def test_filters_that_make_no_sense(self, server: Served, query: str) -> None:
        assert (await close_of(server, f"/jobs/ws?{query}"))[0] == 4400


@pytest.mark.parametrize("path", ["/jobs/ws", "/jobs/known/ws"])
@pytest.mark.parametrize(
    ("message", "code"), [("{}", 4400), ("", 4400), ('{"type":"cancel"}', 4400), (b"\0", 4400), ("x" * 100_000, 1009)]
)
async def test_who_talks_is_closed(
    server: Served, queue: JobQueue, found: list[WebSocketManager], path: str, message: str | bytes, code: int
) -> None:
    await queue.enqueue("echo", job_id="known", delay=60)
    async with server.ws(path) as websocket:
        await websocket.send(message)
        with pytest.raises(ConnectionClosed):
            await frames_until(websocket, lambda _: False)
    assert websocket.close_code == code
    await eventually(lambda: not found[0].active_connections)


async def test_a_ping_after_silence(server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    assert dayjob.web.connection._SILENCE == 15
    monkeypatch.setattr(dayjob.web.connection, "_SILENCE", 0.02)
    async with server.ws("/jobs/ws") as websocket:
        assert [await frame(websocket) for _ in range(3)] == [{"type": "ping"}] * 3


async def test_no_ping_while_there_is_news(server: Served, queue: JobQueue) -> None:
    async with server.ws("/jobs/ws") as websocket:
        await queue.enqueue("echo")
        frames = await frames_until(websocket, is_status("completed"))
    assert {f["type"] for f in frames} == {"status"}


async def test_ten_updates_in_a_second_reach_everybody(server: Served, queue: JobQueue, registry: JobRegistry) -> None:
    everybody_is_there = asyncio.Event()

    @registry.job("ten")
    async def ten(job_id: str) -> None:
        await everybody_is_there.wait()
        progress = ProgressReporter(job_id, total_items=10)
        for number in range(1, 11):
            await progress.update(1, f"item {number}")
            await asyncio.sleep(0.1)

    job_id = await queue.enqueue("ten")
    async with contextlib.AsyncExitStack() as stack:
        watchers = [await stack.enter_async_context(server.ws(f"/jobs/{job_id}/ws")) for _ in range(5)]
        everything = await stack.enter_async_context(server.ws("/jobs/ws"))
        for watcher in (*watchers, everything):
            await frames_until(watcher, is_status("running"))
        everybody_is_there.set()
        told = await asyncio.gather(*(frames_to_the_end(w) for w in watchers))
        told.append(await frames_until(everything, is_status("completed")))
    job = await queue.get_job_status(job_id)
    assert job is not None
    assert (job.processed_items, job.message, job.progress) == (10, "item 10", 100)
    for frames in told:
        _check_ten(frames)


def _check_ten(frames: list[dict[str, Any]]) -> None:
    progress = [f for f in frames if f["type"] == "progress"]
    assert progress[-1]["processed"] == 10
    assert progress[-1]["message"] == "item 10"
    assert 3 <= len(progress) <= 6  # two a second, the first and the last
    assert frames[-1]["job"]["status"] == "completed"
    assert frames[-1]["job"]["processed_items"] == 10


class TestLeaving:
    async def test_nothing_is_held_after_the_clients_left(
        self, server: Served, queue: JobQueue, found: list[WebSocketManager]
    ) -> None:
        job_id = await queue.enqueue("gate")
        async with server.ws(f"/jobs/{job_id}/ws") as one, server.ws("/jobs/ws") as two:
            await frame(one)
            await eventually(lambda: {job_id, None} <= found[0].active_connections.keys())
            two.transport.abort()
        await eventually(lambda: found[0].active_connections == {})
        await queue.cancel_job(job_id)

    async def test_who_leaves_during_the_fan_out_takes_nothing_from_others(
        self, server: Served, queue: JobQueue, gates: Gates
    ) -> None:
        job_id = await queue.enqueue("count_to_ten")
        await until_running(queue, job_id)
        async with contextlib.AsyncExitStack() as stack:
            sockets = [await stack.enter_async_context(server.ws(f"/jobs/{job_id}/ws")) for _ in range(12)]
            for websocket in sockets:
                await frame(websocket)
            seen = Seen()
            unlisten = queue.bus.listen(
                lambda event: [ws.transport.abort() for ws in sockets[::2]] and seen(event), job_id
            )
            gates.open(job_id)
            kept = await asyncio.gather(*(frames_to_the_end(ws) for ws in sockets[1::2]))
            unlisten()
        assert len(kept) == 6
        for frames in kept:
            assert frames[-1]["job"]["status"] == "completed"
            assert frames[-1]["job"]["processed_items"] == 10

    async def test_a_hundred_come_and_go_while_jobs_run(
        self, server: Served, queue: JobQueue, found: list[WebSocketManager]
    ) -> None:
        async def come_and_go(number: int) -> None:
            job_id = await queue.enqueue("echo", delay=0.05 * (number % 3))
            async with server.ws(f"/jobs/{job_id}/ws" if number % 2 else "/jobs/ws") as websocket:
                if number % 3:
                    await frame(websocket)

        await asyncio.gather(*(come_and_go(number) for number in range(100)))
        await eventually(lambda: found[0].active_connections == {})


@pytest.fixture
async def narrow(app: FastAPI) -> AsyncIterator[Served]:
    """A server whose kernel buffers little, so that clients that do not read are felt soon."""
    async with serve(app, send_buffer=4096, ws_ping_interval=None) as served:
        yield served


def _add_chatty(registry: JobRegistry, gates: Gates, updates: int) -> None:
    @registry.job("chatty")
    async def chatty(job_id: str) -> None:
        await gates.of(job_id).wait()
        progress = ProgressReporter(job_id, total_items=updates)
        for number in range(updates):
            await progress.update(1, f"{number} " + "Ж" * 990)
            await asyncio.sleep(0.002)


class TestStalled:
    async def test_twenty_of_a_hundred_and_twenty_harm_nobody(
        self,
        narrow: Served,
        queue: JobQueue,
        registry: JobRegistry,
        gates: Gates,
        found: list[WebSocketManager],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(dayjob.progress, "INTERVAL", 0.0)
        monkeypatch.setattr(dayjob.web.connection, "_SEND_TIMEOUT", 60.0)
        _add_chatty(registry, gates, 100)
        job_id = await queue.enqueue("chatty")
        await until_running(queue, job_id)
        one, everything = f"/jobs/{job_id}/ws", "/jobs/ws"
        stalled = [await stalled_socket(narrow.port, path) for path in [one, everything] * 10]
        async with contextlib.AsyncExitStack() as stack:
            healthy = [await stack.enter_async_context(narrow.ws(one)) for _ in range(80)]
            watching = [await stack.enter_async_context(narrow.ws(everything)) for _ in range(20)]
            manager = found[0]
            await eventually(lambda: _counts(manager) == [90, 30])
            gates.open(job_id)
            told = await asyncio.gather(
                *(frames_to_the_end(ws) for ws in healthy),
                *(frames_until(ws, is_status("completed")) for ws in watching),
            )
        await eventually(lambda: _counts(manager) == [10, 10])  # the stalled ones hold on, and nobody waited for them
        assert (await queue.wait(job_id, 10)).status is Status.COMPLETED
        for frames in told:
            assert frames[-1]["job"]["status"] == "completed"
            assert frames[-1]["job"]["processed_items"] == 100
            assert max(f["processed"] for f in frames if f["type"] == "progress") == 100
        for connection in [c for connections in manager.active_connections.values() for c in connections]:
            assert 1 <= len(connection.mailbox) <= 3, "it was not stalled, or keeps more than the newest"
        for client in stalled:
            client.close()
        await eventually(lambda: manager.active_connections == {})

    async def test_who_does_not_read_is_let_go(
        self,
        narrow: Served,
        queue: JobQueue,
        registry: JobRegistry,
        gates: Gates,
        found: list[WebSocketManager],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(dayjob.progress, "INTERVAL", 0.0)
        monkeypatch.setattr(dayjob.web.connection, "_SEND_TIMEOUT", 0.1)
        _add_chatty(registry, gates, 150)
        job_id = await queue.enqueue("chatty")
        stalled = await stalled_socket(narrow.port, "/jobs/ws")
        await eventually(lambda: bool(found and found[0].active_connections))
        gates.open(job_id)
        await eventually(lambda: found[0].active_connections == {})
        assert (await queue.wait(job_id, 10)).status is Status.COMPLETED
        stalled.close()


def _counts(manager: WebSocketManager) -> list[int]:
    return sorted((len(connections) for connections in manager.active_connections.values()), reverse=True)


class StuckSocket:
    """A WebSocket whose frames leave only while ``flow`` is set: the one thing that a real client cannot do exactly."""

    def __init__(self) -> None:
        self.flow = asyncio.Event()
        self.flow.set()
        self.client = None
        self.sent: list[dict[str, Any]] = []
        self.closed: int | None = None

    async def accept(self) -> None: ...

    async def send_text(self, text: str) -> None:
        await self.flow.wait()
        self.sent.append(json.loads(text))

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self.closed = code


@pytest.fixture
async def manager(queue: JobQueue) -> AsyncIterator[WebSocketManager]:
    async with queue:
        manager = WebSocketManager(queue)
        manager.start()
        yield manager
        manager.stop()


async def _connect(manager: WebSocketManager, job_id: str | None) -> tuple[StuckSocket, Any]:
    socket = StuckSocket()
    connection = await manager.connect(socket, job_id)  # type: ignore[arg-type]
    return socket, connection


class TestManager:
    async def test_an_overflow_is_followed_by_resync_and_the_newest(
        self, queue: JobQueue, manager: WebSocketManager
    ) -> None:
        socket, connection = await _connect(manager, None)
        socket.flow.clear()
        ids = [await queue.enqueue("echo", delay=60) for _ in range(600)]
        assert len(connection.mailbox) <= 256
        assert connection.mailbox._used <= 64 * 1024
        socket.flow.set()
        await eventually(lambda: bool(socket.sent) and socket.sent[-1].get("job", {}).get("id") == ids[-1])
        kinds = [f["type"] for f in socket.sent]
        assert kinds.count("resync") == 1
        assert kinds.index("resync") <= 1  # only what was on its way is before it
        after = [f["job"]["id"] for f in socket.sent[kinds.index("resync") + 1 :]]
        assert after == ids[-len(after) :]
        await connection.close()

    async def test_who_is_stuck_holds_up_nobody(self, queue: JobQueue, manager: WebSocketManager) -> None:
        stuck, first = await _connect(manager, None)
        good, second = await _connect(manager, None)
        stuck.flow.clear()
        await queue.enqueue("echo", delay=60)
        await eventually(lambda: good.sent or first.sender.done())
        assert good.sent, "it was told only after the other one had been given up"
        assert not first.sender.done()
        stuck.flow.set()
        await first.close()
        await second.close()

    async def test_of_many_changes_only_the_newest_waits(
        self, queue: JobQueue, manager: WebSocketManager, gates: Gates
    ) -> None:
        job_id = await queue.enqueue("count_to_ten")
        socket, connection = await _connect(manager, job_id)
        await eventually(lambda: bool(socket.sent))
        socket.flow.clear()
        gates.open(job_id)
        await queue.wait(job_id, 10)
        assert len(connection.mailbox) <= 2
        socket.flow.set()
        await eventually(lambda: socket.closed is not None)
        assert socket.closed == 1000
        assert socket.sent[-1]["job"]["status"] == "completed"

    async def test_the_last_frame_survives_an_overflow(self, queue: JobQueue, manager: WebSocketManager) -> None:
        job_id = await queue.enqueue("echo", delay=60)
        socket, _ = await _connect(manager, job_id)
        await eventually(lambda: bool(socket.sent))
        socket.flow.clear()
        await manager.send_job_update(job_id, {"note": "on its way"})
        await asyncio.sleep(0)
        await queue.cancel_job(job_id)
        await manager.send_job_update(job_id, {"note": "x" * 70_000})
        socket.flow.set()
        await eventually(lambda: socket.closed is not None)
        assert socket.closed == 1000
        assert socket.sent[-1]["job"]["status"] == "cancelled"

    async def test_updates_of_ones_own_reach_only_who_watches(self, queue: JobQueue, manager: WebSocketManager) -> None:
        ids = [await queue.enqueue("echo", delay=60) for _ in range(2)]
        sockets = [(await _connect(manager, job_id))[0] for job_id in [ids[0], ids[0], ids[1]]]
        everything, _ = await _connect(manager, None)
        await manager.send_job_update(ids[0], {"note": "hi", "job_id": "forged"})
        await manager.send_job_update("nobody", {"note": "hi"})
        await eventually(lambda: len(sockets[0].sent) == len(sockets[1].sent) == 2)
        assert sockets[0].sent[1] == {"type": "update", "note": "hi", "job_id": ids[0]}
        assert len(sockets[2].sent) == 1
        assert everything.sent == []

    async def test_disconnect_at_any_moment_and_twice(self, queue: JobQueue, manager: WebSocketManager) -> None:
        job_id = await queue.enqueue("echo", delay=60)
        pairs = [await _connect(manager, job_id) for _ in range(2)]
        assert _counts(manager) == [2]
        for socket, connection in (pairs[0], pairs[0], pairs[1]):
            manager.disconnect(socket, job_id)  # type: ignore[arg-type]
            manager.disconnect(socket, "another")  # type: ignore[arg-type]
            await connection.close()
        assert manager.active_connections == {}

    async def test_an_unknown_job_leaves_nothing_behind(self, manager: WebSocketManager) -> None:
        socket, connection = await _connect(manager, "nobody")
        assert (connection, socket.closed, manager.active_connections) == (None, 4404, {})

    async def test_nothing_is_heard_after_stop(self, queue: JobQueue, manager: WebSocketManager) -> None:
        _, connection = await _connect(manager, None)
        manager.stop()
        manager.stop()
        await queue.enqueue("echo", delay=60)
        assert len(connection.mailbox) == 0

    async def test_nothing_between_the_state_and_the_news_is_lost(
        self, queue: JobQueue, manager: WebSocketManager, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A job that ends while a new socket's first frame is read."""
        job_id = await queue.enqueue("echo", delay=60)
        read = queue.get_job_status

        async def slow_read(wanted: str) -> Any:
            found = await read(wanted)
            await queue.cancel_job(job_id)
            return found

        monkeypatch.setattr(queue, "get_job_status", slow_read)
        socket, connection = await _connect(manager, job_id)
        await asyncio.wait([connection.sender], timeout=10)  # which ends with the last frame
        assert [f["job"]["status"] for f in socket.sent] == ["pending", "cancelled"]


class TestInApps:
    async def test_routes_of_ones_own_with_the_manager(self, queue: JobQueue, gates: Gates) -> None:
        app = make_app(queue)

        @app.websocket("/mine/{job_id}")
        async def mine(
            websocket: WebSocket, job_id: str, manager: Annotated[WebSocketManager, Depends(get_websocket_manager)]
        ) -> None:
            await manager.connect(websocket, job_id)
            with contextlib.suppress(Exception):
                await websocket.receive_text()
            manager.disconnect(websocket, job_id)

        async with serve(app) as server:
            job_id = await queue.enqueue("count_to_ten")
            await until_running(queue, job_id)
            async with server.ws(f"/mine/{job_id}") as websocket:
                await frame(websocket)
                gates.open(job_id)
                frames = await frames_to_the_end(websocket)
        assert frames[-1]["job"]["status"] == "completed"

    async def test_a_mounted_app_whose_queue_the_outer_one_runs(self, queue: JobQueue) -> None:
        @contextlib.asynccontextmanager
        async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
            async with queue:
                yield

        outer = FastAPI(lifespan=lifespan)
        outer.mount("/sub", make_app(queue))
        async with serve(outer) as server:
            job_id = await queue.enqueue("echo", delay=1.0)
            async with server.ws(f"/sub/jobs/{job_id}/ws") as websocket:
                async with asyncio.timeout(10):
                    frames = await frames_to_the_end(websocket)
        assert frames[-1]["job"]["status"] == "completed"

    async def test_a_mounted_app_without_a_queue_says_try_again(self, queue: JobQueue) -> None:
        outer = FastAPI()
        outer.mount("/sub", make_app(queue))
        async with serve(outer) as server:
            for path in ("/sub/jobs/ws", "/sub/jobs/x/ws"):
                code, reason = await close_of(server, path)
                assert code == 1013
                assert "not running" in (reason or "")

    async def test_two_queues_do_not_hear_each_other(
        self, tmp_path: Any, registry: JobRegistry, queue: JobQueue
    ) -> None:
        other = JobQueue(f"sqlite:///{tmp_path}/other.db", registry=registry, durability="process")
        app = make_app(queue)
        app.include_router(jobs_router(other, auth=LocalOnly()), prefix="/other")
        async with serve(app) as server, server.ws("/jobs/ws") as here, server.ws("/other/ws") as there:
            await here.ping()
            first, second = await queue.enqueue("echo"), await other.enqueue("echo")
            assert {f["job"]["id"] for f in await frames_until(here, is_status("completed"))} == {first}
            assert {f["job"]["id"] for f in await frames_until(there, is_status("completed"))} == {second}

    async def test_sockets_are_closed_when_the_server_stops(self, app: FastAPI, queue: JobQueue) -> None:
        async with serve(app) as server:
            websocket = await server.ws("/jobs/ws")
            await websocket.ping()
        with pytest.raises(ConnectionClosed):
            await frame(websocket)
        assert websocket.close_code in (1001, 1012)
        await websocket.close()
        assert not queue.running

    async def test_the_news_come_from_other_processes_too(self, server: Served, queue: JobQueue, gates: Gates) -> None:
        """Another queue on the same database, with a connection of its own, as another process has."""
        client = JobQueue(queue.url, max_workers=0, registry=queue.registry, durability="process")
        async with client, server.ws("/jobs/ws") as websocket:
            job_id = await client.enqueue("echo", delay=60)
            assert (await frames_until(websocket, is_status("pending")))[-1]["job"]["id"] == job_id
            await client.cancel_job(job_id)
            assert (await frames_until(websocket, is_status("cancelled")))[-1]["job"]["id"] == job_id


async def test_news_that_nobody_watches_cost_nothing(queue: JobQueue, gates: Gates) -> None:
    async with queue:
        job_id = await queue.enqueue("count_to_ten")
        assert not queue.bus.wants(job_id)
        seen = Seen()
        unlisten = queue.bus.listen(seen, job_id)
        gates.open(job_id)
        await seen.until(is_progress)
        await queue.wait(job_id, 10)
        unlisten()
        assert not queue.bus.wants(job_id)


def test_a_normal_close_is_what_clients_call_ok() -> None:
    assert issubclass(ConnectionClosedOK, ConnectionClosed)


async def test_that_a_job_left_the_filter_is_told(server: Served, queue: JobQueue, gates: Gates) -> None:
    async with server.ws("/jobs/ws?status=running") as websocket:
        waiting = await queue.enqueue("echo", delay=3600)  # never ran: no news for this filter, nor is its cancel
        job_id = await queue.enqueue("gate")
        await until_running(queue, job_id)
        gates.of(job_id).set()
        frames = await frames_until(websocket, is_status("completed"))
    assert {f["job"]["id"] for f in frames if f["type"] == "status"} == {job_id}
    assert waiting != job_id


async def test_too_many_sockets_are_4429(queue: JobQueue) -> None:
    app = FastAPI()
    limits = SocketLimits(total=3, per_address=2)
    app.include_router(jobs_router(queue, auth=LocalOnly(), sockets=limits), prefix="/jobs")
    async with serve(app) as served, served.ws("/jobs/ws") as one, served.ws("/jobs/ws"):
        assert (await close_of(served, "/jobs/ws"))[0] == 4429
        await one.close()
        async with asyncio.timeout(20):
            while (await close_of(served, "/jobs/nobody/ws"))[0] != 4404:  # its place is free
                await asyncio.sleep(0.05)
