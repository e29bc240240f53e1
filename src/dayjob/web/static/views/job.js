// One job: how it is, how it came to be so, what it was given, what it gave, what it said.

import "../job-progress.js";
import { LOG_PAGE, Problem } from "../lib/api.js";
import { el, onceAFrame, redraw, setAttribute, setText, show } from "../lib/dom.js";
import { ACTIVE, absolute, duration, ran, relative } from "../lib/format.js";
import { Line } from "../lib/line.js";
import { isNews, withProgress } from "../lib/news.js";
import { throttle } from "../lib/pace.js";
import { icon } from "../parts/icons.js";
import { jsonView } from "../parts/json-view.js";
import { LogView } from "../parts/log-view.js";
import { badge, button, copyButton, empty, fault, link, section } from "../parts/pieces.js";

const OUTCOMES = { complete: "completed", fail: "failed", cancel: "was cancelled", retry: "failed; another attempt is due", wait: "ended, to wait for its children", release: "was interrupted and put back" };
const ICONS = { complete: "completed", fail: "failed", cancel: "cancelled", retry: "retrying", wait: "pending", release: "pending" };

export function jobView(root, context) {
  return new JobView(root, context);
}

class JobView {
  constructor(root, { app, api, actions, store, id }) {
    Object.assign(this, { root, app, api, actions, store, id, job: null, attempts: [], stages: [], log: new LogView() });
    root.append(this._title("Job"), el("p", { class: "quiet" }, "Reading …"));
    this.end = new AbortController();
    this.draw = onceAFrame(() => this._draw());
    this.attemptsSoon = throttle(() => this._readAttempts());
    this.clock = setInterval(() => this._facts(), 1000);
    this._connect();
  }

  close() {
    this.end.abort();
    this.line?.close();
    this.draw.cancel();
    this.attemptsSoon.cancel();
    clearInterval(this.clock);
  }

  async _connect() {
    const { signal } = this.end;
    try {
      if (/^\.*$/.test(this.id)) throw new Problem(404); // no id, but a way to another address
      this._take(await this.api.get(this.id, signal)); // first, since a socket cannot say why it is refused
      if (this.job.completed_at) await this._readLogs(signal);
      else this._listen();
    } catch (error) {
      if (signal.aborted) return;
      if (this.job) this.app.note(`The log cannot be read: ${error.message}`, true);
      else this._failed(error);
    }
  }

  _listen() {
    const address = this.api.socket(`/${encodeURIComponent(this.id)}/ws`, { logs: 1 });
    this.line = new Line(address, { frame: (message) => this._heard(message), poll: (signal) => this._poll(signal) }).open();
  }

  _failed(error) {
    if (error.status !== 404) this.root.replaceChildren(this._title("Job"), fault(error, () => this._connect()));
    else this.root.replaceChildren(this._title("No such job"), empty("There is no job with this id", `“${this.id}” was never here, or its time in the history is over.`, link("#/jobs", "To all jobs", { class: "button primary" })));
    this.app.arrived();
  }

  _title(text) {
    return el("div", { class: "heading" }, el("h1", { tabindex: -1 }, text));
  }

  async _poll(signal) {
    this._take(await this.api.get(this.id, signal));
    await this._readLogs(signal);
    if (this.job.completed_at) this.line?.close();
  }

  async _readLogs(signal) {
    for (let more = true; more;) {
      const page = await this.api.logs(this.id, this.log.seen, signal);
      this.log.add(page.items);
      more = page.items.length >= LOG_PAGE;
    }
  }

  _heard(message) {
    if (message.type === "log") this.log.add(message.lines);
    else if (message.type === "status") this._take(message.job);
    else if (message.type === "progress" && this.job) this._take(withProgress(this.job, message));
  }

  _take(job) {
    const was = this.job;
    if (!isNews(was, job, true)) return;
    this.job = job;
    if (job.attempt !== was?.attempt) this.stages = [];
    if (job.stage && this.stages.at(-1) !== job.stage) this.stages = [...this.stages.filter((stage) => stage !== job.stage), job.stage];
    if (!was) this._build();
    if (!was || was.status !== job.status || was.attempt !== job.attempt) this.attemptsSoon();
    if (job.result_size) this._readResult();
    this.draw();
  }

