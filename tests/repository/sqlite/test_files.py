"""What other programs do to the files of a database in use is noticed; what SQLite does is not mistaken for it."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tests.support import eventually, new_job, query

from dayjob import JobQueue, JobRegistry, processes
from dayjob.errors import StorageError
from dayjob.repository import JobRepository, open_repository
from dayjob.repository.sqlite import files
from dayjob.repository.writer import Writer

ROOT = Path(__file__).parents[3]


def run(*command: object) -> None:
    """In another process: whoever closes the file in this one drops SQLite's locks."""
    subprocess.run([str(part) for part in command], check=True)


def copy_log(path: Path) -> None:
    query(path, "PRAGMA wal_checkpoint(PASSIVE)")


def back_up(path: Path) -> Path:
    backup = path.with_name("backup.db")
    if not backup.exists():
        with closing(sqlite3.connect(path)) as one, closing(sqlite3.connect(backup)) as other:
            one.backup(other)
            other.execute("PRAGMA journal_mode = DELETE")
    return backup


def remove_log(path: Path) -> None:
    run("rm", f"{path}-wal")


def remove_memory(path: Path) -> None:
    run("rm", f"{path}-shm")


def remove_both(path: Path) -> None:
    run("rm", f"{path}-wal", f"{path}-shm")


def cut_log(path: Path) -> None:
    run("truncate", "-s", "0", f"{path}-wal")


