// What all controls of a form have in common: when they are left out, how a fault stands at them, and how they are named.

import { el, setAttribute, setText, show } from "../lib/dom.js";

/** Read from a control whose value is not to be sent, so that the server's default counts. */
export const LEFT_OUT = Symbol("left out");

const MASK = "**********"; // what the server shows for a secret
let ids = 0;

/** A value that cannot be sent, and the control where it stands. */
export class Unreadable extends Error {
  constructor(text, control) {
    super(text);
    this.control = control;
  }
}

/**
 * A control for a `Field` of lib/schema.js, which begins with the value `given` (undefined: with the field's default).
 * `make(field, given)` makes the controls inside it. A subclass has build(), which sets `node`; entered(), a text of what
 * stands in it, complete or not; value(), the JSON of it, or a throw of `Unreadable`; and focus().
 */
export class Control {
  constructor(field, given, make) {
    const wasMasked = given === MASK;
    Object.assign(this, { field, make, wasMasked, id: newId(), faults: [], name: el("span", {}, field.label) });
    this.given = wasMasked ? undefined : given;
    this.first = this.given === undefined ? field.default : this.given;
    this.trouble = el("p", { class: "field-fault", id: `${this.id}-fault`, hidden: true });
    this.build();
    this.start = this.entered();
  }

  /** What to send, or LEFT_OUT: for what need not be there, was not there before, and stands as it did at first. */
  read() {
    const isSent = this.field.required || this.given !== undefined || this.entered() !== this.start;
    return isSent ? this.value() : LEFT_OUT;
  }

  /** The control to which a path of the server leads, and the rest of the path. */
  at(path) {
    return [this, path];
  }

  /** Say what is wrong with it; `inside` leads to the place within its value. */
  mark(text, inside = []) {
    this.faults.push([inside.join(" / "), text].filter(Boolean).join(": "));
    this._drawFaults();
  }

  /** Forget what was wrong, here and inside. */
  clear() {
    this.faults = [];
    this._drawFaults();
    for (const part of this.parts()) part.clear();
  }

  /** The controls inside it. */
  parts() {
    return [];
  }

  rename(text) {
    setText(this.name, text);
  }

  _drawFaults() {
    setText(this.trouble, this.faults.join(" · "));
    show(this.trouble, this.faults.length);
  }
}

/** A control with one element to fill in; a subclass calls `frame` with it. */
export class SingleControl extends Control {
  frame(input, { inline = false, hints = [] } = {}) {
    const { required, nullable, hint } = this.field;
    this.input = input;
    input.id = this.id;
    const text = [hint, ...hints, this.wasMasked && "It is secret, so it has to be given again."].filter(Boolean).join(" ");
    this.hint = text && el("p", { class: "field-hint", id: `${this.id}-hint` }, text);
    const label = el("label", { for: this.id }, this.name, required && !nullable && !inline && el("span", { class: "required" }, " required"));
    this.node = el("div", { class: `field ${inline ? "field-inline" : ""}` }, inline ? [input, label] : [label, input], this.hint, this.trouble);
    this._drawFaults();
  }

  entered() {
    return this.input.value;
  }

  focus() {
    this.input.focus();
  }

  _drawFaults() {
    super._drawFaults();
    const isBad = this.faults.length > 0;
    setAttribute(this.input, "aria-invalid", isBad ? "true" : null);
    setAttribute(this.input, "aria-describedby", [isBad && this.trouble.id, this.hint && this.hint.id].filter(Boolean).join(" ") || null);
  }
}

/** A control with others inside: objects, lists, tuples. */
export class GroupControl extends Control {
  /** Its frame, around a body for what is inside, and what comes below that. */
  frame(...below) {
    const { hint, depth } = this.field;
    this.body = el("div", { class: "group-body" });
    if (!depth) this.node = el("div", { class: "group-bare" }, this.trouble, this.body, below);
    else this.node = el("fieldset", { class: "group" }, el("legend", {}, this.name), hint && el("p", { class: "field-hint" }, hint), this.trouble, this.body, below);
  }

  /** The control of a member. */
  part(_key) {
    return undefined;
  }

  at(path) {
    const part = path.length ? this.part(String(path[0])) : undefined;
    return part ? part.at(path.slice(1)) : [this, path];
  }

  entered() {
    return JSON.stringify(this.parts().map((part) => part.entered()));
  }

  focus() {
    const [first] = this.parts();
    if (first) first.focus();
    else this.node.querySelector("button, input, textarea, select")?.focus();
  }
}

export function newId() {
  return `field-${++ids}`;
}
