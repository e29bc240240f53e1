// Jobs: the list, newest first. The filter is in the address, so it can be kept and sent.

import { el, KeyedList, onceAFrame, redraw, setText, show } from "../lib/dom.js";
import { ACTIVE } from "../lib/format.js";
import { STATUSES, STATUS_NAMES, parseSearch, searchText } from "../lib/job-search.js";
import { icon } from "../parts/icons.js";
import { button, command, empty, fault, heading, link } from "../parts/pieces.js";
import { jobRow } from "./job-row.js";

const PAGE = 100;
const MOST_IN_A_PAGE = 200;
export function jobsView(root, context) {
  return new JobsView(root, context);
}

class JobsView {
  constructor(root, context) {
    const { api, store, actions, app, query } = context;
    Object.assign(this, { api, store, actions, app, jobs: new Map(), selected: new Set() });
    this._build(root);
    this.draw = onceAFrame(() => this._draw());
    this.heard = (event) => this._heard(event.detail);
    this.again = () => this._renew();
    this.store.addEventListener("job", this.heard);
    this.store.addEventListener("resync", this.again);
    this.update(query);
  }

  close() {
    this.reading.abort();
    this.draw.cancel();
    this.store.removeEventListener("job", this.heard);
    this.store.removeEventListener("resync", this.again);
  }

  /** Esc: first the selection goes, then the filter. */
  escape() {
    if (this.selected.size) {
      this._select(() => this.selected.clear());
      return true;
    }
    if (!searchText(this.filter)) return false;
    this._filter(parseSearch(""));
    return true;
  }

  _build(root) {
    this.field = el("input", { type: "search", id: "search", "data-search": true, placeholder: "type:sync_all status:failed", autocomplete: "off", spellcheck: "false", "aria-label": "Search jobs" });
    const form = el("form", { class: "search", role: "search", onsubmit: (event) => { event.preventDefault(); this._filter(parseSearch(this.field.value)); } },
      icon("search"), this.field, el("kbd", { "aria-hidden": "true" }, "/"));
    this.field.addEventListener("search", () => { if (!this.field.value) this._filter(parseSearch("")); });
    this.chips = STATUSES.map(([status, text]) => el("button", { type: "button", class: `chip chip-${status}`, "data-status": status, onclick: () => this._chip(status) }, icon(status), text));
    this.bulk = this._bulkBar();
    this.list = el("ol", { class: "panel rows", "aria-label": "Jobs" });
    this.keyed = new KeyedList(this.list, (job) => job.id, (job) => jobRow(this, job));
    this.notice = el("div", {});
    this.more = button("Show more", () => this._grow(), { kind: "more" });
    root.append(heading("Jobs"), form, el("div", { class: "chips", role: "group", "aria-label": "Status" }, this.chips), this.bulk, this.notice, this.list, this.more);
  }

  _bulkBar() {
    this.chosen = el("span", { class: "chosen" });
    this.bulkCancel = button("Cancel", () => this._bulk("cancel"), { kind: "small", "data-bulk": "cancel" });
    this.bulkRetry = button("Retry", () => this._bulk("retry"), { kind: "small", "data-bulk": "retry" });
    return el("div", { class: "panel bulk", hidden: true, role: "group", "aria-label": "Selected jobs" }, this.chosen, this.bulkCancel, this.bulkRetry,
      button("Select all shown", () => this._selectAll(), { kind: "small quiet" }), button("Clear", () => this._select(() => this.selected.clear()), { kind: "small quiet" }));
  }

  /** Another filter: what was being read for the one before counts no longer. */
  update(query) {
    this.reading?.abort();
    this.reading = new AbortController();
    this.turn = Promise.resolve();
    this.renewing = this.growing = false;
    this.filter = { type: query.getAll("type"), status: query.getAll("status").filter((one) => STATUS_NAMES.includes(one)), id: query.get("id") ?? "", parent: query.get("parent") ?? "", words: (query.get("q") ?? "").split(" ").filter(Boolean) };
    this.field.value = searchText(this.filter);
    for (const chip of this.chips) chip.setAttribute("aria-pressed", String(this.filter.status.includes(chip.dataset.status)));
    if (query.has("find")) this.field.focus();
    this.jobs.clear();
    this.selected.clear();
    this.next = this.problem = null;
    this.loaded = false;
    this._renew();
  }

  _filter(filter) {
    const query = new URLSearchParams();
    for (const name of ["type", "status"]) for (const one of new Set(filter[name])) query.append(name, one);
    for (const name of ["id", "parent"]) if (filter[name]) query.set(name, filter[name]);
    if (filter.words.length) query.set("q", filter.words.join(" "));
    this.app.go(`#/jobs${query.size ? `?${query}` : ""}`);
  }

  _chip(status) {
    const chosen = new Set(this.filter.status);
    if (!chosen.delete(status)) chosen.add(status);
    this._filter({ ...this.filter, status: [...chosen] });
  }

  /** Read as much as is shown (the first time: a page). What is asked for before it begins is one with it. */
  _renew() {
    if (this.renewing) return;
    this.renewing = true;
    this._inTurn(async (signal) => {
      this.renewing = false;
      const before = new Map(this.jobs);
      const { jobs, next } = await this._read(Math.max(PAGE, before.size), null, signal);
      this._dropStale(before, jobs, next);
      jobs.forEach((job) => this._take(this.store.accept(job)));
      this.next = next;
    });
  }

