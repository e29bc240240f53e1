"""The mailbox for a reader that takes its time."""

from __future__ import annotations

import asyncio

import pytest

from dayjob.mailbox import Mailbox


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


@pytest.mark.parametrize(("slots", "size"), [(3, 1000), (1000, 30)])
async def test_it_overflows_at_slots_or_bytes(slots: int, size: int) -> None:
    box: Mailbox[int] = Mailbox(slots, size)
    for number in range(3):
        box.put(str(number), number, 10)
    assert (len(box), box.overflowed) == (3, False)
    box.put("3", 3, 10)
    assert (len(box), box.overflowed) == (1, True)
    assert await box.get() == 3


async def test_what_was_taken_out_makes_room() -> None:
    box: Mailbox[int] = Mailbox(size=30)
    for number in range(50):
        box.put(str(number), number, 10)
        if number % 2:
            box.discard(str(number))
        else:
            await box.get()
    assert not box.overflowed
