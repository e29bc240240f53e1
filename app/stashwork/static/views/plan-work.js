// The job at work on a plan: its bar, and a sentence about how it ended.

import { count, el, icon } from "../jobs.js";
import { OUTCOMES } from "../pieces.js";

const WRITERS = ["apply_plan", "undo_plan"];
const UNDONE = [["done", "taken back"], ["already", "so already"], ["conflict", "changed since and kept"], ["gone", "gone"], ["failed", "refused"]];

/** Calls `began()` when a job is followed, `moved(job)` when it gets further, and `ended()`; its `node` is for the page. */
export class PlanWork {
  constructor(planId, { app, store, jobs }, { began, moved, ended }) {
    Object.assign(this, { planId, app, store, jobs, began, moved, ended });
    this.node = el("div", { class: "work" });
    this.heard = ({ detail: { job, was } }) => { if (WRITERS.includes(job?.type) && job.status !== was?.status) this._heard(job); };
    store.addEventListener("job", this.heard);
  }

  close() {
    this.store.removeEventListener("job", this.heard);
  }

  /** The job that is at work by now; else, how the last one failed, for somebody who comes later. */
  async find() {
    const found = await this.app.attempt(() => this.jobs.list({ type: WRITERS, limit: 10 }));
    for (const job of found?.items ?? []) {
      const whole = await this._isOurs(job);
      if (!whole) continue;
      if (!whole.completed_at) this.follow(job.id);
      else if (whole.status === "failed") this._tell(whole);
      return;
    }
  }

  follow(jobId, label = "Writing to Stash") {
    if (this.node.firstChild?.getAttribute("job") === jobId) return;
    const bar = el("job-progress", { job: jobId, cancel: true, label, class: "panel" });
    for (const name of ["completed", "failed", "cancelled"]) bar.addEventListener(`job-${name}`, ({ detail }) => this._ended(detail));
    bar.addEventListener("job-progress", ({ detail }) => this.moved(detail));
    this.node.replaceChildren(bar);
    this.began();
  }

  async _isOurs(job) {
    const whole = await this.app.attempt(() => this.jobs.get(job.id));
    return whole?.job_args?.plan_id === this.planId || whole?.args?.plan_id === this.planId ? whole : null;
  }

  async _heard(job) {
    if (job.completed_at) this.ended();
    else if (await this._isOurs(job)) this.follow(job.id);
  }

  _ended(job) {
    if (WRITERS.includes(job.type)) this._tell(job);
    else this.node.replaceChildren();
    this.ended();
  }

  _tell(job) {
    const isBad = job.status === "failed";
    this.node.replaceChildren(el("p", { class: `notice ${isBad ? "notice-bad" : "notice-good"}`, role: "status" }, icon(isBad ? "warning" : "completed"), el("span", {}, sentence(job))));
  }
}

function sentence({ type, status, result, error }) {
  const isUndo = type === "undo_plan";
  if (status === "failed") return error;
  if (status === "cancelled") return `Cancelled. What was ${isUndo ? "taken back" : "written"} is noted; ${isUndo ? "undo" : "apply"} again to go on.`;
  const words = (isUndo ? UNDONE : OUTCOMES).filter(([name]) => result?.[name]).map(([name, text]) => `${count(result[name])} ${text}`).join(", ");
  return `${isUndo ? "Undone" : "Applied"}: ${words || "nothing to do"}.`;
}
