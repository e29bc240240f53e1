// What a person can do to jobs, wherever they stand: asks first where it matters, and says what came of it.

import { inTurns } from "../lib/pace.js";
import { confirm } from "./pieces.js";

const AT_ONCE = 6;

export class Actions {
  constructor(api, store, note) {
    Object.assign(this, { api, store, note });
  }

  async cancel(job) {
    const running = job.status === "running";
    if (running && !(await confirm(`Cancel ${job.type}? It stops where it is.`, "Cancel the job", "Let it run"))) return;
    await this._try(async () => {
      const now = await this.api.cancel(job.id);
      this.store.accept(now);
      this.note(now.status === "cancelled" ? `${job.type} is cancelled` : `${job.type} is being cancelled`);
    });
  }

  /** A new job with the same arguments; resolves to it, or undefined. */
  async retry(job) {
    return this._try(async () => {
      const made = await this.api.retry(job.id);
      this.store.accept(made);
      this.note(`${job.type} was queued again`);
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
    if (done) this.note(`${done} ${done === 1 ? "job" : "jobs"} ${word}`);
    if (faults.length) this.note(`${faults.length} not: ${faults[0]}`, true);
  }

  async _try(work) {
    try {
      return await work();
    } catch (error) {
      this.note(error.message, true);
      return undefined;
    }
  }
}
