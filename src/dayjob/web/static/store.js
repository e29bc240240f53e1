// What the pages know about the queue: fed by the all-jobs socket, put right by REST after every gap.

import { Problem } from "./lib/api.js";
import { Line } from "./lib/line.js";
import { isNews, withProgress } from "./lib/news.js";
import { inTurns, isSeen, throttle } from "./lib/pace.js";

const KEPT = 1000; // finished jobs; running and waiting ones are never forgotten
const PAGE = 200;
const AT_ONCE = 6; // requests
const STATS_EVERY = 15_000;
const STATS_AFTER_NEWS = { after: 1_500, every: 1_500 };
const AFTER_A_GAP = { after: 150, every: 2_000 };
const MANY = 30; // jobs for which reading the list costs less than reading each
const MOST_WAITING = 200; // waiting jobs that are read one by one after a gap

/** Events: `job` (detail {job, was}), `line` (detail as in Line), `stats`, `resync` (lists have to be read again). */
export class Store extends EventTarget {
  constructor(jobs) {
    super();
    Object.assign(this, { api: jobs, jobs: new Map(), stats: undefined, workers: null, schedules: null, problem: null });
    this.line = { name: "connecting", code: null, since: null };
    this.denied = new Set(); // of "stats", "workers" and "schedules": what may= does not let this person see
    this.unknown = new Set(); // ids of jobs that get further, and that we were not told of
    this.asked = new Set(); // those that were asked for
    this.statsTurn = this.statsRead = 0;
    const guarded = (work) => () => work().catch((error) => this._failed(error));
    this.readSoon = throttle(guarded(() => this._readAgain()), AFTER_A_GAP);
    this.meetSoon = throttle(guarded(() => this._meet()), AFTER_A_GAP);
    this.statsSoon = throttle(guarded(() => this.readStats()), STATS_AFTER_NEWS);
  }

  start() {
    this.socket = new Line(this.api.socket("/ws"), {
      frame: (message) => this._heard(message),
      connection: (line) => this._lineIs(line),
      poll: () => this._readAgain(),
    }).open();
    this.refresh().catch((error) => this._failed(error));
    setInterval(() => this._look(), STATS_EVERY);
    document.addEventListener("visibilitychange", () => this._look());
  }

  /** The running jobs: the one that started last comes first. */
  running() {
    return [...this.jobs.values()].filter((job) => job.status === "running").sort(byStart);
  }

  /** The jobs that have not ended, as far as they are known: the running ones first, and the newest of each. */
  active() {
    return [...this.jobs.values()].filter((job) => !job.completed_at).sort(byCreation);
  }

  /**
   * Take in a job, from wherever (`live`: from the socket), unless it is older than what is known. Returns what is known
   * now.
   */
  accept(job, live = false) {
    const was = this.jobs.get(job.id);
    if (!isNews(was, job, live)) return was;
    const same = was && was.status === job.status && was.attempt === job.attempt;
    const now = same ? { ...job, rate: job.rate ?? was.rate, eta_seconds: job.eta_seconds ?? was.eta_seconds } : job;
    this.jobs.delete(job.id);
    this.jobs.set(job.id, now);
    if (!same) this.statsSoon();
    this._trim();
    this._emit("job", { id: job.id, job: now, was });
    return now;
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
    const turn = ++this.statsTurn;
    const names = ["stats", "workers", "schedules"];
    const answers = await Promise.allSettled(names.map((name) => this.api[name]()));
    if (turn < this.statsRead) return; // a later one was faster
    this.statsRead = turn;
    const [stats] = answers;
    // 403: may= lets this person see jobs of their own, and not the numbers of all.
    if (stats.status === "rejected" && stats.reason.status !== 403) throw stats.reason;
    this.denied.clear();
    names.forEach((name, index) => this._told(name, answers[index]));
    this._emit("stats");
  }

  /** What was refused is null (`stats` is undefined until it was read); what could not be read stays as it was. */
  _told(name, { value, reason }) {
    if (!reason) this[name] = value;
    else if (reason.status === 403) {
      this[name] = null;
      this.denied.add(name);
    }
  }

  _heard(message) {
    if (message.type === "status") this.accept(message.job, true);
    else if (message.type === "progress") this._progressed(message);
    else if (message.type === "resync") this.readSoon();
  }

  _progressed(frame) {
    const job = this.jobs.get(frame.job_id);
    if (!job) return this._isUnknown(frame.job_id);
    const now = withProgress(job, frame);
    if (now !== job) this.accept(now, true);
  }

  /** It runs, and we were not told: there are more than the socket begins with. */
  _isUnknown(id) {
    if (this.asked.has(id)) return;
    this.asked.add(id);
    this.unknown.add(id);
    this.meetSoon();
  }

  async _meet() {
    const ids = [...this.unknown].filter((id) => !this.jobs.has(id));
    this.unknown.clear();
    try {
      await (ids.length > MANY ? this._reconcile() : inTurns(ids, AT_ONCE, (id) => this._read(id)));
    } catch (error) {
      ids.forEach((id) => this.asked.delete(id)); // their next frame is the next try
      throw error;
    }
  }

  _trim() {
    if (this.jobs.size <= 2 * KEPT) return;
    const ended = [...this.jobs.values()].filter((job) => job.completed_at);
    for (const job of ended.slice(0, Math.max(0, ended.length - KEPT))) this.jobs.delete(job.id);
  }

  /** What ran when the line broke may have ended since: only the list knows. */
  async _reconcile() {
    const before = this.active();
    const found = new Set();
    let cursor = null;
    do {
      const page = await this.api.list({ status: "running", limit: PAGE, cursor });
      for (const job of page.items) found.add(this.accept(job).id);
      cursor = page.next;
    } while (cursor);
    const lost = before.filter((job) => !found.has(job.id) && this.jobs.get(job.id) === job);
    const waiting = lost.filter((job) => job.status === "pending");
    for (const job of waiting.slice(MOST_WAITING)) this.jobs.delete(job.id); // lists read them themselves
    await inTurns([...lost.filter((job) => job.status === "running"), ...waiting.slice(0, MOST_WAITING)], AT_ONCE, (job) => this._read(job.id));
  }

  async _read(id) {
    try {
      this.accept(await this.api.get(id));
    } catch (error) {
      if (error.status !== 404 && error.status !== 403) throw error;
      this.forget(id); // it is gone, or not for this person any more
    }
  }

  _lineIs(line) {
    const before = this.line.name;
    this.line = line;
    this._emit("line", line);
    if (line.name === "live") this.asked.clear();
    if (line.name === "live" && before !== "connecting") this.readSoon();
    if (line.name === "refused") this._problemIs(new Problem(line.code - 4000));
  }

  async _readAgain() {
    this._emit("resync");
    await this.refresh();
  }

  _look() {
    if (isSeen()) this.readStats().catch((error) => this._failed(error));
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
  return compare(b.started_at ?? b.created_at, a.started_at ?? a.created_at) || compare(b.id, a.id);
}

function byCreation(a, b) {
  return compare(a.status !== "running", b.status !== "running") || compare(b.created_at, a.created_at) || compare(b.id, a.id);
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}
