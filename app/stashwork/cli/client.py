"""A client of the application that runs: it asks over REST, and follows jobs over the WebSocket, as any other does."""

import asyncio
import json
import sys
from dataclasses import dataclass
from typing import Any, TextIO

import httpx2
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from dayjob.terminal import JobView, ProgressBar

_RECONNECT_AFTER = 0.5  # seconds
_FINAL = ("completed", "failed", "cancelled")

Job = dict[str, Any]


class RequestRefused(Exception):
    """The application does not do what was asked; the message is its own sentence."""


@dataclass(frozen=True, slots=True)
class Client:
    """The address of the application that runs, and the token that it asks for.

    >>> client = Client("http://127.0.0.1:9998", owner_token(Settings()))
    >>> (await client.run_job("sync_all"))["status"]
    'completed'
    """

    url: str
    token: str

    async def request(self, method: str, path: str, body: Any = None) -> Any:
        """The document that a request is answered with, or None.

        Raises RequestRefused, and httpx2.TransportError if nothing answers.
        """
        options: Any = {"base_url": self.url, "headers": self._headers(), "trust_env": False, "timeout": 60}
        async with httpx2.AsyncClient(**options) as http:
            answer = await http.request(method, path, json=body)
        document = answer.json() if answer.content else None
        if not answer.is_success:
            raise RequestRefused(_sentence(document, answer.status_code))
        return document

    async def run_job(self, job_type: str, arguments: Job | None = None) -> Job:
        """Enqueue a job, or find the active one if its type allows only one, and follow it to its end."""
        job = await self.request("POST", f"/jobs/{job_type}", arguments or {})
        return await self.follow(job["id"])

    async def follow(self, job_id: str, stream: TextIO | None = None) -> Job:
        """Draw the progress of a job on `stream` (default: standard output); returns the job when it has ended."""
        drawing = _Drawing(ProgressBar(stream or sys.stdout))
        address = f"{self.url.replace('http', 'ws', 1)}/jobs/{job_id}/ws"
        options: Any = {"additional_headers": self._headers(), "max_size": None, "compression": None, "proxy": None}
        while True:
            try:
                async with connect(address, **options) as socket:
                    async for frame in socket:
                        if (job := drawing.take(json.loads(frame))) is not None:
                            return job
            except (OSError, ConnectionClosed, InvalidHandshake):
                drawing.leave()
            # The first frame of a new connection is the whole truth again.
            await asyncio.sleep(_RECONNECT_AFTER)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def _sentence(document: Any, status: int) -> str:
    document = document if isinstance(document, dict) else {}
    faults = [
        f"{fault.get('pointer', fault.get('parameter', ''))} {fault['detail']}" for fault in document.get("errors", ())
    ]
    return " ".join([document.get("detail", f"The server answered {status}."), *faults])


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
