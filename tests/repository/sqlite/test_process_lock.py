"""A lock that a process holds as long as it lives, seen from another process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dayjob.errors import StorageError
from dayjob.repository.sqlite.process_lock import FileLock, is_dead

HOLDER = """
import sys, time, pathlib
from dayjob.repository.sqlite.process_lock import FileLock
FileLock(pathlib.Path(sys.argv[1]), "me").acquire()
print("locked", flush=True)
time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A living process that announced itself as ``me`` in ``tmp_path``."""
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "locked\n"
        yield process
        process.kill()


def test_a_living_process_is_not_gone(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    assert not is_dead(tmp_path, "me")
    assert not is_dead(tmp_path, "me")  # looking does not break the lock


def test_sigkill_frees_the_lock_at_once(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    holder.kill()
    holder.wait(10)
    assert is_dead(tmp_path, "me")
    assert is_dead(tmp_path, "me"), "who sees it may die before its jobs are rescued"


def test_a_stopped_process_keeps_its_lock(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    holder.send_signal(signal.SIGSTOP)
    assert not is_dead(tmp_path, "me")
    holder.send_signal(signal.SIGCONT)
    assert not is_dead(tmp_path, "me")


def test_a_file_that_was_removed_says_nothing(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    (tmp_path / "me").unlink()
    assert not is_dead(tmp_path, "me")
    assert not is_dead(tmp_path / "no folder", "me")


def test_the_file_is_for_all_that_may_use_the_database(tmp_path: Path) -> None:
    before = os.umask(0o002)
    try:
        FileLock(tmp_path, "shared").acquire()
    finally:
        os.umask(before)
    assert (tmp_path / "shared").stat().st_mode & 0o777 == 0o664


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "jobs.db.workers").touch()  # not even a folder; root may write to all of them
    with pytest.raises(StorageError, match=r"Cannot write to .*jobs\.db\.workers \(File exists\)\. Every process"):
        FileLock(tmp_path / "jobs.db.workers", "me").acquire()


def test_ones_own_presence_is_not_broken_by_looking(tmp_path: Path) -> None:
    # POSIX drops a lock when any descriptor of the file is closed in the process that holds it.
    lock = FileLock(tmp_path, "self")
    lock.acquire()
    look = (
        "import sys, pathlib; from dayjob.repository.sqlite.process_lock import is_dead; "
        "sys.exit(is_dead(pathlib.Path(sys.argv[1]), 'self'))"
    )
    assert not is_dead(tmp_path, "self")
    assert subprocess.run([sys.executable, "-c", look, str(tmp_path)], check=False).returncode == 0
    lock.release(remove=False)
    assert is_dead(tmp_path, "self")


def test_leaving_removes_the_file_and_may_be_repeated(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "new folder", "self")
    lock.release()
    lock.acquire()
    lock.release()
    lock.release()
    assert list((tmp_path / "new folder").iterdir()) == []


def test_a_lock_is_not_inherited_by_a_child_that_survives(tmp_path: Path) -> None:
    parent = HOLDER.replace("time.sleep(60)", "import subprocess; subprocess.Popen(['sleep', '5'])")
    with subprocess.Popen([sys.executable, "-c", parent, str(tmp_path)], stdout=subprocess.DEVNULL) as process:
        process.wait(10)
        assert is_dead(tmp_path, "me")
