// Workers: the processes that take jobs, what each is doing, and whether it is well.

import { el, KeyedList, setAttribute, setText, show } from "../lib/dom.js";
import { duration } from "../lib/format.js";
import { icon } from "../parts/icons.js";
import { command, drawBadge, empty, link, setTime, time } from "../parts/pieces.js";
import { polledList } from "../parts/polled-list.js";

const READ_EVERY = 3_000;
const LATE = 5; // seconds; a beat is due every two
const MOST_SLOTS = 64; // that are drawn

export function workersView(root, { api }) {
  return polledList(root, { title: "Workers", every: READ_EVERY, none, read: (signal) => api.workers(signal), keyOf: (one) => one.id, create: card });
}

function none() {
  return empty("No worker is running", "Jobs wait until one does. Start one beside your app:", command("dayjob worker main:queue"));
}

/** [icon, word, look] */
function health(one) {
  if (one.blocked_since) return ["warning", "Blocked", "failed"];
  if (one.stuck) return ["warning", `${one.stuck} stuck`, "failed"];
  if (one.heartbeat_age_seconds > LATE) return ["stalled", "Late", "stalled"];
  return ["completed", "Well", "completed"];
}

function card(one) {
  const badge = el("span", {});
  const since = time(one.blocked_since);
  const by = el("span", {});
  const blocked = el("p", { class: "notice notice-warn", hidden: true }, icon("warning"), el("span", {}, "Its event loop has been blocked since ", since, by, ". Use run_in=\"process\", or a plain function, for work that does not await."));
  const stuck = el("p", { class: "notice notice-warn", hidden: true }, icon("warning"), el("span", {}, "Handlers that did not stop hold on to threads or tasks; a restart frees them."));
  const slots = el("div", { class: "slots", role: "img" });
  const [busy, beat, up, types] = [el("span", {}), el("span", { class: "beat" }), time(one.started_at), el("span", { class: "type-list" })];
  const running = el("ul", { class: "running-list", hidden: true });
  const jobs = new KeyedList(running, (job) => job.id, runningJob);
  const node = el("li", { class: "panel worker", "data-row": true },
    el("div", { class: "panel-head" }, el("h2", { tabindex: -1, "data-open": true }, `${one.host} · ${one.pid}`), badge), blocked, stuck, slots,
    el("dl", { class: "facts" }, fact("Slots", busy), fact("Heartbeat", beat), fact("Up since", up), fact("Version", one.version || "unknown"), fact("Runs", types)),
    running);
  return {
    node,
    update(next) {
      const [name, said, look] = health(next);
      drawBadge(badge, look, name, said);
      show(blocked, next.blocked_since);
      setTime(since, next.blocked_since);
      setText(by, next.blocked_by.length ? ` by ${next.blocked_by.join(", ")}` : "");
      show(stuck, next.stuck);
      drawSlots(slots, next.running.length, next.slots);
      setAttribute(slots, "aria-label", `${next.running.length} of ${next.slots} slots busy`);
      setText(busy, `${next.running.length} of ${next.slots} busy`);
      setText(beat, next.heartbeat_age_seconds === null ? "not seen yet" : `${duration(Math.max(0.001, next.heartbeat_age_seconds))} ago`);
      setText(types, next.types.join(", ") || "nothing");
      jobs.show(next.running);
      show(running, next.running.length);
    },
  };
}

function drawSlots(node, busy, slots) {
  const drawn = Math.min(MOST_SLOTS, slots);
  if (node.childElementCount !== drawn) node.replaceChildren(...Array.from({ length: drawn }, () => el("span", {})));
  [...node.children].forEach((slot, index) => setAttribute(slot, "class", index < busy ? "slot busy" : "slot"));
}

function runningJob(job) {
  const node = el("li", {}, icon("running"), link(`#/job/${encodeURIComponent(job.id)}`, job.type), " ", el("code", {}, job.id));
  return { node, update() {} };
}

function fact(name, ...content) {
  return el("div", {}, el("dt", {}, name), el("dd", {}, ...content));
}
