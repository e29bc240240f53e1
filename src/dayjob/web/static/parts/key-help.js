// The list of the keys, and the switch for those that are letters.

import { el } from "../lib/dom.js";
import { hasLetters, setLetters } from "../lib/keys.js";
import { openDialog } from "./dialog.js";

/** Show what the keys do: [[keys, text], …]. */
export function showKeys(keys) {
  if (document.querySelector("dialog[open]")) return;
  const dialog = el("dialog", { class: "dialog help", "aria-label": "Keys" },
    el("h2", {}, "Keys"),
    el("dl", {}, keys.map(([names, text]) => el("div", {}, el("dt", {}, caps(names)), el("dd", {}, text)))),
    lettersSwitch(),
    el("form", { method: "dialog" }, el("div", { class: "actions" }, el("button", { class: "button", autofocus: true }, "Close"))));
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); }); // beside it
  openDialog(dialog);
}

function lettersSwitch() {
  const box = el("input", { type: "checkbox", class: "switch", role: "switch", id: "letters", checked: hasLetters(), "aria-describedby": "letters-hint", onchange: () => setLetters(box.checked) });
  return el("div", { class: "field field-inline" }, box, el("label", { for: "letters" }, "Keys of one character"),
    el("p", { class: "field-hint", id: "letters-hint" }, "Off: only Enter and Esc do something. For this browser."));
}

/** "g o" -> two caps; "j / k" -> two with a stroke between them; "/" -> one. */
function caps(names) {
  return names.split(" ").map((name) => (name === "/" && names !== "/" ? " / " : el("kbd", {}, name)));
}