  /** Read what comes behind what is shown. */
  _grow() {
    if (this.growing) return;
    this.growing = true;
    this._inTurn(async (signal) => {
      this.growing = false;
      const { jobs, next } = await this._read(1, this.next, signal);
      const last = document.activeElement === this.more && this.list.lastElementChild;
      jobs.forEach((job) => this._take(this.store.accept(job)));
      this.next = next;
      this._draw();
      if (!next && last) last.nextElementSibling?.querySelector("[data-open]").focus(); // the button, which had the focus, is gone
    });
  }

  /** One after the other, so that neither undoes, nor swallows, the other; all of it for this filter only. */
  _inTurn(work) {
    const { signal } = this.reading;
    this.turn = this.turn.then(async () => {
      if (signal.aborted) return;
      try {
        await work(signal);
        this.problem = null;
      } catch (error) {
        if (signal.aborted) return;
        this.problem = error;
      }
      this.loaded = true;
      this._draw();
    });
  }

  /** At least so many jobs that fit, or all; and where it goes on. */
  async _read(wanted, cursor, signal) {
    const jobs = [];
    let next = cursor;
    do {
      const page = await this._page(next ? MOST_IN_A_PAGE : Math.min(MOST_IN_A_PAGE, wanted), next, signal);
      jobs.push(...page.items);
      next = page.next;
    } while (next && jobs.length < wanted);
    return { jobs, next };
  }

  async _page(limit, cursor, signal) {
    const { id, type, status, parent } = this.filter;
    if (!id) return this.api.list({ type, status, parent, limit, cursor }, signal);
    try {
      return { items: [await this.api.get(id, signal)], next: null };
    } catch (error) {
      if (error.status === 404) return { items: [], next: null };
      throw error;
    }
  }

  /** What was there `before` the reading and was not read is gone, or fits no longer, unless there was news of it since. */
  _dropStale(before, jobs, next) {
    const read = new Set(jobs.map((job) => job.id));
    const oldest = next ? jobs.at(-1).created_at : "";
    for (const [id, job] of this.jobs) if (!read.has(id) && (before.get(id) === job || job.created_at < oldest)) this.jobs.delete(id);
  }

  _take(job) {
    if (this._fits(job)) this.jobs.set(job.id, job);
    else if (!this.selected.has(job.id)) this.jobs.delete(job.id);
    else this.jobs.set(job.id, job);
  }

  _heard({ id, job }) {
    if (!job) this.jobs.delete(id);
    else if (this.jobs.has(id) || !this.next || this._isNewer(job)) this._take(job);
    if (this.loaded) this.draw();
  }

  _isNewer(job) {
    // Not the last one in the map: what came as news stands behind what was read.
    return !this.jobs.size || [...this.jobs.values()].some((one) => one.created_at <= job.created_at);
  }

  _fits(job) {
    const { type, status, id, parent } = this.filter;
    return (!type.length || type.includes(job.type)) && (!status.length || status.includes(job.status)) && (!id || job.id === id) && (!parent || job.parent_id === parent);
  }

  _shown() {
    const { words } = this.filter;
    const all = [...this.jobs.values()].sort((a, b) => (a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : a.id < b.id ? 1 : -1));
    if (!words.length) return all;
    return all.filter((job) => {
      const text = `${job.id} ${job.type} ${job.message ?? ""} ${job.error ?? ""} ${job.stage ?? ""}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }

  _draw() {
    const shown = this._shown();
    this.keyed.show(shown, this.reselected);
    this.reselected = false;
    show(this.list, shown.length);
    show(this.more, this.next);
    this._drawNotice(shown);
    const chosen = shown.filter((job) => this.selected.has(job.id));
    show(this.bulk, chosen.length);
    setText(this.chosen, `${chosen.length} selected`);
    this.bulkCancel.disabled = !chosen.some((job) => ACTIVE.includes(job.status));
    this.bulkRetry.disabled = !chosen.some((job) => !ACTIVE.includes(job.status));
  }

  _drawNotice(shown) {
    const kind = this.problem ? this.problem.message : !this.loaded ? "loading" : this.filter.words.length && this.next ? "part" : shown.length ? "" : searchText(this.filter) ? "none" : "new";
    const made = {
      loading: () => el("p", { class: "quiet" }, "Reading …"),
      part: () => el("p", { class: "quiet" }, "Searched in the jobs that are shown; show more to search further back."),
      none: () => empty("No jobs match", `Nothing fits ${searchText(this.filter)}.`, button("Clear the filter", () => this._filter(parseSearch("")), { kind: "primary" })),
      new: () => empty("No jobs yet", "Start the first one here, in your code, or on the command line:", command("dayjob --app main:queue run TYPE --arg name=value"), link("#/new", "Start a job", { class: "button primary" })),
      "": () => null,
    };
    redraw(this.notice, kind, this.problem ? () => fault(this.problem, () => this._renew()) : made[kind]);
  }

  _select(change) {
    change();
    this.reselected = true;
    this.draw();
  }

  select(job, on) {
    this._select(() => (on ? this.selected.add(job.id) : this.selected.delete(job.id)));
  }

  _selectAll() {
    this._select(() => this._shown().forEach((job) => this.selected.add(job.id)));
  }

  async _bulk(name) {
    const jobs = this._shown().filter((job) => this.selected.has(job.id) && ACTIVE.includes(job.status) === (name === "cancel"));
    await (name === "cancel" ? this.actions.cancelAll(jobs) : this.actions.retryAll(jobs));
    this._select(() => jobs.forEach((job) => this.selected.delete(job.id)));
  }
}
