// All plans, newest first.

import * as api from "../api.js";
import { KeyedList, button, confirm, count, el, empty, fault, heading, link, redraw, setText, show, throttle, time } from "../jobs.js";
import { FIELDS, decided, many, ownButton, planBadge, total } from "../pieces.js";

const BUSY = ["analyzing", "applying", "undoing"];
const PLAN_JOBS = ["analyze_scenes", "apply_plan", "undo_plan", "process_library"];

export function plansView(root, { app, store }) {
  let pages = 1; // that are shown
  let closed = false;
  const notice = el("div", {}, el("p", { class: "quiet" }, "Reading the plans …"));
  const list = el("ol", { class: "plans" });
  const more = button("Show more", () => { pages += 1; read(); }, { kind: "more", hidden: true });
  const keyed = new KeyedList(list, (plan) => plan.id, () => card(remove));
  root.append(heading("Plans", ownButton("Analyse …", "analyze", () => app.go("#/analyze"), "primary")), notice, list, more);

  // All pages that are shown, one reading at a time: neither news nor "Show more" undo each other.
  const read = throttle(async () => {
    try {
      const plans = [];
      let cursor = null;
      let left = pages;
      do {
        const page = await api.plans(cursor);
        plans.push(...page.items);
        cursor = page.next_cursor;
        left -= 1;
      } while (cursor && left > 0);
      show(more, cursor);
      keyed.show(plans);
      redraw(notice, plans.length > 0, () => !plans.length && empty("No plans yet", "An analysis looks at your scenes and proposes what could be better. It changes nothing: you decide.", link("#/analyze", "Analyse", { class: "button primary" })));
    } catch (error) {
      if (!closed) redraw(notice, error.message, () => fault(error, read));
    }
  });
  async function remove(plan) {
    if (!(await confirm(`Delete plan ${plan.id}? What you rejected stays rejected.`, "Delete the plan"))) return;
    await app.attempt(async () => {
      await api.remove(plan.id);
      app.note(`Plan ${plan.id} is deleted`);
      read();
    });
  }
  const heard = ({ detail: { job, was } }) => { if (PLAN_JOBS.includes(job?.type) && job.status !== was?.status) read(); };
  store.addEventListener("job", heard);
  read();
  return {
    close() {
      closed = true;
      store.removeEventListener("job", heard);
      read.cancel();
    },
  };
}

function card(remove) {
  let newest = null;
  const title = link("", "", { class: "card-title", "data-open": true });
  const status = el("span", {});
  const words = el("p", { class: "quiet" });
  const fields = el("ul", { class: "field-counts" });
  const drop = button("Delete", () => remove(newest), { kind: "small quiet" });
  const node = el("li", { class: "panel plan", "data-row": true }, el("div", { class: "plan-head" }, title, status, el("div", { class: "actions" }, drop)), words, fields);
  return {
    node,
    update(plan) {
      newest = plan;
      title.href = `#/plan/${plan.id}`;
      setText(title, `Plan ${plan.id}`);
      redraw(status, plan.status, () => planBadge(plan));
      drop.disabled = BUSY.includes(plan.status);
      drop.setAttribute("aria-label", `Delete plan ${plan.id}`);
      words.replaceChildren(time(plan.created_at), ` · ${summary(plan)}`);
      fields.replaceChildren(...FIELDS.filter(([name]) => total(plan, name)).map(([name, text]) => el("li", {}, `${text} `, el("strong", {}, count(total(plan, name))))));
    },
  };
}

function summary(plan) {
  if (!total(plan)) return plan.status === "analyzing" ? `${many(plan.scenes, "scene")} so far` : `${many(plan.scenes, "scene")}: nothing to improve`;
  const open = ["analyzing", "draft", "reviewed", "partly_applied"].includes(plan.status);
  const decisions = [["pending", open ? "to review" : "not decided"], ["approved", "approved"], ["rejected", "rejected"]].filter(([name]) => decided(plan, name));
  return `${many(total(plan), "change")} in ${many(plan.scenes_with_changes, "scene")}: ${decisions.map(([name, text]) => `${count(decided(plan, name))} ${text}`).join(", ")}`;
}
