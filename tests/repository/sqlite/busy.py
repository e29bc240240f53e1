"""A process that adds jobs in short lives of a repository until its standard input ends, and says what went wrong."""

from __future__ import annotations

import asyncio
import sys
import threading

from tests.support import new_job, worker_row

from dayjob.errors import StorageError
from dayjob.ids import uuid7
from dayjob.repository import open_repository


async def main(url: str) -> None:
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    added = 0
    while not ended.is_set():
        repository = open_repository(url, durability="process")
        await repository.open()
        await repository.register_worker(worker_row("w"))
        for _ in range(40):
            try:
                await asyncio.gather(*(repository.add_job(new_job(uuid7(), args='"x"' * 1)) for _ in range(50)))
                repository.beat("w", None)
                added += 50
            except StorageError as error:
                print("refused", error, flush=True)
            if added == 2000:
                print("ready", flush=True)
        await repository.close()
    print("added", added, flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
