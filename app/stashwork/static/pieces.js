// Words and small parts that several views of stashwork use.

import { count, el, svg } from "./jobs.js";

export const FIELDS = [["studio", "Studio"], ["performers", "Performers"], ["tags", "Tags"], ["date", "Date"], ["title", "Title"], ["details", "Details"]];
export const FIELD_NAMES = Object.fromEntries(FIELDS);
export const OUTCOMES = [["done", "written"], ["already", "already so"], ["conflict", "in conflict"], ["gone", "gone"], ["failed", "refused"]];
const STATUS_NAMES = {
  analyzing: "Being made", draft: "To review", reviewed: "Reviewed", applying: "Being applied", applied: "Applied",
  partly_applied: "Partly applied", undoing: "Being undone", undone: "Undone", partly_undone: "Partly undone", closed: "Closed",
};
const LOOKS = { analyzing: "running", applying: "running", undoing: "running", applied: "completed", partly_applied: "retrying", partly_undone: "retrying" };
const PATHS = {
  home: "M2.5 7.5 8 2.8l5.5 4.7v5.7H9.8V9.6H6.2v3.6H2.5z",
  plans: "M2.5 4l1.2 1.2L6 2.9M2.5 9l1.2 1.2L6 7.9M8.5 4.2h5M8.5 9.2h5M8.5 13.2h5",
  settings: "M2.5 4.5h6M12 4.5h1.5M2.5 11.5H4M7.5 11.5h6M10.2 2.7v3.6M5.8 9.7v3.6",
  sync: "M13 8a5 5 0 0 1-9.3 2.5M3 8a5 5 0 0 1 9.3-2.5M12.6 2.4v3.1H9.5M3.4 13.6v-3.1h3.1",
  analyze: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.4 10.4l3.1 3.1",
};

/** An icon of stashwork's own; drawn like those of the jobs. */
export function ownIcon(name) {
  return svg("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" }, svg("path", { d: PATHS[name] }));
}

/** A button with an icon of stashwork's own. */
export function ownButton(text, iconName, onclick, kind = "") {
  return el("button", { type: "button", class: `button ${kind}`, onclick }, ownIcon(iconName), el("span", {}, text));
}

/** The status of a plan. */
export function planBadge(plan) {
  return el("span", { class: `badge badge-${LOOKS[plan.status] ?? "pending"}` }, STATUS_NAMES[plan.status] ?? plan.status);
}

/** How many changes of a plan have a decision; of all fields, or of one. */
export function decided(plan, decision, field = null) {
  const chosen = field ? [plan.changes[field] ?? {}] : Object.values(plan.changes);
  return chosen.reduce((sum, numbers) => sum + (numbers[decision] ?? 0), 0);
}

/** How many changes a plan has. */
export function total(plan, field = null) {
  return ["pending", "approved", "rejected"].reduce((sum, decision) => sum + decided(plan, decision, field), 0);
}

/** "3 changes", "1 change". */
export const many = (number, one, several = `${one}s`) => `${count(number)} ${number === 1 ? one : several}`;

/** What a value says to people: a text, or the name of an entity. */
export function said(value) {
  if (value === null || value === undefined || value === "") return "";
  return typeof value === "object" ? (value.name ?? (value.id ? `no. ${value.id}` : "")) : String(value);
}
