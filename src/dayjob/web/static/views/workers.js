// Workers: the processes that take jobs, what each is doing, and whether it is well.

import { el, setText } from "../lib/dom.js";
import { duration } from "../lib/format.js";
import { icon } from "../parts/icons.js";
import { command, empty, fault, heading, link, time } from "../parts/pieces.js";

const READ_EVERY = 3_000;
const LATE = 5; // seconds; a beat is due every two

export function workersView(root, { api }) {
  const body = el("div", {}, el("p", { class: "quiet" }, "Reading …"));
  root.append(heading("Workers"), body);
  let closed = false;
  let shown = "";

  const read = async () => {
    try {
      const workers = await api.workers();
      if (closed) return;
      const key = JSON.stringify(workers.map((one) => ({ ...one, heartbeat_age_seconds: health(one)[2] })));
      if (key !== shown) body.replaceChildren(workers.length ? el("ul", { class: "workers" }, workers.map(card)) : none());
      shown = key;
      workers.forEach((one, index) => beat(body.querySelectorAll(".beat")[index], one));
    } catch (error) {
      if (closed || (shown && error.status === 0)) return; // the line is down: the strip says from when this is
      shown = "";
      body.replaceChildren(fault(error, read));
    }
  };
  read();
  const timer = setInterval(() => { if (document.visibilityState === "visible") read(); }, READ_EVERY);
  return { close() { closed = true; clearInterval(timer); } };
}

function none() {
  return empty("No worker is running", "Jobs wait until one does. Start one beside your app:", command("dayjob worker main:queue"));
}

function beat(node, one) {
  if (node) setText(node, `${duration(Math.max(0.001, one.heartbeat_age_seconds ?? 0))} ago`);
}

/** [icon, word, class] */
function health(one) {
  if (one.blocked_since) return ["warning", "Blocked", "failed"];
  if (one.stuck) return ["warning", `${one.stuck} stuck`, "failed"];
  if (one.heartbeat_age_seconds > LATE) return ["stalled", "Late", "stalled"];
  return ["completed", "Well", "completed"];
}

function card(one) {
  const [name, word, kind] = health(one);
  const busy = one.running.length;
  return el("li", { class: "panel worker", "data-row": true },
    el("div", { class: "schedule-head" }, el("h2", { tabindex: -1, "data-open": true }, `${one.host} · ${one.pid}`),
      el("span", { class: `badge badge-${kind}` }, icon(name), el("span", {}, word))),
    one.blocked_since && el("p", { class: "notice notice-warn" }, icon("warning"), el("span", {}, "Its event loop has been blocked since ", time(one.blocked_since), one.blocked_by ? ` by ${one.blocked_by}` : "", ". Use run_in=\"process\", or a plain function, for work that does not await.")),
    one.stuck ? el("p", { class: "notice notice-warn" }, icon("warning"), el("span", {}, "Handlers that did not stop hold on to threads or tasks; a restart frees them.")) : null,
    el("div", { class: "slots", role: "img", "aria-label": `${busy} of ${one.slots} slots busy` },
      Array.from({ length: Math.min(64, one.slots) }, (_, index) => el("span", { class: index < busy ? "slot busy" : "slot" }))),
    el("dl", { class: "facts" },
      fact("Slots", `${busy} of ${one.slots} busy`), fact("Heartbeat", el("span", { class: "beat" })), fact("Up since", time(one.started_at)), fact("Version", one.version ?? "unknown"),
      fact("Runs", el("span", { class: "type-list" }, (one.types ?? []).join(", ") || "nothing"))),
    busy ? el("ul", { class: "running-list" }, one.running.map((job) => el("li", {}, icon("running"), link(`#/job/${encodeURIComponent(job.id)}`, job.type), " ", el("code", {}, job.id)))) : null);
}

function fact(name, ...content) {
  return el("div", {}, el("dt", {}, name), el("dd", {}, ...content));
}
