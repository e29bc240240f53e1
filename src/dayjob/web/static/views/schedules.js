// Schedules: what is added by itself, when next, and how the last one went.

import { el, redraw, setAttribute, setText, show } from "../lib/dom.js";
import { absolute, relative, toTheMinute } from "../lib/format.js";
import { icon } from "../parts/icons.js";
import { badge, button, command, drawBadge, empty, setTime, time } from "../parts/pieces.js";
import { polledList } from "../parts/polled-list.js";

const READ_EVERY = 10_000;
const SHOWN = 3; // of the next runs
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function schedulesView(root, { api, store, app }) {
  const act = async (schedule, action, word) => {
    await app.attempt(async () => {
      const made = await api.schedule(schedule.name, action);
      if (action === "run") store.accept(made);
      app.note(`${schedule.name} ${word}`);
    });
    reading.now();
  };
  const reading = polledList(root, {
    title: "Schedules", every: READ_EVERY, none, read: (signal) => api.schedules(signal), keyOf: (one) => one.name, create: (one) => row(one, act),
  });
  return reading;
}

function none() {
  return empty("No schedules yet", "Give a job type a time, in your code:", command('@job("backup", schedule="0 3 * * *", time_zone="Europe/Berlin")'));
}

function row(first, act) {
  let newest = first;
  const { name } = first;
  const run = button("Run now", () => act(newest, "run", "was queued"), { kind: "small", act: "retry", label: `Run ${name} now` });
  const resume = button("Resume", () => act(newest, "resume", "goes on"), { kind: "small", iconName: "running", label: `Resume ${name}` });
  const pause = button("Pause", () => act(newest, "pause", "is paused"), { kind: "small", iconName: "pause", label: `Pause ${name}` });
  const [type, status, words] = [el("span", { class: "quiet" }), el("span", {}), el("p", { class: "words" })];
  const [expression, zone, next, missed] = [el("code", {}), el("span", {}), el("dd", {}), el("span", {})];
  const [ran, last] = [time(first.last_run_at), el("a", { class: "last-job", hidden: true })];
  const why = el("span", { class: "why" });
  const failing = el("p", { class: "notice notice-warn", hidden: true }, icon("warning"), why);
  const node = el("li", { class: "panel schedule", "data-row": true },
    el("div", { class: "panel-head" }, el("h2", { tabindex: -1, "data-open": true }, name), type, status, el("div", { class: "actions" }, run, resume, pause)),
    words, failing,
    el("dl", { class: "facts" },
      fact("Expression", expression, " ", zone), el("div", {}, el("dt", {}, "Next runs"), next),
      fact("Last run", ran, " ", last), fact("Missed times", missed)));
  return {
    node,
    update(one) {
      newest = one;
      node.classList.toggle("paused", one.paused);
      setText(type, one.type);
      show(type, one.type !== name);
      drawStatus(status, one);
      swap(one.paused ? resume : pause, one.paused ? pause : resume);
      setText(words, one.words);
      setText(why, one.error);
      show(failing, one.error);
      setText(expression, one.expression);
      setText(zone, one.time_zone);
      drawNext(next, one);
      setTime(ran, one.last_run_at);
      if (!one.last_run_at) setText(ran, "never");
      drawLast(last, one.last_job);
      setText(missed, one.missed === "once" ? "made up for, once" : "are skipped");
    },
  };
}

/** Show one of two buttons that stand for each other; it takes over the focus. */
function swap(shown, hidden) {
  const had = document.activeElement === hidden;
  show(shown, true);
  if (had) shown.focus();
  show(hidden, false);
}

function drawStatus(node, one) {
  const [name, text, look] = one.orphaned ? ["warning", "Nobody runs it", "failed"]
    : one.paused ? ["pause", "Paused", "cancelled"]
    : one.error ? ["warning", "Failing", "failed"]
    : ["scheduled", "Active", "completed"];
  drawBadge(node, look, name, text);
}

function drawNext(node, one) {
  const times = one.next_runs?.length ? one.next_runs : one.next_run_at ? [one.next_run_at] : [];
  redraw(node, `${one.paused} ${one.time_zone} ${times.join(" ")}`, () => (one.paused ? "none while it is paused" : times.length ? nextRuns(times.slice(0, SHOWN), one.time_zone) : "none"));
}

function nextRuns(times, zone) {
  return el("ol", { class: "next-runs" }, times.map((iso, index) => el("li", {},
    el("span", { title: absolute(iso) }, toTheMinute(iso)), index === 0 && " · ", index === 0 && el("time", { class: "quiet", datetime: iso, title: absolute(iso) }, relative(iso)))),
    zone !== HERE && el("li", { class: "quiet" }, `in your time zone, ${HERE}`));
}

function drawLast(node, job) {
  show(node, job);
  if (!job) return;
  setAttribute(node, "href", `#/job/${encodeURIComponent(job.id)}`);
  redraw(node, `${job.id} ${job.rev}`, () => badge(job).node);
}

function fact(name, ...content) {
  return el("div", {}, el("dt", {}, name), el("dd", {}, ...content));
}
