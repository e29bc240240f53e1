// The list of the keys.

import { el } from "../lib/dom.js";
import { openDialog } from "./dialog.js";

/** Show what the keys do: [[keys, text], …]. */
export function showKeys(keys) {
  if (document.querySelector("dialog[open]")) return;
  const dialog = el("dialog", { class: "dialog help", "aria-label": "Keys" },
    el("h2", {}, "Keys"),
    el("dl", {}, keys.map(([names, text]) => el("div", {}, el("dt", {}, caps(names)), el("dd", {}, text)))),
    el("form", { method: "dialog" }, el("div", { class: "actions" }, el("button", { class: "button", autofocus: true }, "Close"))));
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); }); // beside it
  openDialog(dialog);
}

/** "g o" -> two caps; "j / k" -> two with a stroke between them; "/" -> one. */
function caps(names) {
  return names.split(" ").map((name) => (name === "/" && names !== "/" ? " / " : el("kbd", {}, name)));
}
