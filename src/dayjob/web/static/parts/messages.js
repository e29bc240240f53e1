// What the page tells people: sentences for a moment, and the one live region for screen readers.

import { el } from "../lib/dom.js";
import { icon } from "./icons.js";

const MOST_TOASTS = 3;
const SHOWN = 4500; // milliseconds
const SHOWN_BAD = 9000;
const HEARD = 10_000; // by then a screen reader has said it

export class Messages {
  constructor() {
    this.saidAt = 0;
    this.live = el("div", { class: "offscreen", "aria-live": "polite" });
    this.toasts = el("section", { class: "toasts", "aria-label": "Messages" });
  }

  /** Show a sentence for a moment, and say it to screen readers. */
  note(text, bad = false) {
    const node = el("div", { class: `toast ${bad ? "toast-bad" : ""}` }, icon(bad ? "warning" : "completed"), el("span", {}, text));
    this.toasts.append(node);
    while (this.toasts.childElementCount > MOST_TOASTS) this.toasts.firstChild.remove();
    setTimeout(() => node.remove(), bad ? SHOWN_BAD : SHOWN);
    this.say(text);
  }

  /** Say it to screen readers only. Each sentence is a node of its own, so that a second one does not replace the first. */
  say(text) {
    const node = el("p", {}, text);
    this.saidAt = Date.now();
    this.live.append(node);
    setTimeout(() => node.remove(), HEARD);
  }
}
