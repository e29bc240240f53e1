"""Follows a job as any client would: enqueued over REST, watched over the WebSocket, drawn in the terminal."""

import asyncio
import json
from typing import Any, TextIO

import httpx2
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from dayjob.terminal import JobView, ProgressBar

_RECONNECT_AFTER = 0.5  # seconds
_FINAL = ("completed", "failed", "cancelled")

Job = dict[str, Any]


async def ask(base_url: str, token: str, method: str, path: str, body: Any = None) -> Any:
    """One request to the application; returns the document that it answers, or None.

    Raises RuntimeError with the problem's own sentence, httpx2.TransportError if nothing answers.
    """
    async with httpx2.AsyncClient(base_url=base_url, headers=_headers(token), trust_env=False, timeout=60) as client:
        answer = await client.request(method, path, json=body)
    document = answer.json() if answer.content else None
    if not answer.is_success:
        raise RuntimeError(_sentence(document, answer.status_code))
    return document


def _sentence(document: Any, status: int) -> str:
    document = document if isinstance(document, dict) else {}
    faults = [
        f"{fault.get('pointer', fault.get('parameter', ''))} {fault['detail']}" for fault in document.get("errors", ())
    ]
    return " ".join([document.get("detail", f"The server answered {status}."), *faults])


async def enqueue(base_url: str, token: str, job_type: str, arguments: Job | None = None) -> Job:
    """`POST /jobs/{job_type}`: the new job, or the active one if the type allows only one; raises what `ask` raises."""
    job: Job = await ask(base_url, token, "POST", f"/jobs/{job_type}", arguments or {})
    return job


async def follow(base_url: str, token: str, job_id: str, stream: TextIO) -> Job:
    """Draw the progress of a job on `stream` until it ends; returns the job as its last frame has it."""
    drawing = _Drawing(ProgressBar(stream))
    address = f"{base_url.replace('http', 'ws', 1)}/jobs/{job_id}/ws"
    while True:
        try:
            async with connect(
                address, additional_headers=_headers(token), max_size=None, compression=None, proxy=None
            ) as socket:
                async for frame in socket:
                    if (job := drawing.take(json.loads(frame))) is not None:
                        return job
        except (OSError, ConnectionClosed, InvalidHandshake):
            drawing.leave()
        # The first frame of a new connection is the whole truth again.
        await asyncio.sleep(_RECONNECT_AFTER)


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


class _Drawing:
    """What the frames so far say, drawn."""

    def __init__(self, line: ProgressBar) -> None:
        self._line = line
        self._type = "job"

    def take(self, frame: Job) -> Job | None:
        """Draw a frame; returns the job if it has ended."""
        if frame["type"] == "status":
            job: Job = frame["job"]
            self._type = job["type"]
            final = job["status"] in _FINAL
            self._line.show(self._of_status(job), final=final)
            return job if final else None
        if frame["type"] == "progress":
            self._line.show(self._of_progress(frame))
        return None

    def leave(self) -> None:
        """Leave the line, so that other text can follow."""
        self._line.leave()

    def _of_status(self, job: Job) -> JobView:
        total, processed = job["total_items"], job["processed_items"]
        return JobView(self._type, job["status"], job["progress"], processed, total, job["message"])

    def _of_progress(self, frame: Job) -> JobView:
        numbers = (frame["progress"], frame["processed"], frame["total"])
        return JobView(self._type, "running", *numbers, frame["message"], frame["rate"], frame["eta_seconds"])
