"""A page with a live progress bar: run `uvicorn examples.progress_page:app`, open http://127.0.0.1:8000."""

import asyncio

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response

from dayjob import JobContext, JobQueue, job
from dayjob.web import LocalOnly, jobs_router

PAGE = """<!doctype html>
<html lang="en">
<head>
  <title>Reports</title>
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <script type="module" src="/jobs/ui/job-progress.js"></script>
  <script type="module" src="/page.js"></script>
</head>
<body>
  <h1>Reports</h1>
  <button id="start">Make the report</button>
  <job-progress label="Report" cancel hidden></job-progress>
  <p id="result" role="status"></p>
</body>
</html>
"""

SCRIPT = """
const bar = document.querySelector("job-progress");
const result = document.querySelector("#result");

document.querySelector("#start").addEventListener("click", async () => {
  const answer = await fetch("/jobs/report", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ pages: 40 }),
  });
  bar.setAttribute("job", (await answer.json()).id);
  bar.hidden = false;
  result.textContent = "";
});

bar.addEventListener("job-completed", (event) => { result.textContent = `${event.detail.result} pages are ready.`; });
bar.addEventListener("job-cancelled", () => { result.textContent = "Cancelled."; });
"""


@job("report", "Make the report")
async def report(ctx: JobContext, pages: int = 40) -> int:
    for number in range(1, pages + 1):
        await asyncio.sleep(0.05)
        await ctx.progress.update(1, f"page {number}", total=pages)
    return pages


app = FastAPI()
app.include_router(jobs_router(JobQueue("sqlite:///jobs.db"), auth=LocalOnly()), prefix="/jobs")


@app.get("/", response_class=HTMLResponse)
async def page() -> str:
    return PAGE


@app.get("/page.js")
async def script() -> Response:
    return Response(SCRIPT, media_type="text/javascript")