  async _readAttempts() {
    try {
      this.attempts = await this.api.attempts(this.id, this.end.signal);
    } catch {
      return; // they are beside the point; the next change reads them again
    }
    this.draw();
  }

  async _readResult() {
    const whole = await this.api.get(this.id, this.end.signal).catch(() => null);
    if (whole) this._take(whole);
  }

  _build() {
    const { job } = this;
    this.badge = badge(job);
    this.bar = el("job-progress", {});
    this.cancel = button("Cancel", () => this.actions.cancel(this.job), { act: "cancel", iconName: "close" });
    this.retry = button("Retry", () => this._retry(), { act: "retry", iconName: "retrying" });
    this.again = link(`#/new/${encodeURIComponent(job.type)}?from=${encodeURIComponent(job.id)}`, "Run with changes", { class: "button" });
    this.stageList = el("ol", { class: "stages", "aria-label": "Stages" });
    this.factList = el("dl", { class: "facts" });
    this.timeline = el("ol", { class: "timeline" });
    this.outcome = el("div", {});
    this.attemptList = el("div", {});
    this.children = link(`#/jobs?parent=${encodeURIComponent(job.id)}`, "Its children", { hidden: true });
    this.root.replaceChildren(
      link("#/jobs", "Jobs", { class: "crumb" }),
      el("div", { class: "heading" },
        el("h1", { tabindex: -1 }, job.type), this.badge.node,
        el("div", { class: "actions" }, this.cancel, this.retry, this.again)),
      el("div", { class: "job-id" }, el("code", {}, job.id), copyButton(() => job.id, "Copy id"), this.children,
        job.parent_id && link(`#/job/${encodeURIComponent(job.parent_id)}`, "Its parent")),
      el("section", { class: "section panel", "aria-label": "Progress" }, this.bar, this.stageList),
      this.outcome,
      el("div", { class: "columns" },
        el("div", {},
          section("Log", this.log.node),
          section("Arguments", Object.keys(job.args ?? {}).length ? jsonView(job.args, "Arguments") : el("p", { class: "quiet" }, "None."))),
        el("div", {}, section("Timeline", this.timeline, this.factList), this.attemptList)));
    this.app.arrived();
  }

  _draw() {
    const { job } = this;
    const active = ACTIVE.includes(job.status);
    this.badge.update(job);
    this.bar.state = job;
    show(this.cancel, active);
    this.cancel.disabled = Boolean(job.cancel_requested_at);
    show(this.retry, !active);
    if (!active) this.log.end();
    show(this.children, job.waits_for || this.attempts.some((each) => each.outcome === "wait"));
    setText(this.retry.lastChild, job.status === "completed" ? "Run again" : "Retry");
    this._drawStages();
    this._drawOutcome();
    this._drawTimeline();
    this._drawAttempts();
    this._facts();
  }

  _drawStages() {
    const current = this.job.status === "running" ? this.job.stage : null;
    const key = `${this.stages.join("\n")} ${current}`;
    show(this.stageList, this.stages.length);
    redraw(this.stageList, key, () => this.stages.map((stage) => el("li", { class: stage === current ? "stage now" : "stage", "aria-current": stage === current ? "step" : null }, icon(stage === current ? "running" : "completed"), stage)));
  }

  _drawOutcome() {
    const { job } = this;
    const last = this.attempts.findLast((each) => each.error);
    const key = `${job.completed_at && job.rev} ${job.status} ${job.error} ${last?.attempt} ${Boolean(last?.traceback)} ${job.result_size ?? ""}`; // a large result comes later
    const error = job.error ?? last?.error;
    redraw(this.outcome, key, () => [
      (job.status === "failed" || (error && job.status !== "completed")) && errorBox(error, job.status === "failed" ? last?.traceback : null),
      job.status === "completed" && section("Result", job.result === null ? el("p", { class: "quiet" }, "None.") : jsonView(job.result, "Result")),
    ]);
  }

