"""The bus that never blocks, and the mailbox for a reader that takes its time."""

from __future__ import annotations

import asyncio
import logging

import pytest

from dayjob import EventBus, Progress, ProgressMade
from dayjob.events import JobEvent, Mailbox


def made(job_id: str, processed: int = 0) -> ProgressMade:
    return ProgressMade(job_id, "t", 1, Progress(processed))


def test_listeners_hear_their_job_or_everything_in_order() -> None:
    bus, one, everything = EventBus(), list[JobEvent](), list[JobEvent]()
    bus.listen(one.append, "a")
    bus.listen(everything.append)
    events = [made("a", 1), made("b"), made("a", 2)]
    for event in events:
        bus.publish(event)
    assert one == [events[0], events[2]]
    assert everything == events


def test_the_bus_knows_what_nobody_wants() -> None:
    bus = EventBus()
    assert not bus.wants("a")
    stop_one = bus.listen(lambda _event: None, "a")
    assert (bus.wants("a"), bus.wants("b")) == (True, False)
    stop_all = bus.listen(lambda _event: None)
    assert bus.wants("b")
    stop_one()
    stop_all()
    assert not bus.wants("a")


def test_nothing_is_kept_of_jobs_that_nobody_watches_any_more() -> None:
    bus = EventBus()
    for n in range(100):
        bus.listen(lambda _event: None, f"job-{n}")()
    assert not bus._by_job


def test_a_listener_that_raises_keeps_the_news_from_nobody(caplog: pytest.LogCaptureFixture) -> None:
    bus, heard = EventBus(), list[JobEvent]()

    def broken(_event: JobEvent) -> None:
        raise RuntimeError("boom")

    bus.listen(broken, "a")
    bus.listen(heard.append, "a")
    with caplog.at_level(logging.ERROR):
        bus.publish(made("a"))
        bus.publish(made("a"))
    assert len(heard) == 2
    assert "a listener failed" in caplog.text


def test_listeners_may_come_and_go_while_an_event_is_told() -> None:
    bus, heard = EventBus(), list[str]()
    stops = [bus.listen(lambda _event: stops[1](), "a")]
    stops.append(bus.listen(lambda _event: heard.append("second"), "a"))
    bus.publish(made("a"))
    bus.publish(ProgressMade("b", "t", 1, Progress()))
    assert heard == ["second"]  # it was listening when the event came


async def test_a_mailbox_keeps_the_newest_item_of_each_key() -> None:
    box: Mailbox[int] = Mailbox()
    for key, item in (("a", 1), ("b", 2), ("a", 3)):
        box.put(key, item)
    assert [await box.get(), await box.get()] == [3, 2]
    assert len(box) == 0
    assert not box.overflowed


async def test_a_key_that_changes_all_the_time_keeps_its_turn() -> None:
    box: Mailbox[str] = Mailbox()
    box.put("busy", "busy 0")
    read = []
    for n in range(1, 4):
        box.put(f"other {n}", f"other {n}")
        box.put("busy", f"busy {n}")
        read.append(await box.get())
    assert read == ["busy 1", "other 1", "other 2"]


async def test_get_waits_for_an_item() -> None:
    box: Mailbox[int] = Mailbox()
    reading = asyncio.create_task(box.get())
    await asyncio.sleep(0)
    assert not reading.done()
    box.put("a", 7)
    assert await asyncio.wait_for(reading, 5) == 7


@pytest.mark.parametrize("size", [0, 40])
def test_a_mailbox_never_grows_beyond_its_bounds(size: int) -> None:
    box: Mailbox[int] = Mailbox(slots=10, size=200)
    for n in range(1000):
        box.put(str(n), n, size)
        assert len(box) <= (10 if size == 0 else 5)
    assert box.overflowed


async def test_an_overflow_keeps_the_newest_item_and_says_that_something_was_missed() -> None:
    box: Mailbox[int] = Mailbox(slots=2)
    for n in range(3):
        box.put(str(n), n)
    assert (box.overflowed, len(box), await box.get()) == (True, 1, 2)


def test_replacing_in_a_full_mailbox_is_no_overflow() -> None:
    box: Mailbox[int] = Mailbox(slots=2, size=100)
    box.put("a", 1, 50)
    box.put("b", 1, 50)
    for n in range(10):
        box.put("a", n, 50)
    assert (box.overflowed, len(box)) == (False, 2)


async def test_sizes_are_given_back_when_items_are_read() -> None:
    box: Mailbox[int] = Mailbox(size=100)
    for n in range(50):
        box.put(str(n), n, 60)
        assert await box.get() == n
    assert not box.overflowed


async def test_one_item_that_is_too_large_alone_still_arrives() -> None:
    box: Mailbox[str] = Mailbox(size=10)
    box.put("a", "large", 1000)
    assert await box.get() == "large"
