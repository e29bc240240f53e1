"""A process that writes jobs as fast as it can: ``checkpointing.py DATABASE``. It says whether it checkpoints."""

from __future__ import annotations

import asyncio
import itertools
import sys
from pathlib import Path

from tests.support import new_job

from dayjob.repository import open_repository


async def main(database: str) -> None:
    repository = open_repository(Path(database), durability="process")
    await repository.open()
    said = None
    for number in itertools.count():
        news = [new_job(f"{id(repository)}-{number}-{n}", args=f'{{"text":"{1000 * "x"}"}}') for n in range(50)]
        await repository.create_jobs(news)
        if (mine := repository._writer.connection.checkpointer.mine) != said:
            said = mine
            print("mine" if mine else "not mine", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
