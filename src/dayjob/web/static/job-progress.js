// <job-progress job="ID">: a live progress bar for any page. docs/job-progress.md explains it.

import { Jobs } from "./lib/api.js";
import { el, setAttribute, setText, show } from "./lib/dom.js";
import { TimeLeft, items, percent, rate } from "./lib/format.js";
import { Line } from "./lib/line.js";
import { isNews, withProgress } from "./lib/news.js";
import { isSeen } from "./lib/pace.js";

const HERE = new URL("..", import.meta.url).href; // {prefix}/ui/job-progress.js -> {prefix}/

const WORDS = {
  pending: "Waiting",
  running: "",
  completed: "Completed",
  failed: "Failed",
  cancelled: "Cancelled",
};

// A constructed sheet: allowed under a strict Content-Security-Policy, where a <style> element is not.
const sheet = new CSSStyleSheet();
sheet.replaceSync(`
  :host { display: block; font: inherit; color: inherit; font-variant-numeric: tabular-nums; }
  :host([hidden]), [hidden] { display: none !important; }
  .head, .foot { display: flex; align-items: baseline; gap: .25em 1em; flex-wrap: wrap; }
  .head { justify-content: space-between; margin-block-end: .4em; }
  .head:not(:has(> :not([hidden]))) { display: none; }
  .label { font-weight: 600; overflow-wrap: anywhere; }
  .track {
    block-size: var(--job-progress-height, 8px); border-radius: var(--job-progress-radius, 99px); overflow: hidden;
    background: var(--job-progress-track, color-mix(in srgb, currentColor 13%, transparent));
  }
  .bar {
    --left: 101%; /* of the track, that the bar does not cover */
    --ahead: 1; /* where it grows to: the right, or the left */
    block-size: 100%; inline-size: 100%; border-radius: inherit; transform: translateX(calc(var(--ahead) * -1 * var(--left)));
    background: var(--job-progress-color, #3451c6); transition: transform .5s linear, background-color .3s;
  }
  .bar:dir(rtl) { --ahead: -1; }
  .bar.snap { transition: none; }
  :host([status=completed]) .bar { background: var(--job-progress-completed, #1a7f4b); }
  :host([status=failed]) .bar { background: var(--job-progress-failed, #c4314b); }
  :host([status=cancelled]) .bar { background: var(--job-progress-cancelled, #77767b); }
  .track.indeterminate .bar { transform: none; inline-size: 32%; animation: slide 1.6s ease-in-out infinite; }
  @keyframes slide { from { transform: translateX(calc(var(--ahead) * -105%)); } to { transform: translateX(calc(var(--ahead) * 320%)); } }
  .foot { margin-block-start: .45em; font-size: var(--job-progress-small, .875em); }
  .facts { color: var(--job-progress-muted, inherit); display: flex; gap: .15em 1em; flex-wrap: wrap; }
  .percent { min-inline-size: 3.2ch; }
  .message { color: var(--job-progress-muted, inherit); overflow-wrap: anywhere; font-size: var(--job-progress-small, .875em);
    margin-block-start: .2em; }
  :host([status=running]) .message { min-block-size: 1.5em; }
  .line { font-style: italic; }
  button { font: inherit; font-size: var(--job-progress-small, .875em); color: inherit; cursor: pointer; padding: .2em .8em;
    border: 1px solid color-mix(in srgb, currentColor 35%, transparent); border-radius: 7px; background: none; }
  button:hover:not(:disabled) { background: color-mix(in srgb, currentColor 8%, transparent); }
  button:disabled { opacity: .65; cursor: default; }
  button:focus-visible { outline: 2px solid var(--job-progress-color, #3451c6); outline-offset: 2px; }
  @media (prefers-reduced-motion: reduce) {
    .bar { transition: none; }
    .track.indeterminate .bar { animation: none; inline-size: 100%; opacity: .45;
      background: repeating-linear-gradient(115deg, var(--job-progress-color, #3451c6) 0 8px, transparent 8px 16px); }
  }
  @media (forced-colors: active) { .track { border: 1px solid; } .bar { background: Highlight !important; } }
`);

/**
 * Attributes: `job` (its id), `src` (where the router is; by default where this script comes from), `label`, `cancel`
 * (shows a button). Property `state`: a job document; a page that has its own source of news sets it and leaves out `job`.
 * Events: `job-progress`, `job-completed`, `job-failed`, `job-cancelled`, with the job as `detail`; they bubble.
 */
export class JobProgress extends HTMLElement {
  static observedAttributes = ["job", "src", "label", "cancel"];

  constructor() {
    super();
    this.left = new TimeLeft();
    this.signedOut = false;
    this.seen = () => { if (this.signedOut && isSeen()) this.reconnect(); };
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
    this._build();
  }

