// JSON for reading: coloured, foldable by its size, to be copied whole.

import { el } from "../lib/dom.js";
import { pretty } from "../lib/format.js";
import { button, copyButton } from "./pieces.js";

const SHOWN = 20_000; // characters; more only when asked for
const TOKEN = /("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** A value as coloured text. */
export function jsonView(value, label) {
  const text = pretty(value);
  const pre = el("pre", { class: "json", tabindex: 0, role: "group", "aria-label": label });
  const more = button(`Show all ${Math.ceil(text.length / 1024)} KB`, () => { colour(pre, text); more.remove(); }, { kind: "small" });
  colour(pre, text.slice(0, SHOWN));
  return el("div", { class: "json-box" }, pre, copyButton(() => text, `Copy ${label.toLowerCase()}`), text.length > SHOWN && more);
}

function colour(pre, text) {
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [whole, string, colon] = match;
    nodes.push(text.slice(at, match.index));
    const kind = colon ? "key" : string ? "string" : /^[tfn]/.test(whole) ? "word" : "number";
    nodes.push(el("span", { class: `json-${kind}` }, string ?? whole), colon ?? "");
    at = match.index + whole.length;
  }
  pre.replaceChildren(...nodes, text.slice(at));
}
