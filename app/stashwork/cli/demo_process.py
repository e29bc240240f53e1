"""The demo Stash as a process beside the application: it ends when the application does, however that ends."""

import asyncio
import os
import secrets
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from stashwork.stash import StashUnreachable

_START_TIMEOUT = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class DemoAddress:
    """Where the demo answers, and the API key that it wants."""

    url: str
    api_key: str


@asynccontextmanager
async def demo_process(arguments: Sequence[str] = ()) -> AsyncIterator[DemoAddress]:
    """Run `python -m stashwork.demo` on a free port until the block ends. Raises StashUnreachable."""
    key = secrets.token_urlsafe(24)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "stashwork.demo", "--with-parent", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "DEMO_API_KEY": key},
        start_new_session=True,  # Ctrl-C is for the application, which still needs the demo while it stops
    )
    try:
        yield DemoAddress(await _read_url(process), key)
    finally:
        assert process.stdin is not None  # noqa: S101 (it is a pipe, see above)
        process.stdin.close()
        await process.wait()


async def _read_url(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None  # noqa: S101 (it is a pipe, see above)
    async with asyncio.timeout(_START_TIMEOUT):
        line = (await process.stdout.readline()).decode()
    url = line.strip().rpartition(" ")[2]
    if not url.startswith("http://"):
        raise StashUnreachable("The demo Stash did not start; its message is above.")
    return url