  _drawTimeline() {
    const steps = timeline(this.job, this.attempts);
    redraw(this.timeline, JSON.stringify(steps), () => steps.map(([name, text, at, kind]) => el("li", { class: `step step-${kind ?? name}` }, icon(name),
      el("div", {}, el("span", {}, text), at && el("time", { datetime: at, title: absolute(at) }, relative(at))))));
  }

  _drawAttempts() {
    const failed = this.attempts.filter((each) => each.traceback || each.error);
    const earlier = failed.filter((each) => !(this.job.status === "failed" && each === failed.at(-1)));
    redraw(this.attemptList, earlier.length, () => earlier.length > 0 && section("Earlier attempts", ...earlier.map(attemptBox)));
  }

  _facts() {
    const { job } = this;
    if (!job || !this.factList) return;
    const facts = [
      ["Ran", duration(ran(job))],
      ["Attempt", job.attempt ? `${job.attempt}${job.max_attempts > 1 ? ` (gives up after ${job.max_attempts} failures)` : ""}` : ""],
      ["Owner", job.owner ?? ""],
      ["Priority", job.priority ? String(job.priority) : ""],
      ["Worker", job.worker ?? (job.status === "pending" && this.store?.stats?.unknown_types?.includes(job.type) ? "None knows this type" : "")],
    ].filter(([, text]) => text);
    if (this.factList.childElementCount !== facts.length) this.factList.replaceChildren(...facts.map(([name]) => el("div", {}, el("dt", {}, name), el("dd", {}))));
    facts.forEach(([name, text], index) => {
      const [term, value] = this.factList.children[index].children;
      setText(term, name);
      setText(value, text);
      setAttribute(value, "title", name === "Worker" ? text : null);
    });
  }

  async _retry() {
    const made = await this.actions.retry(this.job);
    if (made) this.app.go(`#/job/${encodeURIComponent(made.id)}`);
  }
}

/** [icon, text, time, kind] of each step, oldest first. */
function timeline(job, attempts) {
  const steps = [["plus", "Created", job.created_at]];
  for (const each of attempts) {
    if (each.started_at) steps.push(["running", `Attempt ${each.attempt} started`, each.started_at]);
    if (!(job.completed_at && each === attempts.at(-1))) steps.push([ICONS[each.outcome] ?? "failed", `Attempt ${each.attempt} ${OUTCOMES[each.outcome] ?? each.outcome}`, each.ended_at, each.outcome]);
  }
  const begun = attempts.some((each) => each.attempt === job.attempt);
  if (job.started_at && !begun) steps.push(["running", job.attempt > 1 ? `Attempt ${job.attempt} started` : "Started", job.started_at]);
  if (job.cancel_requested_at) steps.push(["cancelling", "Cancel asked for", job.cancel_requested_at]);
  if (job.stalled_since && job.status === "running") steps.push(["stalled", "No progress since", job.stalled_since]);
  if (job.completed_at) steps.push([job.status, job.status.charAt(0).toUpperCase() + job.status.slice(1), job.completed_at]);
  else if (job.status === "pending" && job.waits_for) steps.push(["pending", `Waits for ${job.waits_for === 1 ? "1 child" : `${job.waits_for} children`}`, null, "open"]);
  else if (job.status === "pending") steps.push(["pending", job.attempt ? "Next attempt" : "Due", job.run_at ?? job.created_at, "open"]);
  return steps;
}

function errorBox(error, traceback) {
  return el("section", { class: "section", "aria-label": "Error" }, el("div", { class: "error-box" },
    el("p", { class: "error-text" }, icon("failed"), el("span", {}, error)),
    traceback && el("details", { open: true }, el("summary", {}, "Traceback"), tracebackView(traceback))));
}

function tracebackView(text) {
  return el("div", { class: "json-box" }, el("pre", { class: "traceback", tabindex: 0, role: "group", "aria-label": "Traceback" }, text), copyButton(() => text, "Copy traceback"));
}

function attemptBox(each) {
  const line = [icon(ICONS[each.outcome] ?? "failed"), el("span", {}, `Attempt ${each.attempt}: ${each.error ?? OUTCOMES[each.outcome]}`)];
  if (!each.traceback) return el("p", { class: "attempt" }, line); // there is none, or it is not for this person
  return el("details", { class: "attempt" }, el("summary", {}, line), tracebackView(each.traceback));
}
