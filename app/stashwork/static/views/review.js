// One plan: its changes scene by scene, decisions about them, and writing them to Stash with live progress.

import * as api from "../api.js";
import { KeyedList, button, confirm, count, el, empty, fault, heading, icon, link, setAttribute, setText, show } from "../jobs.js";
import { FIELDS, decided, many, planBadge, total } from "../pieces.js";
import { changeRow } from "./change.js";

const PAGE = 100; // changes on the page at a time: a plan may have fifty thousand
const WRITERS = ["apply_plan", "undo_plan"];
const OPEN = ["draft", "reviewed", "partly_applied"];
const APPLIED = ["applied", "partly_applied", "partly_undone"];
const DECISIONS = [["", "Any decision"], ["pending", "To review"], ["approved", "Approved"], ["rejected", "Rejected"]];
const CONFIDENCES = [["", "Any confidence"], ["0.95", "95 % or more"], ["0.9", "90 % or more"], ["0.8", "80 % or more"], ["-0.8", "80 % or less"]];
const OUTCOMES = [["done", "written"], ["already", "already so"], ["conflict", "in conflict"], ["gone", "gone"], ["failed", "refused"]];
const UNDONE = [["done", "taken back"], ["already", "so already"], ["conflict", "changed since and kept"], ["gone", "gone"], ["failed", "refused"]];

export function reviewView(root, context) {
  return new Review(root, context);
}

class Review {
  constructor(root, { app, store, jobs, id, query }) {
    Object.assign(this, { app, store, jobs, id: Number(id), changes: new Map(), scenes: new Map(), selected: new Set(), next: null, turn: 0 });
    this._build(root);
    this.heard = ({ detail: { job, was } }) => { if (WRITERS.includes(job?.type) && job.status !== was?.status) this._jobNews(job); };
    store.addEventListener("job", this.heard);
    this.update(query);
    this._findJob();
    api.settings().then((found) => { this.stash = found.stash_url.value; this._draw(true); }, () => {}); // only for links
  }

  close() {
    this.turn += 1; // what is being read is for nobody
    this.store.removeEventListener("job", this.heard);
  }

  update(query) {
    this.filter = Object.fromEntries(["field", "decision", "outcome", "confidence", "scene_id"].map((name) => [name, query.get(name) ?? ""]));
    this.decision.value = this.filter.decision;
    this.confidence.value = this.filter.confidence;
    this.selected.clear();
    this.cursors = [0]; // of the pages up to the one that is shown
    this._read();
  }

  // What is on the page

  _build(root) {
    this.status = el("span", { hidden: true });
    this.apply = button("Apply", () => this._apply(), { kind: "primary", hidden: true });
    this.undo = button("Undo", () => this._undo(), { hidden: true });
    this.head = heading(`Plan ${this.id}`, this.apply, this.undo);
    this.head.insertBefore(this.status, this.head.lastChild);
    this.work = el("div", { class: "work" });
    this.chips = el("div", { class: "chips", role: "group", "aria-label": "Fields and outcomes" });
    this.chipList = new KeyedList(this.chips, (one) => one.key, chip);
    this.decision = select("Decision", DECISIONS, () => this._go({ decision: this.decision.value }));
    this.confidence = select("Confidence", CONFIDENCES, () => this._go({ confidence: this.confidence.value }));
    this.wide = el("div", { class: "actions", role: "group", "aria-label": "All changes that are found" });
    this.filters = el("div", { class: "filters" }, this.decision, this.confidence, this.wide);
    this.chosen = el("span", { class: "chosen" });
    this.bulk = el("div", { class: "panel bulk", hidden: true, role: "group", "aria-label": "Selected changes" }, this.chosen,
      button("Approve", () => this._decideSelected("approved"), { kind: "small" }),
      button("Reject", () => this._decideSelected("rejected"), { kind: "small" }),
      button("Clear", () => { this.selected.clear(); this._draw(true); }, { kind: "small quiet" }));
    this.notice = el("div", {}, el("p", { class: "quiet" }, "Reading the plan …"));
    this.list = el("ol", { class: "scenes" });
    this.keyed = new KeyedList(this.list, (scene) => scene.id, (scene) => this._scene(scene));
    this.back = button("Previous page", () => this._turn(-1), { kind: "small" });
    this.forward = button("Next page", () => this._turn(1), { kind: "small" });
    this.place = el("span", { class: "quiet" });
    this.pages = el("nav", { class: "pages", "aria-label": "Pages", hidden: true }, this.back, this.place, this.forward);
    root.append(link("#/plans", "Plans", { class: "crumb" }), this.head, this.work, this.chips, this.filters, this.bulk, this.notice, this.list, this.pages);
  }

