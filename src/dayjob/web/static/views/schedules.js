// Schedules: what is added by itself, when next, and how the last one went.

import { el } from "../lib/dom.js";
import { absolute, relative, toTheMinute } from "../lib/format.js";
import { icon } from "../parts/icons.js";
import { badge, button, command, empty, fault, heading, link } from "../parts/pieces.js";

const READ_EVERY = 10_000;
const SHOWN = 3; // of the next runs
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function schedulesView(root, { api, store, app }) {
  const body = el("div", {}, el("p", { class: "quiet" }, "Reading …"));
  root.append(heading("Schedules"), body);
  let closed = false;
  let shown = "";

  const read = async () => {
    try {
      const schedules = await api.schedules();
      const lasts = await Promise.all(schedules.map((one) => (one.last_job_id ? api.get(one.last_job_id).catch(() => null) : null)));
      const key = JSON.stringify([schedules, lasts.map((job) => job?.rev)]);
      if (closed || key === shown) return;
      const focused = document.activeElement?.dataset?.focus;
      shown = key;
      body.replaceChildren(schedules.length ? el("ul", { class: "schedules" }, schedules.map((one, index) => row(one, lasts[index], act))) : none());
      if (focused) [...body.querySelectorAll("[data-focus]")].find((node) => node.dataset.focus === focused)?.focus();
    } catch (error) {
      if (closed || (shown && error.status === 0)) return; // the line is down: the strip says from when this is
      shown = "";
      body.replaceChildren(fault(error, read));
    }
  };
  const act = async (schedule, action, word) => {
    try {
      const made = await api.schedule(schedule.name, action);
      if (action === "run") store.learn(made);
      app.note(`${schedule.name} ${word}`);
    } catch (error) {
      app.note(error.message, true);
    }
    await read();
  };
  read();
  const timer = setInterval(() => { if (document.visibilityState === "visible") read(); }, READ_EVERY);
  return { close() { closed = true; clearInterval(timer); } };
}

function none() {
  return empty("No schedules yet", "Give a job type a time, in your code:", command('@job("backup", schedule="0 3 * * *", time_zone="Europe/Berlin")'));
}

function row(one, last, act) {
  const pause = one.paused
    ? button("Resume", () => act(one, "resume", "goes on"), { kind: "small", iconName: "running", label: `Resume ${one.name}`, "data-focus": `pause ${one.name}` })
    : button("Pause", () => act(one, "pause", "is paused"), { kind: "small", iconName: "pause", label: `Pause ${one.name}`, "data-focus": `pause ${one.name}` });
  const run = button("Run now", () => act(one, "run", "was queued"), { kind: "small", act: "retry", label: `Run ${one.name} now`, "data-focus": `run ${one.name}` });
  return el("li", { class: `panel schedule ${one.paused ? "paused" : ""}`, "data-row": true },
    el("div", { class: "schedule-head" }, el("h2", { tabindex: -1, "data-open": true }, one.name), one.name !== one.type && el("span", { class: "quiet" }, one.type),
      state(one), el("div", { class: "actions" }, run, pause)),
    el("p", { class: "words" }, one.words),
    one.error && el("p", { class: "why" }, one.error),
    el("dl", { class: "facts" },
      fact("Expression", el("code", {}, one.expression), ` ${one.time_zone}`),
      fact("Next runs", one.paused ? "none while it is paused" : times(one)),
      fact("Last run", one.last_tick ? moment(one.last_tick) : "never", last ? " " : "", last && lastJob(last)),
      fact("Missed times", one.missed === "once" ? "made up for, once" : "are skipped")));
}

function state(one) {
  const [name, text, look] = one.orphaned ? ["warning", "Nobody runs it", "failed"]
    : one.paused ? ["pause", "Paused", "cancelled"]
    : one.error ? ["warning", "Failing", "failed"]
    : ["scheduled", "Active", "completed"];
  return el("span", { class: `badge badge-${look}` }, icon(name), el("span", {}, text));
}

function fact(name, ...content) {
  return el("div", {}, el("dt", {}, name), el("dd", {}, ...content));
}

function times(one) {
  const next = one.next_runs?.length ? one.next_runs : one.next_run_at ? [one.next_run_at] : [];
  if (!next.length) return "none";
  return el("ol", { class: "next-runs" }, next.slice(0, SHOWN).map((iso, index) => el("li", {},
    el("span", { title: absolute(iso) }, toTheMinute(iso)), index === 0 && " · ", index === 0 && el("time", { class: "quiet", datetime: iso, title: absolute(iso) }, relative(iso)))),
    one.time_zone !== HERE && el("li", { class: "quiet" }, `in your time zone, ${HERE}`));
}

function moment(iso) {
  return el("time", { datetime: iso, title: absolute(iso) }, relative(iso));
}

function lastJob(job) {
  return el("a", { class: "last-job", href: `#/job/${encodeURIComponent(job.id)}` }, badge(job).node);
}
