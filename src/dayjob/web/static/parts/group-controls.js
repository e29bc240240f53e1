// Controls with others inside: objects, tuples, lists, maps, several of a few values, one of several shapes, and groups
// that can be null.

import { el } from "../lib/dom.js";
import { Field, isObject } from "../lib/schema.js";
import { Control, GroupControl, LEFT_OUT, Unreadable, newId } from "./control.js";
import { button } from "./pieces.js";

export class ObjectControl extends GroupControl {
  build() {
    this.frame();
    this.values = isObject(this.first) ? this.first : {};
    this.members = new Map(this.field.members.map((member) => [member.key, this.make(member, this.values[member.key])]));
    this.body.append(...this.parts().map((part) => part.node));
  }

  parts() {
    return [...this.members.values()];
  }

  part(key) {
    return this.members.get(key);
  }

  /** Members that the schema does not name are kept as they are, when a job is run again. */
  value() {
    const read = [...this.members].map(([key, part]) => [key, part.read()]).filter(([, value]) => value !== LEFT_OUT);
    const others = Object.entries(this.values).filter(([key]) => !this.members.has(key));
    return Object.fromEntries([...others, ...read]);
  }
}

export class TupleControl extends GroupControl {
  build() {
    this.frame();
    const values = Array.isArray(this.first) ? this.first : [];
    this.members = this.field.members.map((member, at) => this.make(member, values[at]));
    this.body.append(...this.members.map((part) => part.node));
  }

  parts() {
    return this.members;
  }

  part(key) {
    return this.members[key];
  }

  value() {
    return this.members.map((part) => part.read());
  }
}

/** Rows that can be added and removed; a row is {node, control, remove}. */
class RowsControl extends GroupControl {
  build() {
    this.rows = [];
    this.adder = button("Add", () => this.add().focus(), { kind: "small", iconName: "plus" });
    this.adder.setAttribute("aria-label", `Add to ${this.field.label}`);
    this.frame(this.adder);
  }

  /** A new row with these parts, of which the last is its value. */
  addRow(look, ...parts) {
    const row = { parts, remove: button("", () => this._remove(row), { kind: "quiet square", iconName: "close" }) };
    row.node = el("div", { class: look }, parts.map((part) => part.node), row.remove);
    this.rows.push(row);
    this.body.append(row.node);
    this.renumber();
    return parts[0];
  }

  _remove(row) {
    this.rows.splice(this.rows.indexOf(row), 1);
    row.node.remove();
    this.renumber();
    this.adder.focus();
  }

  parts() {
    return this.rows.flatMap((row) => row.parts);
  }
}

export class ListControl extends RowsControl {
  build() {
    super.build();
    const values = Array.isArray(this.first) ? this.first : [];
    const least = this.field.required ? this.field.least : 0;
    for (let at = 0; at < Math.max(values.length, least); at++) this.add(values[at]);
  }

  add(value) {
    return this.addRow("list-row", this.make(this.field.item(this.rows.length + 1), value));
  }

  renumber() {
    this.rows.forEach(({ parts: [item], remove }, at) => {
      item.rename(`${this.field.label} ${at + 1}`);
      remove.setAttribute("aria-label", `Remove ${this.field.label} ${at + 1}`);
    });
  }

  part(key) {
    return this.rows[key]?.parts[0];
  }

  value() {
    return this.parts().map((item) => item.read());
  }
}

const NAME = new Field({ type: "string" }, { root: {}, label: "Name", required: true, depth: 1 });

/** Rows of name and value. */
export class MapControl extends RowsControl {
  build() {
    super.build();
    for (const [name, value] of Object.entries(isObject(this.first) ? this.first : {})) this.add(name, value);
  }

  add(name, value) {
    return this.addRow("list-row map-row", this.make(NAME, name), this.make(this.field.entry, value));
  }

  renumber() {
    for (const { remove } of this.rows) remove.setAttribute("aria-label", `Remove from ${this.field.label}`);
  }

  part(key) {
    return this.rows.find(({ parts: [name] }) => name.entered() === key)?.parts[1];
  }

  value() {
    const values = new Map();
    for (const { parts: [name, value] } of this.rows) {
      const key = name.read();
      if (values.has(key)) throw new Unreadable("is there twice", name);
      values.set(key, value.read());
    }
    return Object.fromEntries(values);
  }
}

/** Several of a few values. */
export class ChecksControl extends GroupControl {
  build() {
    this.frame();
    const chosen = Array.isArray(this.first) ? this.first : [];
    this.boxes = this.field.values.map((value) => el("input", { type: "checkbox", checked: chosen.includes(value) }));
    this.body.append(...this.boxes.map((box, at) => el("label", { class: "check" }, box, this.field.names[at])));
  }

  entered() {
    return JSON.stringify(this.boxes.map((box) => box.checked));
  }

  value() {
    return this.field.values.filter((_value, at) => this.boxes[at].checked);
  }
}

/** One of several shapes: chosen by name, then filled in. */
export class UnionControl extends GroupControl {
  build() {
    const { options, nullable, required } = this.field;
    this.options = options;
    const fitting = this.field.optionOf(this.first);
    const chosen = fitting < 0 && required && !nullable ? 0 : fitting;
    const none = (chosen < 0 || nullable) && el("option", { value: "" }, "none");
    this.select = el("select", { id: this.id, onchange: () => this._draw() }, none, options.map((one, at) => el("option", { value: at, selected: at === chosen }, one.label)));
    this.holder = el("div", { class: "group-body" });
    this.frame();
    this.body.append(el("div", { class: "field" }, el("label", { for: this.id }, "Kind"), this.select), this.holder);
    this._draw(this.first ?? undefined);
  }

  _draw(value) {
    this.inner = this.select.value === "" ? null : this.make(this.options[Number(this.select.value)], value);
    this.holder.replaceChildren(...this.parts().map((part) => part.node));
  }

  parts() {
    return this.inner ? [this.inner] : [];
  }

  /** The server's path has the name of the shape in it, which is no member: it is left out. */
  at(path) {
    if (!this.inner) return [this, path];
    return this.inner.at(this.inner.part?.(String(path[0])) ? path : path.slice(1));
  }

  entered() {
    return JSON.stringify([this.select.value, super.entered()]);
  }

  value() {
    if (this.inner) return this.inner.read();
    return this.field.nullable ? null : LEFT_OUT;
  }

  focus() {
    (this.inner ?? this.select).focus();
  }
}

/** A group with a switch: off is null. */
export class OptionalControl extends Control {
  build() {
    const id = newId();
    this.box = el("input", { type: "checkbox", class: "switch", role: "switch", id, checked: this.first !== null && this.first !== undefined, onchange: () => this._draw() });
    this.holder = el("div", {});
    this.node = el("div", { class: "optional" }, el("div", { class: "field field-inline" }, this.box, el("label", { for: id }, this.name)), this.trouble, this.holder);
    this._draw();
  }

  _draw() {
    this.inner = this.box.checked ? this.make(this.field.inner, this.given) : null;
    this.holder.replaceChildren(...this.parts().map((part) => part.node));
  }

  parts() {
    return this.inner ? [this.inner] : [];
  }

  at(path) {
    return this.inner ? this.inner.at(path) : [this, path];
  }

  rename(text) {
    super.rename(text);
    this.inner?.rename(text);
  }

  entered() {
    return this.inner ? this.inner.entered() : null;
  }

  value() {
    return this.inner ? this.inner.read() : null;
  }

  focus() {
    (this.inner ?? this.box).focus();
  }
}
