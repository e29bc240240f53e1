// What a person can do to jobs, wherever they stand: asks first where it matters, and says what came of it.

import { inTurns } from "../lib/pace.js";
import { confirm } from "./dialog.js";

const AT_ONCE = 6;

export class Actions {
  constructor(api, store, app) {
    Object.assign(this, { api, store, app });
  }

  async cancel(job) {
    const running = job.status === "running";
    if (running && !(await confirm(`Cancel ${job.type}? It stops where it is.`, "Cancel the job", "Let it run"))) return;
    await this.app.attempt(async () => {
      const now = await this.api.cancel(job.id);
      this.store.accept(now);
      this.app.note(now.status === "cancelled" ? `${job.type} is cancelled` : `${job.type} is being cancelled`);
    });
  }

  /** A new job with the same arguments; resolves to it, or undefined. */
  async retry(job) {
    return this.app.attempt(async () => {
      const made = await this.api.retry(job.id);
      this.store.accept(made);
      this.app.note(`${job.type} was queued again`);
      return made;
    });
  }

  async cancelAll(jobs) {
    if (!(await confirm(`Cancel ${jobs.length} ${jobs.length === 1 ? "job" : "jobs"}?`, "Cancel them", "Go back"))) return;
    await this._all(jobs, (job) => this.api.cancel(job.id), "cancelled");
  }

  async retryAll(jobs) {
    await this._all(jobs, (job) => this.api.retry(job.id), "queued again");
  }

  async _all(jobs, call, word) {
    let done = 0;
    const faults = [];
    await inTurns(jobs, AT_ONCE, async (job) => {
      try {
        this.store.accept(await call(job));
        done += 1;
      } catch (error) {
        faults.push(error.message);
      }
    });
    if (done) this.app.note(`${done} ${done === 1 ? "job" : "jobs"} ${word}`);
    if (faults.length) this.app.note(`${faults.length} not: ${faults[0]}`, true);
  }
}
