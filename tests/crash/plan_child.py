"""One job of stashwork in a process of its own: `plan_child.py FOLDER STASH_URL JOB_TYPE JOB_ID ARGUMENTS`."""

import asyncio
import json
import sys
from pathlib import Path

from dayjob import JobQueue, registry
from stashwork import jobs as jobs  # importing them registers the job types
from stashwork.database import open_database
from stashwork.jobs.services import Services, provide
from stashwork.settings import Settings
from stashwork.settings_store import SettingsStore


async def main(folder: Path, url: str, job_type: str, job_id: str, arguments: dict[str, object]) -> int:
    """Run the job, or go on with it if it is there; 0 if it completes."""
    settings = Settings(stash_url=url, stashwork_data=folder)
    async with open_database(folder) as engine:
        with provide(Services(SettingsStore(settings), engine)):
            async with JobQueue(f"sqlite:///{folder}/jobs.db", registry=registry) as queue:
                await queue.enqueue(job_type, job_args=arguments, job_id=job_id)
                print("begun", flush=True)
                status = await queue.wait(job_id)
                print(status.status, status.error, flush=True)
                return 0 if status.status == "completed" else 1


if __name__ == "__main__":
    path, address, kind, number, given = sys.argv[1:]
    sys.exit(asyncio.run(main(Path(path), address, kind, number, json.loads(given))))
