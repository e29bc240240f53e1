"""The power fails at any moment: what was synced is on the disk, and of the rest anything or nothing.

The calls of a real process are recorded (strace), and disks as they may look after a power failure are put together
from them: without all that was not synced, with some of it, and with a torn write. A sync of one file is taken to keep
earlier removals of files in the folder, as the file systems of Linux do it; SQLite's ``-shm`` is gone, as after a boot.
"""

from __future__ import annotations

import asyncio
import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.crash.conftest import Campaign, Figures
from tests.crash.scripted import live
from tests.crash.traced import run

from dayjob.crashtest.ledger import Ledger
from dayjob.crashtest.oracle import Oracle

IMAGES = 4  # of each moment
SECTOR = 512  # bytes that a disk writes at once
FILES = ["jobs.db", "jobs.db-wal", "jobs.db-journal"]
TRACED = "trace=pwrite64,write,fdatasync,fsync,ftruncate,unlink"
_CALL = re.compile(r'^(?P<pid>\d+) +(?P<call>\w+)\((?:\d+<(?P<file>[^>]*)>|"(?P<path>[^"]*)")(?:, (?P<rest>.*))?', re.S)
_RESUMED = re.compile(r"^(?P<pid>\d+) +<\.\.\. (?P<call>\w+) resumed>")
_DATA = re.compile(r'^"(?P<data>[^"]*)", \d+(?:, (?P<offset>\d+))?')

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="NOT TESTED: needs strace")


@dataclass(frozen=True)
class Change:
    """Bytes at an offset of a file; or (no bytes) its new length; or (no length either) its removal."""

    name: str
    offset: int = -1
    data: bytes | None = None


@dataclass
class Disk:
    """What is safe, and what the machine has not yet written."""

    safe: dict[str, bytearray] = field(default_factory=dict)
    pending: list[Change] = field(default_factory=list)
    ledger: bytearray = field(default_factory=bytearray)

    def sync(self, name: str, started: list[Change]) -> None:
        """All changes of this file that were ``started`` before are safe now, and all removals."""
        done = [change for change in started if change.name == name or change.offset < 0]
        for change in done:
            _apply(self.safe, change)
        gone = set(map(id, done))
        self.pending = [change for change in self.pending if id(change) not in gone]


def _apply(files: dict[str, bytearray], change: Change) -> None:
    if change.offset < 0:
        files.pop(change.name, None)
        return
    content = files.setdefault(change.name, bytearray())
    end = change.offset + len(change.data or b"")
    content.extend(bytes(max(0, end - len(content))))
    if change.data is None:
        del content[end:]
    else:
        content[change.offset : end] = change.data


def replay(trace: str) -> Iterator[tuple[str, Disk]]:
    """The disk after each call, with the call's name (``note`` for a line in the ledger)."""
    disk = Disk()
    syncing: dict[str, tuple[str, list[Change]]] = {}
    for line in trace.splitlines():
        if resumed := _RESUMED.match(line):
            if started := syncing.pop(resumed["pid"], None):
                disk.sync(*started)
                yield "sync", disk
        elif found := _CALL.match(line):
            name = Path(_text(found["file"] or found["path"])).name
            call, rest = found["call"], found["rest"] or ""
            if call in ("fdatasync", "fsync"):
                started = name, list(disk.pending)
                if line.endswith("<unfinished ...>"):
                    syncing[found["pid"]] = started
                    continue
                disk.sync(*started)
                yield "sync", disk
            elif name == "ledger":
                disk.ledger += _bytes(rest)[1]
                yield "note", disk
            elif name in FILES:
                disk.pending.append(_change(call, name, rest))
                yield call, disk


def _change(call: str, name: str, rest: str) -> Change:
    if call == "unlink":
        return Change(name)
    if call == "ftruncate":
        return Change(name, int(rest.split(")")[0].split()[0]))
    return Change(name, *_bytes(rest))


def _bytes(rest: str) -> tuple[int, bytes]:
    found = _DATA.match(rest)
    assert found, rest[-200:]
    return int(found["offset"] or 0), bytes.fromhex(found["data"].replace("\\x", ""))


