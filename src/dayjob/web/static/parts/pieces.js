// Small pieces that several views use.

import { el, redraw, setAttribute, setText } from "../lib/dom.js";
import { absolute, condition, relative } from "../lib/format.js";
import { icon } from "./icons.js";

const NAMES = {
  pending: "Waiting", scheduled: "Scheduled", retrying: "Will retry", running: "Running", stalled: "Stalled",
  cancelling: "Cancelling", completed: "Completed", failed: "Failed", cancelled: "Cancelled",
};

/** The condition of a job as icon and word; update(job). */
export function badge(job) {
  const node = el("span", {});
  const update = (newest) => {
    const name = condition(newest);
    drawBadge(node, name, name, NAMES[name] ?? name);
  };
  update(job);
  return { node, update };
}

/** An icon and a word in a badge that looks like that of a job in this condition. */
export function drawBadge(node, look, iconName, text) {
  setAttribute(node, "class", `badge badge-${look}`);
  redraw(node, text, () => [icon(iconName), el("span", {}, text)]);
}

/** A time as people say it, exact in its title; it is kept up to date by `tick`. */
export function time(iso, { prefix = "" } = {}) {
  const node = el("time", { "data-prefix": prefix || null });
  setTime(node, iso);
  return node;
}

export function setTime(node, iso) {
  setAttribute(node, "datetime", iso ?? null);
  setAttribute(node, "title", iso ? absolute(iso) : null);
  setText(node, iso ? (node.dataset.prefix ?? "") + relative(iso) : "");
}

/** Renew all times on the page. */
export function tick(now = Date.now()) {
  for (const node of document.querySelectorAll("time[datetime]")) {
    setText(node, (node.dataset.prefix ?? "") + relative(node.dateTime, now));
  }
}

/** A button. `act` names what it does for the keyboard. */
export function button(text, onclick, { kind = "", act = null, iconName = null, label = null, ...rest } = {}) {
  return el("button", { type: "button", class: `button ${kind}`, "data-act": act, "aria-label": label, title: label, onclick, ...rest },
    iconName && icon(iconName), text && el("span", {}, text));
}

/** A link to another view. */
export const link = (href, text, props = {}) => el("a", { href, ...props }, text);

/** A command with a button that copies it. */
export function command(text) {
  return el("div", { class: "command" }, el("code", {}, text), copyButton(() => text));
}

/** A button that copies what `text()` returns. */
export function copyButton(text, label = "Copy") {
  const node = button("", async () => {
    await copy(text());
    node.classList.add("done");
    node.replaceChildren(icon("completed"));
    setTimeout(() => { node.classList.remove("done"); node.replaceChildren(icon("copy")); }, 1500);
  }, { kind: "quiet square", iconName: "copy", label });
  return node;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // not a secure context, or not allowed
    const area = el("textarea", { class: "offscreen", "aria-hidden": "true" }, text);
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

/** What stands where nothing is: says what to do next. */
export function empty(title, text, ...children) {
  return el("div", { class: "empty" }, el("h2", {}, title), text && el("p", {}, text), ...children);
}

/** The view for an address that leads nowhere. */
export function notFound(root) {
  root.append(heading("No such page"), empty("There is nothing at this address", "It may be mistyped.", link("#/", "To the first page", { class: "button primary" })));
}

/** The head of a view. */
export function heading(title, ...actions) {
  return el("div", { class: "heading" }, el("h1", { tabindex: -1 }, title), el("div", { class: "actions" }, ...actions));
}

/** A part of a view with a title. */
export function section(title, ...children) {
  return el("section", { class: "section", "aria-label": title }, el("h2", {}, title), ...children);
}

/** A sentence about what went wrong. */
export function fault(error, again = null) {
  return el("div", { class: "notice notice-bad" }, icon("warning"), el("span", {}, error.message),
    again && button("Try again", again, { kind: "small" }));
}