def cut_database(path: Path) -> None:
    run("truncate", "-s", path.stat().st_size // 2, path)


def overwrite_log(path: Path) -> None:
    run("dd", "if=/dev/zero", f"of={path}-wal", "bs=64", "count=1", "conv=notrunc", "status=none")


def restore_in_place(path: Path) -> None:
    copy_log(path)
    run("cp", back_up(path), path)


def overwrite_by_another(path: Path) -> None:
    other = path.with_name("other.db")
    code = "import asyncio, sys; from dayjob import JobQueue; q = JobQueue(sys.argv[1], max_workers=0)\n"
    run(sys.executable, "-c", code + "async def f():\n async with q: pass\nasyncio.run(f())", f"sqlite:///{other}")
    copy_log(path)
    run("cp", other, path)


DAMAGES = [
    remove_log,
    remove_memory,
    remove_both,
    cut_log,
    cut_database,
    overwrite_log,
    restore_in_place,
    overwrite_by_another,
]


async def fill(repository: JobRepository) -> None:
    """With a backup that was made before the end of it."""
    for part in range(4):
        await repository.create_jobs([new_job(f"{part}-{n}", args=f'{{"n": "{"x" * 2000}"}}') for n in range(100)])
        back_up(repository.database.path)
    copy_log(repository.database.path)
    await repository.create_job(new_job("more"))


@pytest.mark.parametrize("damage", [damage for damage in DAMAGES if damage is not overwrite_log])
async def test_nothing_is_accepted_any_more(repository: JobRepository, damage: Callable[[Path], None]) -> None:
    await fill(repository)
    await asyncio.sleep(0.3)  # the database alone is not looked at all the time
    damage(repository.database.path)
    with pytest.raises(StorageError, match=r"deleted or replaced|changed while it was in use"):
        await repository.create_job(new_job("lost"))
    with pytest.raises(StorageError):
        await repository.add_job(new_job("lost"))
    assert isinstance(repository.trouble, StorageError)


@pytest.mark.parametrize("damage", DAMAGES)
async def test_what_a_race_hides_is_noticed_within_a_heartbeat(
    path: Path, damage: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    real, done = Writer._perform, []

    def damage_first(self: Writer, request: object, transaction: object) -> None:
        if not done:
            done.append(damage(path))
        real(self, request, transaction)  # type: ignore[arg-type]

    monkeypatch.setattr(files, "_LOOK_EVERY", 0.3)  # of two seconds, which are those of a heartbeat
    monkeypatch.setattr(processes, "BEAT_EVERY", 0.3)
    queue = JobQueue(f"sqlite:///{path}", registry=JobRegistry(), max_workers=0)
    async with queue:
        await fill(queue._get_engine().repository)
        monkeypatch.setattr(Writer, "_perform", damage_first)  # after the files were looked at
        await eventually(lambda: queue.trouble)
        assert done
        assert isinstance(queue.trouble, StorageError)
        with pytest.raises(StorageError):
            await queue._get_engine().repository.create_job(new_job("lost"))


async def test_a_log_that_was_removed_is_saved_into_the_database(path: Path) -> None:
    program = (
        "import asyncio, os, signal, sys; from dayjob import JobQueue, job; from dayjob.errors import StorageError\n"
        "@job('copy')\nasync def copy(n: int) -> None: ...\n"
        "async def main():\n"
        "    q = JobQueue('sqlite:///' + sys.argv[1], max_workers=0); await q.start()\n"
        "    for n in range(20): await q.enqueue('copy', job_args={'n': n})\n"
        "    os.unlink(sys.argv[1] + '-wal'); os.unlink(sys.argv[1] + '-shm')\n"
        "    try: await q.enqueue('copy', job_args={'n': 20})\n"
        "    except StorageError: os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())"
    )
    ended = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", program, str(path)], check=False)
    assert ended.returncode == -9
    assert query(path, "SELECT count(*) FROM dayjob_job") == [(20,)]


async def test_files_that_are_put_back_heal(repository: JobRepository) -> None:
    log = Path(f"{repository.database.path}-wal")
    log.rename(f"{log}.elsewhere")
    with pytest.raises(StorageError, match="deleted or replaced"):
        await repository.create_job(new_job("a"))
    Path(f"{log}.elsewhere").rename(log)
    assert (await repository.create_job(new_job("a")))[1]
    assert repository.trouble is None


async def test_a_database_that_has_no_number_of_its_own_is_given_one(path: Path) -> None:
    numbers = set()
    for _ in range(2):
        repository = open_repository(f"sqlite:///{path}")
        await repository.open()
        await repository.close()
        numbers.add(query(path, "SELECT value FROM dayjob_meta WHERE key = 'id'")[0])
    assert len(numbers) == 1
    query(path, "DELETE FROM dayjob_meta WHERE key = 'id'")
    repository = open_repository(f"sqlite:///{path}")
    await repository.open()
    assert (await repository.create_job(new_job("a")))[1]
    await repository.close()
    assert query(path, "SELECT count(*) FROM dayjob_meta WHERE key = 'id'") == [(1,)]


async def test_what_sqlite_does_itself_is_no_damage(path: Path) -> None:
    """Checkpoints of others, logs that begin anew or are cut, VACUUM, processes that come and go, all under load."""
    command = [sys.executable, "-m", "tests.repository.sqlite.busy", f"sqlite:///{path}"]
    pipe = subprocess.PIPE
    others = [subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) for _ in range(2)]
    repository = open_repository(f"sqlite:///{path}", durability="process")
    await repository.open()
    ends, round_ = time.monotonic() + 3, 0
    with closing(sqlite3.connect(path, isolation_level=None, timeout=20, check_same_thread=False)) as program:

        def do(sql: str) -> None:
            program.execute(sql).fetchall()

        while time.monotonic() < ends:
            for mode in ("PASSIVE", "FULL", "RESTART", "TRUNCATE"):
                await repository.create_jobs([new_job(f"{round_}-{mode}-{n}") for n in range(50)])
                await asyncio.to_thread(do, f"PRAGMA wal_checkpoint({mode})")
            if round_ % 4 == 3:
                await asyncio.to_thread(do, f"DELETE FROM dayjob_job WHERE seq % 2 = {round_ % 2}")
                await asyncio.to_thread(do, "VACUUM")
            round_ += 1
            assert repository.trouble is None
    said = [(await asyncio.to_thread(other.communicate))[0] for other in others]
    assert all("refused" not in text for text in said), said
    await repository.create_job(new_job("last"))
    await repository.close()
    assert query(path, "PRAGMA integrity_check") == [("ok",)]
