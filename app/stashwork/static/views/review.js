// One plan: its changes scene by scene, decisions about them, and writing them to Stash with live progress.

import * as api from "../api.js";
import { KeyedList, button, confirm, count, el, empty, fault, heading, link, setText, show } from "../jobs.js";
import { decided, many, planBadge, total } from "../pieces.js";
import { PlanFilter } from "./plan-filter.js";
import { PlanWork } from "./plan-work.js";
import { sceneRow } from "./scene.js";

const PAGE = 100; // changes on the page at a time: a plan may have fifty thousand
const OPEN = ["draft", "reviewed", "partly_applied"];
const APPLIED = ["applied", "partly_applied", "partly_undone"];

export function reviewView(root, context) {
  return new Review(root, context);
}

class Review {
  constructor(root, { app, store, jobs, id, query }) {
    Object.assign(this, { app, id: Number(id), changes: new Map(), scenes: new Map(), selected: new Set(), next: null, turn: 0 });
    this.work = new PlanWork(this.id, { app, store, jobs }, { began: () => this._began(), moved: (job) => this._moved(job), ended: () => this._read() });
    this._build(root);
    this.update(query);
    this.work.find();
    api.settings().then((found) => { this.stash = found.stash_url.value; this._draw(true); }, () => {}); // only for links
  }

  close() {
    this.turn += 1; // what is being read is for nobody
    this.work.close();
  }

  update(query) {
    this.filter.update(query);
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
    this.filter = new PlanFilter((query) => this.app.go(`#/plan/${this.id}${query.size ? `?${query}` : ""}`));
    this.wide = el("div", { class: "actions", role: "group", "aria-label": "All changes that are found" });
    this.filters = el("div", { class: "filters" }, this.filter.selects, this.wide);
    this.chosen = el("span", { class: "chosen" });
    this.bulk = el("div", { class: "panel bulk", hidden: true, role: "group", "aria-label": "Selected changes" }, this.chosen,
      button("Approve", () => this._decideSelected("approved"), { kind: "small" }),
      button("Reject", () => this._decideSelected("rejected"), { kind: "small" }),
      button("Clear", () => { this.selected.clear(); this._draw(true); }, { kind: "small quiet" }));
    this.notice = el("div", {}, el("p", { class: "quiet" }, "Reading the plan …"));
    this.list = el("ol", { class: "scenes" });
    this.keyed = new KeyedList(this.list, (scene) => scene.id, () => sceneRow(this));
    this.back = button("Previous page", () => this._turn(-1), { kind: "small" });
    this.forward = button("Next page", () => this._turn(1), { kind: "small" });
    this.place = el("span", { class: "quiet" });
    this.pages = el("nav", { class: "pages", "aria-label": "Pages", hidden: true }, this.back, this.place, this.forward);
    root.append(link("#/plans", "Plans", { class: "crumb" }), this.head, this.work.node, this.filter.chips, this.filters, this.bulk, this.notice, this.list, this.pages);
  }

  async _read() {
    const turn = ++this.turn;
    try {
      const [plan, page] = await Promise.all([api.plan(this.id), api.changes(this.id, { ...this.filter.where(), limit: PAGE, cursor: this.cursors.at(-1) })]);
      if (turn !== this.turn) return false;
      this.plan = plan;
      this.scenes = new Map(page.scenes.map((scene) => [scene.id, scene]));
      this.changes = new Map(page.items.map((change) => [change.id, change]));
      this.next = page.next_cursor;
      this._draw(true);
      if (plan.status === "analyzing") this.work.follow(plan.job_id, "Looking for what could be better");
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
    for (const node of [this.filter.chips, this.filters, this.list, this.pages]) show(node, false);
    this.notice.replaceChildren(gone ? empty(`There is no plan ${this.id}`, "It may have been deleted.", link("#/plans", "All plans", { class: "button primary" })) : fault(error, () => this._read()));
  }

  _draw(all = false) {
    if (!this.plan) return;
    this._drawHead();
    this.filter.draw(this.plan);
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

  _drawWide() {
    if (this.wide.childElementCount) return;
    this.wide.replaceChildren(
      button("Approve all found", () => this._decideWhere("approved"), { kind: "small" }),
      button("Reject all found", () => this._decideWhere("rejected"), { kind: "small" }));
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
    const all = !Object.keys(this.filter.where()).length;
    const question = `${decision === "approved" ? "Approve" : "Reject"} every change ${all ? "of this plan" : "that the filter finds"}?`;
    if (!(await confirm(question, decision === "approved" ? "Approve" : "Reject"))) return;
    const told = await this.app.attempt(() => api.decide(this.id, { decision, where: this.filter.where() }));
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
    if (started) this.work.follow(started.job_id);
  }

  _began() {
    if (this.plan?.status !== "analyzing") this._read();
  }

  /** The job is at work by now: nothing can be decided until it ends. */
  async _moved(job) {
    if (this.reloading || !job.total_items || !this.open) return;
    this.reloading = true;
    this.plan = (await this.app.attempt(() => api.plan(this.id))) ?? this.plan;
    this.reloading = false;
    this._draw(true);
  }
}
