// Home: what is in the library, how the last sync went, what runs now, what waits for a review.

import * as api from "../api.js";
import { KeyedList, badge, button, confirm, count, el, empty, fault, heading, icon, link, onceAFrame, redraw, section, setAttribute, setText, setTime, show, throttle, time } from "../jobs.js";
import { decided, many, ownButton, planBadge, total } from "../pieces.js";

const KINDS = [["scenes", "Scenes"], ["performers", "Performers"], ["studios", "Studios"], ["tags", "Tags"]];
const OPEN = ["draft", "reviewed", "partly_applied"];
const MOST = 12; // jobs
const MOST_PLANS = 3;

export function homeView(root, { app, store, jobs }) {
  const notice = el("div", {});
  const tiles = el("dl", { class: "panel tiles", hidden: true });
  const tileList = new KeyedList(tiles, ([name]) => name, tile);
  const last = el("div", { class: "last-sync" });
  const cards = el("div", { class: "cards" });
  const idle = el("p", { class: "panel quiet idle" }, icon("completed"), el("span", {}, "Nothing is running."));
  const list = new KeyedList(cards, (job) => job.id, (job) => card(job, app, jobs));
  const plans = el("ul", { class: "plan-lines" });
  const planList = new KeyedList(plans, (plan) => plan.id, planLine);
  const review = section("To review", plans);
  show(review, false);

  const start = (type, sentence, args = {}) => app.attempt(async () => {
    store.accept(await jobs.create(type, args));
    app.note(sentence);
  });
  const answer = async ({ ask, yes, args }) => {
    if (await confirm(ask, yes)) start("sync_all", "The sync was started", args);
  };
  root.append(
    heading("Library",
      ownButton("Sync", "sync", () => start("sync_all", "The sync was started"), "primary"),
      ownButton("Analyse …", "analyze", () => app.go("#/analyze")),
      button("Do both", () => start("process_library", "Sync and analysis were started"), { title: "Sync, analyse, and apply what is sure" })),
    notice, tiles, last, section("Now running", cards, idle), review);

  const drawJobs = onceAFrame(() => {
    const running = store.active().slice(0, MOST);
    list.show(running);
    show(cards, running.length);
    show(idle, !running.length);
  });
  let closed = false;
  const read = throttle(async () => {
    try {
      const [counts, found] = await Promise.all([api.library(), api.plans()]);
      const isNew = !counts.last_sync && !counts.scenes;
      redraw(notice, isNew ? "new" : "", () => isNew && empty("Nothing here yet", "The first sync copies the metadata of your Stash. It only reads.", link("#/settings", "Connect your Stash")));
      tileList.show(KINDS.map(([name, text]) => [name, text, counts[name]]));
      show(tiles, !isNew);
      redraw(last, JSON.stringify(counts.last_sync), () => counts.last_sync && told(counts.last_sync, answer));
      const open = found.items.filter((plan) => OPEN.includes(plan.status) && total(plan)).slice(0, MOST_PLANS);
      planList.show(open);
      show(review, open.length);
    } catch (error) {
      if (!closed) redraw(notice, error.message, () => fault(error, read));
    }
  }, { every: 1000 });
  const heard = ({ detail }) => {
    drawJobs();
    if (detail.job?.completed_at && !detail.was?.completed_at) read();
  };
  store.addEventListener("job", heard);
  drawJobs();
  read();
  return {
    close() {
      closed = true;
      store.removeEventListener("job", heard);
      drawJobs.cancel();
      read.cancel();
    },
  };
}

function tile([, text]) {
  const number = el("dd", { class: "tile-count" });
  return { node: el("div", { class: "tile" }, el("dt", { class: "tile-name" }, text), number), update: ([, , found]) => setText(number, count(found)) };
}

// What its owner can say of a library that does not look like the one that was copied.
const SAME = { text: "It is the same library", ask: "Take what Stash has now for the same library?", yes: "It is the same", args: { library: "same" } };
const GONE = { text: "They are meant to be gone", ask: "Remove what Stash no longer has from the local copy?", yes: "Remove it", args: { allow_removals: true } };
const NEW = { text: "It is a new library", ask: "Make the local copy again, and close all plans for good?", yes: "Start anew", args: { library: "new" } };
const ANSWERS = { other_library: [SAME, NEW], too_many_gone: [GONE, NEW] };

function told(sync, answer) {
  const when = time(sync.finished_at ?? sync.started_at, { prefix: sync.status === "completed" ? "Last sync " : `The last sync ${sync.status} ` });
  const warnings = (sync.result?.warnings ?? []).map((text) => el("p", { class: "notice notice-warn" }, icon("warning"), el("span", {}, text)));
  const error = sync.error ? [el("p", { class: "notice notice-bad" }, icon("warning"), el("span", {}, sync.error))] : [];
  const answers = (ANSWERS[sync.code] ?? []).map((one) => button(one.text, () => answer(one)));
  const ways = answers.length ? [el("div", { class: "actions" }, answers)] : [];
  return [el("p", { class: "quiet" }, when, sync.summary ? `: ${sync.summary}` : ""), ...error, ...ways, ...warnings];
}

function planLine({ id }) {
  const status = el("span", {});
  const words = el("span", { class: "quiet" });
  return {
    node: el("li", { class: "panel plan-line" }, link(`#/plan/${id}`, `Plan ${id}`, { class: "card-title" }), status, words),
    update(plan) {
      redraw(status, plan.status, () => planBadge(plan));
      setText(words, `${many(decided(plan, "pending"), "change")} to review, ${count(decided(plan, "approved"))} approved`);
    },
  };
}

function card(job, app, jobs) {
  let newest = job;
  const status = badge(job);
  const bar = el("job-progress", {});
  const since = time(job.started_at, { prefix: "started " });
  const stop = button("Cancel", () => app.attempt(() => jobs.cancel(newest.id)), { kind: "small" });
  const title = link("", job.type, { class: "card-title" });
  const node = el("article", { class: "panel card" }, el("div", { class: "card-head" }, title, stop), bar, el("div", { class: "card-foot" }, since, status.node));
  return {
    node,
    update(next) {
      newest = next;
      status.update(next);
      setText(title, next.type);
      setAttribute(title, "href", `../jobs/ui/#/job/${encodeURIComponent(next.id)}`);
      setAttribute(stop, "aria-label", `Cancel ${next.type}`);
      stop.disabled = Boolean(next.cancel_requested_at);
      bar.state = next;
      setTime(since, next.started_at);
    },
  };
}
