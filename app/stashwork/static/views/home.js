// Home: what is in the library, how the last sync went, what runs now, what waits for a review.

import * as api from "../api.js";
import { KeyedList, badge, button, count, el, empty, fault, heading, icon, link, onceAFrame, section, setAttribute, setText, setTime, show, time } from "../jobs.js";
import { decided, many, ownButton, planBadge, total } from "../pieces.js";

const KINDS = [["scenes", "Scenes"], ["performers", "Performers"], ["studios", "Studios"], ["tags", "Tags"]];
const OPEN = ["draft", "reviewed", "partly_applied"];
const MOST = 12;

export function homeView(root, { app, store, jobs }) {
  const tiles = el("div", {});
  const last = el("div", { class: "last-sync" });
  const cards = el("div", { class: "cards" });
  const idle = el("p", { class: "quiet idle" }, icon("completed"), el("span", {}, "Nothing is running."));
  const list = new KeyedList(cards, (job) => job.id, (job) => card(job, app, jobs));
  const review = el("div", {});

  const start = (type, sentence) => app.attempt(async () => {
    store.learn(await jobs.create(type, {}));
    app.note(sentence);
  });
  root.append(
    heading("Library",
      ownButton("Sync", "sync", () => start("sync_all", "The sync was started"), "primary"),
      ownButton("Analyse …", "analyze", () => app.go("#/analyze")),
      button("Do both", () => start("process_library", "Sync and analysis were started"), { title: "Sync, analyse, and apply what is sure" })),
    tiles, last, section("Now running", cards, idle), review);

  const drawJobs = onceAFrame(() => {
    const running = [...store.jobs.values()].filter((job) => !job.completed_at).slice(0, MOST);
    list.show(running);
    show(cards, running.length);
    show(idle, !running.length);
  });
  const read = async () => {
    try {
      const [counts, plans] = await Promise.all([api.library(), api.plans()]);
      drawCounts(tiles, last, counts);
      drawPlans(review, plans.items.filter((plan) => OPEN.includes(plan.status) && total(plan)));
    } catch (error) {
      tiles.replaceChildren(fault(error, read));
    }
  };
  const heard = ({ detail }) => {
    drawJobs();
    if (detail.job?.completed_at && !detail.was?.completed_at) read();
  };
  store.addEventListener("job", heard);
  drawJobs();
  read();
  return { close: () => { store.removeEventListener("job", heard); drawJobs.cancel(); } };
}

function drawCounts(tiles, last, counts) {
  const sync = counts.last_sync;
  if (!sync && !counts.scenes) {
    last.replaceChildren();
    tiles.replaceChildren(empty("Nothing here yet", "The first sync copies the metadata of your Stash. It only reads.", link("#/settings", "Connect your Stash")));
    return;
  }
  tiles.replaceChildren(el("dl", { class: "tiles four" }, KINDS.map(([name, text]) => el("div", { class: "tile" }, el("dt", { class: "tile-name" }, text), el("dd", { class: "tile-count" }, count(counts[name]))))));
  last.replaceChildren(...(sync ? told(sync) : []));
}

function told(sync) {
  const when = time(sync.finished_at ?? sync.started_at, { prefix: sync.status === "completed" ? "Last sync " : `The last sync ${sync.status} ` });
  const warnings = (sync.result?.warnings ?? []).map((text) => el("p", { class: "notice notice-warn" }, icon("warning"), el("span", {}, text)));
  const error = sync.error ? [el("p", { class: "notice notice-bad" }, icon("warning"), el("span", {}, sync.error))] : [];
  return [el("p", { class: "quiet" }, when, sync.summary ? `: ${sync.summary}` : ""), ...error, ...warnings];
}

function drawPlans(node, plans) {
  const rows = plans.slice(0, 3).map((plan) => el("li", { class: "panel plan-line" },
    link(`#/plan/${plan.id}`, `Plan ${plan.id}`, { class: "card-title" }), planBadge(plan),
    el("span", { class: "quiet" }, `${many(decided(plan, "pending"), "change")} to review, ${count(decided(plan, "approved"))} approved`)));
  node.replaceChildren(...(rows.length ? [section("To review", el("ul", { class: "plan-lines" }, rows))] : []));
}

function card(job, app, jobs) {
  let newest = job;
  const state = badge(job);
  const bar = el("job-progress", {});
  const since = time(job.started_at, { prefix: "started " });
  const stop = button("Cancel", () => app.attempt(() => jobs.cancel(newest.id)), { kind: "small" });
  const title = link("", job.type, { class: "card-title" });
  const node = el("article", { class: "card" }, el("div", { class: "card-head" }, title, stop), bar, el("div", { class: "card-foot" }, since, state.node));
  return {
    node,
    update(next) {
      newest = next;
      state.update(next);
      setText(title, next.type);
      setAttribute(title, "href", `../jobs/ui/#/job/${encodeURIComponent(next.id)}`);
      setAttribute(stop, "aria-label", `Cancel ${next.type}`);
      stop.disabled = Boolean(next.cancel_requested_at);
      bar.state = next;
      setTime(since, next.started_at);
    },
  };
}
