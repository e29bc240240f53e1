"""The bus that never blocks."""

from __future__ import annotations

import logging

import pytest

from dayjob.events import EventBus, JobEvent, ProgressMade
from dayjob.types import Progress


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
