// A job in the list.

import { el, setAttribute, setText, show } from "../lib/dom.js";
import { ACTIVE, condition, duration, items, percent, ran, rate } from "../lib/format.js";
import { badge, button, link, setTime, time } from "../parts/pieces.js";

/** A row for a KeyedList; `list` has actions, selected (ids), and select(job, on). */
export function jobRow(list, job) {
  let newest = job;
  const status = badge(job);
  const box = el("input", { type: "checkbox", "data-act": "select", onchange: () => list.select(newest, box.checked) });
  const title = link("", "", { "data-open": true, class: "row-title" });
  const text = el("span", { class: "row-text" });
  const numbers = el("span", { class: "row-numbers" });
  const when = time(job.created_at);
  const took = el("span", { class: "row-took" });
  const cancel = button("Cancel", () => list.actions.cancel(newest), { kind: "small quiet", act: "cancel" });
  const retry = button("Retry", () => list.actions.retry(newest), { kind: "small quiet", act: "retry" });
  const node = el("li", { class: "row", "data-row": true }, box, status.node, el("span", { class: "row-main" }, title, text), numbers, took, when, el("span", { class: "row-act" }, cancel, retry));
  return {
    node,
    update(next) {
      newest = next;
      status.update(next);
      setAttribute(title, "href", `#/job/${encodeURIComponent(next.id)}`);
      setText(title, next.type);
      box.checked = list.selected.has(next.id);
      for (const [control, word] of [[box, "Select"], [cancel, "Cancel"], [retry, "Retry"]]) setAttribute(control, "aria-label", `${word} ${next.type}`);
      setText(text, next.error ?? next.message ?? "");
      text.classList.toggle("row-error", Boolean(next.error));
      setText(numbers, next.status === "running" ? [next.total_items ? `${percent(next)} %` : items(next), rate(next.rate)].filter(Boolean).join(" · ") : "");
      setText(took, duration(ran(next)));
      setTime(when, condition(next) === "scheduled" ? next.run_at : next.created_at);
      const active = ACTIVE.includes(next.status);
      show(cancel, active);
      cancel.disabled = Boolean(next.cancel_requested_at);
      show(retry, !active);
    },
  };
}