  async _read() {
    const turn = ++this.turn;
    try {
      const [plan, page] = await Promise.all([api.plan(this.id), api.changes(this.id, { ...this._where(), limit: PAGE, cursor: this.cursors.at(-1) })]);
      if (turn !== this.turn) return false;
      this.plan = plan;
      this.scenes = new Map(page.scenes.map((scene) => [scene.id, scene]));
      this.changes = new Map(page.items.map((change) => [change.id, change]));
      this.next = page.next_cursor;
      this._draw(true);
      if (plan.status === "analyzing") this._follow(plan.job_id, "Looking for what could be better");
      return true;
    } catch (error) {
      if (turn === this.turn) this._trouble(error);
      return false;
    }
  }

  /** The next page (1) or the one before (-1); the first row has the focus then, so that the keys go on from there. */
  async _turn(step) {
    if (step > 0) this.cursors.push(this.next);
    else this.cursors.pop();
    if (!(await this._read())) return; // also when the view is closed by now
    this.list.querySelector("[data-row]")?.focus();
    this.app.say(`Page ${count(this.cursors.length)}`);
  }

  _trouble(error) {
    const gone = error.status === 404 || error.status === 422;
    for (const node of [this.chips, this.filters, this.list, this.pages]) show(node, false);
    this.notice.replaceChildren(gone ? empty(`There is no plan ${this.id}`, "It may have been deleted.", link("#/plans", "All plans", { class: "button primary" })) : fault(error, () => this._read()));
  }

  /** The filter, as the API has it. */
  _where() {
    const { confidence, ...rest } = this.filter;
    const where = Object.fromEntries(Object.entries(rest).filter(([, value]) => value));
    if (where.scene_id) where.scene_id = Number(where.scene_id);
    if (confidence) where[confidence.startsWith("-") ? "max_confidence" : "min_confidence"] = Math.abs(Number(confidence));
    return where;
  }

  _go(filter) {
    const query = new URLSearchParams(Object.entries({ ...this.filter, ...filter }).filter(([, value]) => value));
    this.app.go(`#/plan/${this.id}${query.size ? `?${query}` : ""}`);
  }

  _draw(all = false) {
    if (!this.plan) return;
    this._drawHead();
    this._drawChips();
    this._drawWide();
    const byScene = new Map();
    for (const change of this.changes.values()) byScene.set(change.scene_id, [...(byScene.get(change.scene_id) ?? []), change]);
    this.keyed.show([...byScene].map(([id, changes]) => ({ id, changes, line: this.scenes.get(id) })), all);
    show(this.list, byScene.size);
    this._drawPages();
    show(this.filters, total(this.plan));
    show(this.wide, this.open);
    if (!this.open) this.selected.clear();
    show(this.bulk, this.selected.size);
    setText(this.chosen, `${count(this.selected.size)} selected`);
    this.notice.replaceChildren(...(byScene.size ? [] : [this._nothing()]));
  }

  _drawPages() {
    this.back.disabled = this.cursors.length < 2;
    this.forward.disabled = !this.next;
    setText(this.place, `Page ${count(this.cursors.length)}`);
    show(this.pages, this.next || this.cursors.length > 1);
  }

  _nothing() {
    if (this.plan.status === "analyzing") return empty("The analysis is at work", "What it finds can be reviewed when it has ended.");
    if (!total(this.plan)) return empty("Nothing to improve", `${many(this.plan.scenes, "scene")} were looked at, and nothing was found that does not wait in another plan already.`);
    return empty("Nothing here", "No change of this plan is like that.", link(`#/plan/${this.id}`, "Show all", { class: "button" }));
  }

  _drawHead() {
    const { plan } = this;
    const [approved, busy] = [this._toWrite(), ["applying", "undoing"].includes(plan.status)];
    this.status.replaceChildren(planBadge(plan));
    show(this.status, true);
    setText(this.apply.firstChild, approved ? `Apply ${many(approved, "change")}` : "Apply");
    this.apply.disabled = busy || !approved;
    this.undo.disabled = busy;
    show(this.apply, OPEN.includes(plan.status));
    show(this.undo, APPLIED.includes(plan.status));
  }

