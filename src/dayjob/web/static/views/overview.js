// Overview: what runs now, how it went lately, and whether a person has to act.

import "../job-progress.js";
import { el, KeyedList, onceAFrame, redraw, setAttribute, setText, show } from "../lib/dom.js";
import { count } from "../lib/format.js";
import { icon } from "../parts/icons.js";
import { badge, button, command, empty, heading, link, section, setTime, time } from "../parts/pieces.js";
import { sparkline } from "../parts/sparkline.js";

const STATUSES = [["running", "Running"], ["pending", "Waiting"], ["completed", "Completed"], ["failed", "Failed"], ["cancelled", "Cancelled"]];
const MOST_CARDS = 60;

export function overviewView(root, { store, actions }) {
  const warnings = el("div", { class: "warnings" });
  const warningList = new KeyedList(warnings, (one) => one.key, warning);
  const cards = el("div", { class: "cards" });
  const list = new KeyedList(cards, (job) => job.id, (job) => card(job, actions));
  const idle = el("div", {});
  const more = el("p", { class: "quiet", hidden: true });
  const tiles = el("div", { class: "panel tiles" });
  const tileList = new KeyedList(tiles, ([status]) => status, tile);
  const spark = el("div", {});
  const workersText = link("#/workers", "");
  const workers = el("p", { class: "quiet workers-line" }, icon("workers"), workersText);
  const numbers = [section("All jobs", tiles), section("Last hour", spark), workers];
  root.append(heading("Overview"), warnings, section("Now running", cards, more, idle), ...numbers);

  const drawJobs = onceAFrame(() => {
    const running = store.running();
    list.show(running.slice(0, MOST_CARDS));
    setText(more, `and ${count(running.length - MOST_CARDS)} more`);
    show(more, running.length > MOST_CARDS);
    show(cards, running.length);
    drawIdle(idle, store, running.length);
  });
  const drawStats = onceAFrame(() => {
    for (const one of numbers) show(one, store.stats !== null); // not for everybody
    show(workers, store.stats && store.workers);
    drawIdle(idle, store, store.running().length);
    if (!store.stats) return;
    tileList.show(STATUSES.map(([status, text]) => [status, text, store.stats.jobs[status] ?? 0]));
    spark.replaceChildren(sparkline(minutes(store.stats.per_minute)));
    warningList.show(findings(store));
    setText(workersText, said(store.workers ?? []));
  });
  const events = [["job", drawJobs], ["stats", drawStats]];
  events.forEach(([name, draw]) => store.addEventListener(name, draw));
  drawJobs();
  drawStats();
  return { close: () => events.forEach(([name, draw]) => { store.removeEventListener(name, draw); draw.cancel(); }) };
}

function card(job, actions) {
  let newest = job;
  const status = badge(job);
  const bar = el("job-progress", {});
  const since = time(job.started_at, { prefix: "started " });
  const cancel = button("Cancel", () => actions.cancel(newest), { kind: "small", act: "cancel" });
  const title = link(`#/job/${encodeURIComponent(job.id)}`, job.type, { "data-open": true, class: "card-title" });
  const node = el("article", { class: "panel card", "data-row": true },
    el("div", { class: "card-head" }, title, cancel), bar, el("div", { class: "card-foot" }, since, status.node));
  return {
    node,
    update(next) {
      newest = next;
      status.update(next);
      setText(title, next.type);
      setAttribute(cancel, "aria-label", `Cancel ${next.type}`);
      cancel.disabled = Boolean(next.cancel_requested_at);
      bar.state = next;
      setAttribute(since, "data-prefix", next.attempt > 1 ? `attempt ${next.attempt}, started ` : "started ");
      setTime(since, next.started_at);
    },
  };
}

function drawIdle(node, store, running) {
  const { stats } = store;
  const known = stats !== undefined && !running;
  const kind = !known ? "" : !stats || Object.values(stats.jobs).some(Boolean) ? "idle" : "new";
  const made = {
    idle: () => el("p", { class: "panel quiet idle" }, icon("completed"), el("span", {}, "Nothing is running."), " ", link("#/new", "Start a job")),
    new: () => empty("No jobs yet", "Start the first one here, in your code, or on the command line:", command("dayjob --app main:queue run TYPE --arg name=value"), link("#/new", "Start a job", { class: "button primary" })),
    "": () => null,
  };
  redraw(node, kind, made[kind]);
}

function tile([status, text]) {
  const number = el("span", { class: "tile-count" });
  const node = el("a", { class: `tile tile-${status}`, href: `#/jobs?status=${status}` }, number, el("span", { class: "tile-name" }, icon(status), text));
  return { node, update: ([, , jobs]) => setText(number, count(jobs)) };
}

/** By status, as the server has it -> by minute. */
function minutes(perMinute = {}) {
  const length = Math.max(0, ...Object.values(perMinute).map((each) => each.length));
  return Array.from({ length }, (_, at) => Object.fromEntries(Object.entries(perMinute).map(([status, each]) => [status, each[at] ?? 0])));
}

/** What a person has to do something about; nothing else. */
function findings(store) {
  const { stats, workers, schedules } = store;
  const found = [];
  const add = (key, text, href) => found.push({ key, text, href });
  const pending = stats.jobs.pending ?? 0;
  if (pending && stats.workers === 0) add("no worker", `No worker is running, and ${count(pending)} ${pending === 1 ? "job waits" : "jobs wait"}. Start one: dayjob worker main:queue`, "#/workers");
  for (const type of stats.unknown_types ?? []) add(`type ${type}`, `Jobs of the type ${type} wait, and no worker knows it. Was it renamed?`, `#/jobs?status=pending&type=${encodeURIComponent(type)}`);
  for (const one of workers ?? []) {
    if (one.blocked_since) add(`blocked ${one.id}`, `The event loop of ${one.host} (${one.pid}) is blocked${one.blocked_by.length ? ` by ${one.blocked_by.join(", ")}` : ""}.`, "#/workers");
    if (one.stuck) add(`stuck ${one.id}`, `${one.stuck} ${one.stuck === 1 ? "handler does" : "handlers do"} not stop on ${one.host} (${one.pid}); restart it.`, "#/workers");
  }
  for (const one of schedules ?? []) if (one.orphaned && !one.paused) add(`schedule ${one.name}`, `Nobody runs the schedule ${one.name}: no process declares it.`, "#/schedules");
  for (const job of store.running()) if (job.stalled_since) add(`job ${job.id}`, `${job.type} gets no further.`, `#/job/${encodeURIComponent(job.id)}`);
  return found.slice(0, 5);
}

function warning({ href }) {
  const words = el("span", {});
  return { node: el("a", { class: "notice notice-warn", href }, icon("warning"), words), update: ({ text }) => setText(words, text) };
}

function said(workers) {
  const slots = workers.reduce((sum, one) => sum + one.slots, 0);
  const busy = workers.reduce((sum, one) => sum + one.running.length, 0);
  return workers.length ? `${workers.length} ${workers.length === 1 ? "worker" : "workers"}, ${busy} of ${slots} slots busy` : "No worker is running.";
}