def _text(name: str) -> str:
    return bytes.fromhex(name.replace("\\x", "")).decode() if name.startswith("\\x") else name


def images(disk: Disk, chance: random.Random) -> Iterator[dict[str, bytearray]]:
    """Disks as they may be after a power failure at this moment."""
    yield {name: bytearray(content) for name, content in disk.safe.items()}
    if disk.pending:
        kept = [change for change in disk.pending if chance.random() < 0.5]
        yield _with(disk, kept)
        yield _with(disk, disk.pending[: chance.randrange(len(disk.pending) + 1)])
        yield _with(disk, [_torn(change, chance) for change in disk.pending])


def _with(disk: Disk, changes: list[Change]) -> dict[str, bytearray]:
    files = {name: bytearray(content) for name, content in disk.safe.items()}
    for change in changes:
        _apply(files, change)
    return files


def _torn(change: Change, chance: random.Random) -> Change:
    if not change.data:
        return change
    sectors = chance.randrange(len(change.data) // SECTOR + 1)
    return Change(change.name, change.offset, change.data[: sectors * SECTOR])


async def record(folder: Path, durability: str) -> str:
    folder.mkdir()
    trace = folder / "trace"
    code, said = await run(folder, "-y", "-xx", "-s", "100000", "-e", TRACED, "-o", str(trace), arguments=[durability])
    assert code == 0, said
    return trace.read_text()


def moments(trace: str, most: int, chance: random.Random) -> Iterator[Disk]:
    """The disk at every promise, and at random moments between."""
    share = most / IMAGES / sum(1 for _ in replay(trace))
    return (disk for call, disk in replay(trace) if call == "note" or chance.random() < share)


def look(folder: Path, files: dict[str, bytearray], ledger: bytes) -> list[str]:
    """Put a disk together and look at it."""
    folder.mkdir()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "ledger").write_bytes(ledger)
    return Oracle(folder / "jobs.db", folder / "ledger").look()


async def explore(
    folder: Path, campaign: Campaign, figures: Figures, durability: str, most: int, lives: int
) -> list[str]:
    """Look at about ``most`` images; on ``lives`` of them the queue lives on to the end."""
    chance = random.Random(campaign.seed)
    wrong: list[str] = []
    looked = lived = 0
    while looked < most:
        trace = await record(folder / f"recorded-{looked}", durability)
        for disk in moments(trace, most, chance):
            for files in images(disk, chance):
                looked += 1
                place = folder / f"{looked}"
                wrong += look(place, files, bytes(disk.ledger))
                if chance.random() < lives / most and not wrong:
                    lived += 1
                    wrong += await live_on(place)
                shutil.rmtree(place)
    figures |= {"images": looked, "lived on": lived, "violations": len(wrong)}
    return wrong


async def live_on(folder: Path) -> list[str]:
    ledger = Ledger(folder / "ledger")
    for pid in {line.pid for line in ledger.read()}:
        ledger.note("kill", pid=pid)
    ledger.note("power")
    await asyncio.wait_for(live(folder / "jobs.db", ledger), 60)
    ledger.close()
    return Oracle(folder / "jobs.db", folder / "ledger").look(over=True)


@pytest.mark.campaign
@pytest.mark.timeout(7200)
async def test_a_power_failure_loses_nothing_that_was_promised(
    tmp_path: Path, campaign: Campaign, figures: Figures
) -> None:
    most, lives = campaign.pick(400, 10_000, 100_000), campaign.pick(5, 100, 1000)
    assert await explore(tmp_path, campaign, figures, "power", most, lives) == []


@pytest.mark.campaign
@pytest.mark.timeout(600)
async def test_without_syncs_it_would(tmp_path: Path, campaign: Campaign, figures: Figures) -> None:
    """The method sees what it is there to see: where only crashes are to be survived, a power failure loses jobs."""
    wrong = await explore(tmp_path, campaign, figures, "process", 200, 0)
    assert any(text.endswith("was accepted and is lost") or "no database" in text for text in wrong)
    assert not any(text.startswith("quick_check") for text in wrong)