  /** How many changes an apply would look at: approved ones without an outcome. */
  _toWrite() {
    const { outcomes } = this.plan;
    const told = Object.values(outcomes).reduce((sum, number) => sum + number, 0);
    return Math.max(0, decided(this.plan, "approved") - told + (outcomes.failed ?? 0));
  }

  _drawChips() {
    const { plan, filter } = this;
    const one = (kind, name, text, bad = false) => {
      const pressed = filter[kind] === name;
      return { key: `${kind} ${name}`, text, pressed, bad, go: () => this._go({ [kind]: pressed ? "" : name }) };
    };
    this.chipList.show([
      ...FIELDS.filter(([name]) => total(plan, name)).map(([name, text]) => one("field", name, `${text} ${count(total(plan, name))}`)),
      ...OUTCOMES.filter(([name]) => plan.outcomes[name]).map(([name, text]) => one("outcome", name, `${count(plan.outcomes[name])} ${text}`, name === "conflict" || name === "failed")),
      ...(filter.scene_id ? [one("scene_id", filter.scene_id, `Scene ${filter.scene_id}`)] : []),
    ]);
  }

  _drawWide() {
    if (this.wide.childElementCount) return;
    this.wide.replaceChildren(
      button("Approve all found", () => this._decideWhere("approved"), { kind: "small" }),
      button("Reject all found", () => this._decideWhere("rejected"), { kind: "small" }));
  }

  _scene(scene) {
    const rows = el("ol", { class: "changes" });
    const keyed = new KeyedList(rows, (change) => change.id, () => changeRow(this));
    const title = el("h2", {});
    const path = el("p", { class: "path" });
    const elsewhere = el("a", { class: "quiet", target: "_blank", rel: "noreferrer", hidden: true }, "Open in Stash");
    const node = el("li", { class: "panel scene" }, el("div", { class: "scene-head" }, title, elsewhere), path, rows);
    return {
      node,
      update: ({ id, changes, line }) => {
        const file = line?.path?.split("/").pop();
        setText(title, line?.title || file || `Scene ${id}`);
        setText(path, line ? (line.path ?? "without a file") : "This scene is no longer in the library.");
        show(elsewhere, this.stash && line);
        if (this.stash) elsewhere.href = `${this.stash}/scenes/${scene.id}`;
        setText(elsewhere, "Open in Stash");
        elsewhere.setAttribute("aria-label", `Open scene ${id} in Stash`);
        keyed.show(changes, true);
      },
    };
  }

  // What a person does

  get open() {
    return Boolean(this.plan) && OPEN.includes(this.plan.status);
  }

  select(change, on) {
    if (on) this.selected.add(change.id);
    else this.selected.delete(change.id);
    this._draw();
  }

  async decide(change, decision) {
    await this._decide({ change_ids: [change.id] }, decision, [change]);
  }

  async edit(change, value) {
    const edited = await api.edit(this.id, change.id, value);
    this.changes.set(edited.id, edited);
    this.plan = await api.plan(this.id);
    this._draw();
    this.app.say("Edited and approved");
  }

  async _decideSelected(decision) {
    const ids = [...this.selected];
    if (await this._decide({ change_ids: ids }, decision, ids.map((id) => this.changes.get(id)).filter(Boolean))) this.selected.clear();
    this._draw(true);
  }

  async _decideWhere(decision) {
    const all = !Object.keys(this._where()).length;
    const question = `${decision === "approved" ? "Approve" : "Reject"} every change ${all ? "of this plan" : "that the filter finds"}?`;
    if (!(await confirm(question, decision === "approved" ? "Approve" : "Reject"))) return;
    const told = await this.app.attempt(() => api.decide(this.id, { decision, where: this._where() }));
    if (!told) return;
    this.app.note(`${many(told.decided, "change")} ${decision}`);
    this.cursors = [0];
    await this._read();
  }

  async _decide(which, decision, changes) {
    const told = await this.app.attempt(() => api.decide(this.id, { decision, ...which }));
    if (!told) return false;
    if (changes.some((change) => change.outcome === "conflict") || told.decided !== which.change_ids.length) {
      await this._reread(changes);
    } else {
      for (const change of changes) this.changes.set(change.id, { ...this.changes.get(change.id), decision });
    }
    this.plan = (await this.app.attempt(() => api.plan(this.id))) ?? this.plan;
    this._draw();
    this.app.say(changes.length === 1 ? decision : `${count(told.decided)} ${decision}`);
    return true;
  }

