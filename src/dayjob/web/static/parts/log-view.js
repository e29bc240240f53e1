// The log of a job: follows, pauses, copies. Holds the last lines only.

import { el, setText, show } from "../lib/dom.js";
import { absolute, clock } from "../lib/format.js";
import { button, copyButton } from "./pieces.js";

const KEPT = 2000;

/** {node, add(lines)}. While paused, lines are counted and come when it goes on. */
export class LogView {
  constructor() {
    this.seen = 0;
    this.waiting = [];
    this.following = true;
    this.list = el("div", { class: "log", tabindex: 0, role: "group", "aria-label": "Log lines" });
    this.none = el("p", { class: "quiet" }, "Nothing logged yet.");
    this.follow = button("Pause", () => this._toggle(), { kind: "small", "aria-pressed": "false" });
    this.list.addEventListener("scroll", () => this._scrolled());
    this.node = el("div", { class: "log-box" },
      el("div", { class: "actions" }, this.follow, copyButton(() => this._text(), "Copy log")), this.none, this.list);
    show(this.list, false);
  }

  add(lines) {
    const fresh = lines.filter((line) => line.seq > this.seen || line.seq === 0);
    if (!fresh.length) return;
    this.seen = Math.max(this.seen, ...fresh.map((line) => line.seq));
    this.waiting.push(...fresh);
    if (this.waiting.length > KEPT) this.waiting.splice(0, this.waiting.length - KEPT);
    if (this.following) this._flush();
    else this._label();
  }

  /** Nothing comes any more: there is nothing to follow. */
  end() {
    show(this.follow, false);
    setText(this.none, "Nothing was logged.");
  }

  _flush() {
    this.list.append(...this.waiting.map(row));
    this.waiting = [];
    while (this.list.childElementCount > KEPT) this.list.firstChild.remove();
    show(this.none, false);
    show(this.list, true);
    this.list.scrollTop = this.list.scrollHeight;
  }

  _toggle() {
    this.following = !this.following;
    if (this.following) this._flush();
    this._label();
  }

  /** Whoever scrolls up wants to read; whoever comes back to the end wants to follow. */
  _scrolled() {
    const atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 24;
    if (atEnd !== this.following) this._toggle();
  }

  _label() {
    const news = this.waiting.length ? ` (${this.waiting.length} new)` : "";
    setText(this.follow, this.following ? "Pause" : `Follow${news}`);
    this.follow.setAttribute("aria-pressed", String(!this.following));
  }

  _text() {
    return [...this.list.children].map((node) => [...node.children].map((part) => part.textContent).join(" ")).join("\n");
  }
}

function row(line) {
  const level = line.level.toLowerCase();
  return el("div", { class: `log-line log-${level}` },
    el("time", { title: absolute(line.at) }, clock(line.at)), el("span", { class: "log-level" }, line.level), el("span", { class: "log-text" }, line.text));
}
