// The strip under the bar: how the line to the server is, where that is worth a word.

import { el, redraw, show } from "../lib/dom.js";
import { clock } from "../lib/format.js";
import { icon } from "./icons.js";
import { button } from "./pieces.js";

const SHORT_BREAK = 700; // milliseconds; nobody's business

export class LineStrip {
  constructor(store, say) {
    Object.assign(this, { store, say, timer: 0 });
    this.node = el("div", { class: "strip", hidden: true });
    store.addEventListener("line", () => this._changed());
  }

  _changed() {
    const { line, problem } = this.store;
    const text = problem ? refusal(problem) : sentence(line);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this._draw(text, Boolean(problem)), text && !problem ? SHORT_BREAK : 0);
  }

  _draw(text, refused) {
    show(this.node, text);
    document.body.classList.toggle("stale", Boolean(text) && !refused && this.store.line.name === "reconnecting");
    this.node.classList.toggle("strip-bad", refused);
    const make = () => [icon(refused ? "lock" : "offline"), el("span", {}, text), refused && button("Reload", () => location.reload(), { kind: "small" })];
    if (redraw(this.node, text, () => text && make()) && text) this.say(text);
  }
}

function sentence({ name, since }) {
  if (name === "polling") return "Live updates cannot get through here; reading every few seconds";
  if (name !== "reconnecting") return "";
  return `Reconnecting${since ? `, data from ${clock(since)}` : ""}`;
}

function refusal({ status, message }) {
  return status === 401 ? "You are not signed in (any more). Reload this page to sign in." : `You may not see these pages: ${message}`;
}