  connectedCallback() {
    document.addEventListener("visibilitychange", this.seen);
    this._follow();
    this._draw();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.seen);
    this._unfollow();
  }

  attributeChangedCallback(name, before, after) {
    if (before === after || !this.isConnected) return;
    if (name === "job" || name === "src") this._follow();
    this._draw();
  }

  /** The newest state, as in GET /jobs/{id}; null until it is known. */
  get state() {
    return this._job ?? null;
  }

  set state(job) {
    const was = this._job;
    this._job = job;
    this._draw();
    if (!job || !this.getAttribute("job")) return;
    this._emit("job-progress", job);
    if (job.status !== was?.status && job.completed_at) this._emit(`job-${job.status}`, job);
  }

  /** Try again where it was told not to, such as after signing in without loading the page anew. */
  reconnect() {
    if (this.isConnected) this._follow();
    this._draw();
  }

  /** Ask the server to cancel the job. */
  async cancel() {
    this.button.disabled = true;
    try {
      const job = await this._jobs().cancel(this.getAttribute("job"));
      if (job.id === this._job?.id && isNews(this._job, job)) this.state = { ...this._job, ...job };
    } catch (error) {
      this.button.disabled = false;
      this._say(error.message);
    }
  }

  _jobs() {
    return new Jobs(new URL(this.getAttribute("src") || HERE, document.baseURI).href);
  }

  _emit(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  _follow() {
    this._unfollow();
    this.signedOut = false;
    const id = this.getAttribute("job");
    if (!id) return;
    this._job = null;
    const jobs = this._jobs();
    this.line = new Line(jobs.socket(`/${encodeURIComponent(id)}/ws`), {
      frame: (message) => this._heard(message),
      connection: (line) => this._lineIs(line),
      poll: async (signal) => {
        this.state = await jobs.get(id, signal);
        if (this._job.completed_at) this._unfollow();
      },
    }).open();
  }

  _unfollow() {
    this.line?.close();
    this.line = null;
  }

  _heard(message) {
    const told = message.type === "status" ? message.job : message.type === "progress" && this._job ? withProgress(this._job, message) : null;
    if (told && told !== this._job && isNews(this._job, told, true)) this.state = told;
  }

  _lineIs({ name, code }) {
    const reasons = { 4401: "Sign in to see this job.", 4403: "You may not see this job.", 4404: "There is no such job." };
    this.signedOut = name === "refused" && code === 4401;
    if (name === "refused") this._say(reasons[code] ?? "This job cannot be shown.");
    else this._say(name === "reconnecting" ? "reconnecting …" : "");
  }

  _say(text) {
    setText(this.lineText, text);
    show(this.lineText, text);
  }

  _build() {
    this.label = el("span", { class: "label", part: "label" });
    this.button = el("button", { type: "button", part: "cancel", onclick: () => this.cancel() }, "Cancel");
    this.bar = el("div", { class: "bar snap", part: "bar" });
    this.track = el("div", { class: "track", part: "track", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, this.bar);
    this.facts = Object.fromEntries(
      ["percent", "items", "rate", "eta"].map((name) => [name, el("span", { class: name, part: name })]),
    );
    this.lineText = el("span", { class: "line", part: "line", hidden: true });
    this.message = el("div", { class: "message", part: "message" });
    this.shadowRoot.append(
      el("div", { class: "head" }, this.label, this.button),
      this.track,
      el("div", { class: "foot", part: "facts" }, el("span", { class: "facts" }, ...Object.values(this.facts)), this.lineText),
      this.message,
    );
  }

  _draw() {
    const job = this._job ?? { status: "pending", progress: 0, processed_items: 0 };
    const known = Boolean(this._job);
    const open = job.status === "running" && !job.total_items && !job.progress;
    const done = percent(job);
    setAttribute(this, "status", known ? job.status : null);
    const label = this.getAttribute("label") ?? "";
    setText(this.label, label);
    show(this.label, label);
    show(this.button, this.hasAttribute("cancel") && known && !job.completed_at);
    this.button.disabled = Boolean(job.cancel_requested_at);
    setText(this.button, job.cancel_requested_at ? "Cancelling …" : "Cancel");
    this._drawBar(label || job.type || "Progress", done, open, this._drawFacts(job, known, done, open));
    setText(this.message, [job.status === "running" && job.stage, job.status === "failed" ? job.error : job.message].filter(Boolean).join(" · "));
  }

  _drawFacts(job, known, done, open) {
    const running = job.status === "running";
    const word = known ? (job.cancel_requested_at && running ? "Cancelling" : WORDS[job.status]) : "…";
    const texts = {
      percent: word || (open ? "" : `${done} %`),
      items: items(job),
      rate: running ? rate(job.rate) : "",
      eta: known ? this.left.tell(job) : "",
    };
    for (const [name, text] of Object.entries(texts)) {
      setText(this.facts[name], text);
      show(this.facts[name], text);
    }
    return Object.values(texts).filter(Boolean).join(", ");
  }

  _drawBar(label, done, open, text) {
    this.track.classList.toggle("indeterminate", open);
    setAttribute(this.track, "aria-label", label);
    setAttribute(this.track, "aria-valuenow", open ? null : done);
    setAttribute(this.track, "aria-valuetext", text || "running");
    this.bar.classList.toggle("snap", !this._drawn); // the first state is simply there; later ones move
    this._drawn = Boolean(this._job);
    this.bar.style.setProperty("--left", `${100 - done}%`);
  }
}

if (!customElements.get("job-progress")) customElements.define("job-progress", JobProgress);