  /** What the server made of a decision: an approved conflict has another base. */
  async _reread(changes) {
    const scenes = [...new Set(changes.map((change) => change.scene_id))].slice(0, 20);
    for (const scene_id of scenes) {
      const page = await this.app.attempt(() => api.changes(this.id, { scene_id }));
      for (const change of page?.items ?? []) if (this.changes.has(change.id)) this.changes.set(change.id, change);
    }
  }

  async _apply() {
    const left = decided(this.plan, "pending");
    const rest = left ? ` ${many(left, "change")} without a decision ${left === 1 ? "stays" : "stay"} as ${left === 1 ? "it is" : "they are"}.` : "";
    if (await confirm(`Write ${many(this._toWrite(), "change")} to Stash?${rest}`, "Apply")) await this._start(() => api.apply(this.id));
  }

  async _undo() {
    if (await confirm("Take back what this plan changed in Stash? What was changed there since stays.", "Undo")) await this._start(() => api.undo(this.id));
  }

  async _start(work) {
    const started = await this.app.attempt(work);
    if (started) this._follow(started.job_id);
  }

  // The job at work

  /** The job that is at work on this plan; else, how the last one failed, for somebody who comes later. */
  async _findJob() {
    const found = await this.app.attempt(() => this.jobs.list({ type: WRITERS, limit: 10 }));
    for (const job of found?.items ?? []) {
      const whole = await this._isOurs(job);
      if (!whole) continue;
      if (!whole.completed_at) this._follow(job.id);
      else if (whole.status === "failed") this._tell(whole);
      return;
    }
  }

  async _isOurs(job) {
    const whole = await this.app.attempt(() => this.jobs.get(job.id));
    return whole?.job_args?.plan_id === this.id || whole?.args?.plan_id === this.id ? whole : null;
  }

  _follow(jobId, label = "Writing to Stash") {
    if (this.work.firstChild?.getAttribute("job") === jobId) return;
    const bar = el("job-progress", { job: jobId, cancel: true, label, class: "panel" });
    for (const name of ["completed", "failed", "cancelled"]) bar.addEventListener(`job-${name}`, ({ detail }) => this._ended(detail));
    bar.addEventListener("job-progress", ({ detail }) => { if (detail.total_items && this.open) this._reloadPlan(); });
    this.work.replaceChildren(bar);
    if (this.plan?.status !== "analyzing") this._read();
  }

  /** It is at work by now: nothing can be decided until it ends. */
  async _reloadPlan() {
    if (this.reloading) return;
    this.reloading = true;
    this.plan = (await this.app.attempt(() => api.plan(this.id))) ?? this.plan;
    this.reloading = false;
    this._draw(true);
  }

  _ended(job) {
    if (WRITERS.includes(job.type)) this._tell(job);
    else this.work.replaceChildren();
    this._read();
  }

  _tell(job) {
    const result = job.result ?? {};
    const undo = job.type === "undo_plan";
    const words = (undo ? UNDONE : OUTCOMES).filter(([name]) => result[name]).map(([name, text]) => `${count(result[name])} ${text}`).join(", ");
    const bad = job.status === "failed";
    const sentence = job.status === "completed" ? `${undo ? "Undone" : "Applied"}: ${words || "nothing to do"}.` : job.status === "cancelled" ? `Cancelled. What was ${undo ? "taken back" : "written"} is noted; ${undo ? "undo" : "apply"} again to go on.` : job.error;
    this.work.replaceChildren(el("p", { class: `notice ${bad ? "notice-bad" : "notice-good"}`, role: "status" }, icon(bad ? "warning" : "completed"), el("span", {}, sentence)));
  }

  _jobNews(job) {
    if (!job.completed_at) this._isOurs(job).then((ours) => { if (ours) this._follow(job.id); });
    else this._read();
  }
}

function select(label, options, onchange) {
  return el("select", { "aria-label": label, onchange }, options.map(([value, text]) => el("option", { value }, text)));
}

function chip() {
  let go = () => {};
  const node = el("button", { type: "button", onclick: () => go() });
  return {
    node,
    update(one) {
      ({ go } = one);
      setText(node, one.text);
      setAttribute(node, "class", one.bad ? "chip chip-bad" : "chip");
      setAttribute(node, "aria-pressed", String(one.pressed));
    },
  };
}
