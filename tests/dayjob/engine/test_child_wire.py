"""The lines between the app and a child process: what goes in comes out, and what is no message is refused."""

from __future__ import annotations

import math
import os
from typing import Any, get_args

import pytest
from tests.dayjob import child_handlers

from dayjob.context import ChildRequest
from dayjob.engine import child_wire as wire
from dayjob.errors import ChildFailed, Fail, InvalidArguments, JobExists, QueueFull, Stopped, Waiting
from dayjob.models import NewLines
from dayjob.origin import Named
from dayjob.redaction import as_it_is
from dayjob.retry import Retry

MESSAGES = (
    wire.Request(1, ["a"], {}, {"n": 1}, ["key"], "id", "type", 2, 20, None, None),
    wire.Stop("cancelled"),
    wire.Kill(),
    wire.Answer(3, {"a": [1, None]}),
    wire.Forked(4711),
    wire.Exited(-9),
    wire.NotBegun("no thread"),
    wire.Counted({"processed": 1}),
    wire.SaveCheckpoint('{"page": 7}', {"processed": 7}, 1),
    wire.AddChild("copy", {}, None, {}, 2),
    wire.ReadChildren(["a", "b"], 3),
    wire.Result('"\udc80 half a pair, \u2028 and a line"'),
    wire.Failure("error", "two\nlines", "traceback"),
)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_a_message_comes_out_as_it_went_in(message: wire.Message) -> None:
    line = wire.encode(message)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert wire.decode(line) == message
    assert wire.kind_of(line) is type(message)
    assert wire.decode_as(type(message), line) == message


def test_every_kind_is_here() -> None:
    assert {type(message) for message in MESSAGES} | {wire.Logged} == set(get_args(wire.Message))


@pytest.mark.parametrize(
    "line", ["", "1", "[]", "{}", '{"kind": "other"}', '{"kind": "Stop"}', '{"kind": "Kill", "a": 1}']
)
def test_what_is_no_message_is_refused(line: str) -> None:
    with pytest.raises((ValueError, LookupError, TypeError, AttributeError)):
        wire.decode(line)


def test_another_kind_than_the_only_one_that_may_come_is_refused() -> None:
    with pytest.raises(TypeError, match="Kill came instead of a Stop"):
        wire.decode_as(wire.Stop, wire.encode(wire.Kill()))


@pytest.mark.parametrize(
    ("error", "stopped", "expected"),
    [
        (Waiting(["a"]), False, Waiting),
        (Fail("never"), False, Fail),
        (Retry("later", after=3), False, Retry),
        (Stopped("cancelled"), True, Stopped),
        (Stopped("cancelled"), False, ChildFailed),  # of its own will
        (KeyError("where"), True, ChildFailed),
    ],
)
def test_what_a_handler_raises_is_what_the_app_decides_about(error: Any, stopped: bool, expected: type) -> None:
    failure = wire.decode_as(wire.Failure, wire.encode(wire.Failure.of(error, as_it_is, stopped=stopped)))
    assert type(failure.error()) is expected


def test_a_retry_keeps_its_pause_also_if_that_is_no_number() -> None:
    retry = Retry("later", after=3)
    for pause in (3.0, math.nan):
        retry.after = pause
        told = wire.decode_as(wire.Failure, wire.encode(wire.Failure.of(retry, as_it_is, stopped=False))).error()
        assert repr(told.after) == repr(pause)  # type: ignore[attr-defined]


@pytest.mark.parametrize("error", [QueueFull("full"), JobExists("there"), InvalidArguments("wrong")])
def test_an_answer_raises_what_the_app_raised(error: Exception) -> None:
    with pytest.raises(type(error), match=str(error)):
        wire.decode_as(wire.Answer, wire.encode(wire.Answer.of_error(1, error))).result()


def test_an_answer_that_the_job_is_lost_stops_the_handler() -> None:
    with pytest.raises(Stopped):
        wire.decode_as(wire.Answer, wire.encode(wire.Answer.of_error(1, Stopped("lease_lost")))).result()


def test_a_child_is_asked_for_by_the_name_of_its_handler() -> None:
    asked = ChildRequest(child_handlers.deaf, {}, "key", {})
    line = wire.encode(wire.AddChild.of(asked, {"n": 1}))
    request = wire.decode_as(wire.AddChild, line).request()
    assert isinstance(request.job, Named)
    assert (request.job.name, request.job_args, request.key) == ("deaf", {"n": 1}, "key")
    with pytest.raises(InvalidArguments, match="has no name"):
        wire.AddChild.of(ChildRequest(_Nameless(), {}, None, {}), {})


class _Nameless:
    def __call__(self) -> None: ...


def test_many_lines_are_several_messages_and_what_was_dropped_is_told_once() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as lines:
        wire.send_lines(writing, NewLines(tuple((n, "INFO", str(n)) for n in range(5)), dropped=7), 2)
        os.close(writing)
        found = [wire.decode_as(wire.Logged, line) for line in lines]
    assert [(len(each.lines), each.dropped) for each in found] == [(2, 7), (2, 0), (1, 0)]
