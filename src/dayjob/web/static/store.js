// What the pages know about the queue: fed by the all-jobs socket, put right by REST after every gap.

import { Problem } from "./lib/api.js";
import { Line } from "./lib/line.js";
import { withProgress } from "./job-progress.js";

const KEPT = 1000; // finished jobs; running and waiting ones are never forgotten
const STATS_EVERY = 15_000;
const STATS_AFTER_NEWS = 1_500;
const LOST_AT_ONCE = 50;

/** Events: `job` (detail {job, was}), `line` (detail as in Line), `stats`, `resync` (lists have to be read again). */
export class Store extends EventTarget {
  constructor(jobs) {
    super();
    Object.assign(this, { api: jobs, jobs: new Map(), stats: undefined, workers: null, schedules: null, problem: null });
    this.line = { name: "connecting", code: null, since: null };
  }

  start() {
    this.socket = new Line(this.api.socket("/ws"), {
      frame: (message) => this._heard(message),
      state: (line) => this._lineIs(line),
      poll: () => this.refresh(),
    }).open();
    this.refresh().catch((error) => this._failed(error));
    setInterval(() => this._look(), STATS_EVERY);
    document.addEventListener("visibilitychange", () => this._look());
  }

  running() {
    return [...this.jobs.values()].filter((job) => job.status === "running").sort(byStart);
  }

  /** Take in a job that REST answered with. The socket is faster: what it told already is kept. */
  learn(job) {
    const was = this.jobs.get(job.id);
    if (was && was.rev >= job.rev) return was;
    return this._put(job);
  }

  forget(id) {
    this.jobs.delete(id);
    this._emit("job", { id, job: null });
  }

  /** Read everything that the overview shows. Rejects with the first `Problem`. */
  async refresh() {
    await Promise.all([this._reconcile(), this.readStats()]);
    this._problemIs(null);
  }

  async readStats() {
    const [stats, workers, schedules] = await Promise.allSettled([this.api.stats(), this.api.workers(), this.api.schedules()]);
    // 403: may= lets this person see jobs of their own, and not the numbers of all.
    if (stats.status === "rejected" && stats.reason.status !== 403) throw stats.reason;
    this.stats = stats.value ?? null; // undefined only until it was read
    this.workers = workers.value ?? null; // a person who may only read has no business with processes
    this.schedules = schedules.value ?? null;
    this._emit("stats");
  }

  _heard(message) {
    if (message.type === "status") this._put(message.job);
    else if (message.type === "progress") this._progressed(message);
    else if (message.type === "resync") this._again();
  }

  _progressed(frame) {
    const job = this.jobs.get(frame.job_id);
    if (job) this._put(withProgress(job, frame));
    else this._again(); // it runs, and we were not told: there are more than the socket begins with
  }

  _put(job) {
    const was = this.jobs.get(job.id);
    const same = was && was.status === job.status && was.attempt === job.attempt;
    this.jobs.delete(job.id);
    this.jobs.set(job.id, same ? { ...job, rate: job.rate ?? was.rate, eta_seconds: job.eta_seconds ?? was.eta_seconds } : job);
    if (!same) this._statsSoon();
    this._trim();
    const now = this.jobs.get(job.id);
    this._emit("job", { id: job.id, job: now, was });
    return now;
  }

  _trim() {
    if (this.jobs.size <= 2 * KEPT) return;
    const ended = [...this.jobs.values()].filter((job) => job.completed_at);
    for (const job of ended.slice(0, Math.max(0, ended.length - KEPT))) this.jobs.delete(job.id);
  }

  /** What ran when the line broke may have ended since: only the list knows. */
  async _reconcile() {
    const page = await this.api.list({ status: "running", limit: 200 });
    const running = new Set(page.items.map((job) => job.id));
    page.items.forEach((job) => this.learn(job));
    if (page.next) return;
    const lost = this.running().filter((job) => !running.has(job.id)).slice(0, LOST_AT_ONCE);
    await Promise.all(lost.map((job) => this._reread(job.id)));
  }

  async _reread(id) {
    try {
      this.learn(await this.api.get(id));
    } catch (error) {
      if (error.status !== 404) throw error;
      this.forget(id);
    }
  }

  _lineIs(line) {
    const before = this.line.name;
    this.line = line;
    this._emit("line", line);
    if (line.name === "live" && before !== "connecting") this._again();
    if (line.name === "refused") this._problemIs(new Problem(line.code - 4000));
  }

  _again() {
    clearTimeout(this.againTimer);
    this.againTimer = setTimeout(() => {
      this._emit("resync");
      this.refresh().catch((error) => this._failed(error));
    }, 150);
  }

  _statsSoon() {
    this.statsTimer ||= setTimeout(() => {
      this.statsTimer = 0;
      this.readStats().catch((error) => this._failed(error));
    }, STATS_AFTER_NEWS);
  }

  _look() {
    if (document.visibilityState === "visible") this.readStats().catch((error) => this._failed(error));
  }

  _failed(error) {
    if (!(error instanceof Problem)) throw error;
    if (error.refused) this._problemIs(error);
  }

  _problemIs(problem) {
    if (this.problem?.status === problem?.status) return;
    this.problem = problem;
    this._emit("line", this.line);
  }

  _emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}

function byStart(a, b) {
  return (a.started_at ?? a.created_at) < (b.started_at ?? b.created_at) ? 1 : -1;
}
