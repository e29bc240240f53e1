// A form for a JSON Schema, as pydantic makes them. What it cannot draw is edited as JSON, in its place.
//
// Every control is {node, read(), fault(path, text), clear(), focus()}. read() gives a JSON value, or LEFT_OUT for what
// is not to be sent, so that the server's default counts; what cannot be sent is told by throwing `Unreadable`.

import { el, setText, show } from "../lib/dom.js";
import { pretty } from "../lib/format.js";
import { parse } from "../lib/api.js";
import { button } from "./pieces.js";

export const LEFT_OUT = Symbol("left out");
export const MASK = "**********";
const DEEPEST = 6;
let ids = 0;

/** A value that cannot be sent; `path` leads to its control. */
class Unreadable extends Error {
  constructor(text, path = []) {
    super(text);
    this.path = path;
  }

  under(key) {
    return new Unreadable(this.message, [key, ...this.path]);
  }
}

/** The form for the arguments of a job type. `args` are values to begin with. */
export class SchemaForm {
  constructor(schema, args = {}) {
    this.schema = schema ?? {};
    this.node = el("div", { class: "form" });
    this.asJson = !drawable(this.schema);
    this._draw(args);
  }

  /** Whether there is anything to fill in. */
  get isEmpty() {
    return drawable(this.schema) && !Object.keys(this.schema.properties ?? {}).length;
  }

  /** The arguments, or null when something has to be put right first; then it is marked and has the focus. */
  read() {
    this.control.clear();
    try {
      const value = this.control.read();
      return value === LEFT_OUT ? {} : value;
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      this.fault(error.path, error.message);
      this.control.focus(error.path);
      return null;
    }
  }

  fault(path, text) {
    this.control.fault(path, text);
  }

  /** Mark the fields that the server found fault with; returns what belongs to no field. */
  faults(errors) {
    const paths = errors.filter((error) => error.pointer).map((error) => [pointed(error.pointer), error.detail]);
    paths.forEach(([path, text]) => this.control.fault(path, text));
    this.node.querySelector("[aria-invalid=true]")?.focus();
    return errors.filter((error) => !error.pointer).map((error) => `${error.parameter ?? ""} ${error.detail}`.trim());
  }

  /** Change between fields and JSON, with what has been filled in. */
  toggle() {
    const value = this.read();
    if (value === null) return false;
    this.asJson = !this.asJson;
    this._draw(value);
    this.control.focus([]);
    return true;
  }

  get canToggle() {
    return drawable(this.schema);
  }

  _draw(args) {
    const field = new Field(this.schema, { key: "", label: "Arguments", root: this.schema, required: true, value: args, depth: 0 });
    this.control = this.asJson ? jsonControl(field) : objectControl(field, true);
    this.node.replaceChildren(this.control.node);
  }
}

/** A schema in its place: what all makers of controls get. */
class Field {
  constructor(schema, { key, label, root, required, value, depth, secret = false }) {
    const nullable = splitNull(resolve(schema, root), root);
    Object.assign(this, { key, label, root, required, value, depth, id: `field-${++ids}` });
    this.schema = nullable.schema;
    this.nullable = nullable.nullable;
    this.default = schema?.default ?? this.schema.default;
    this.hasDefault = "default" in (schema ?? {}) || "default" in this.schema;
    this.secret = secret || schema?.writeOnly === true || this.schema.writeOnly === true || this.schema.format === "password";
    this.hint = schema?.description ?? this.schema.description ?? "";
    if (value === MASK) this.value = undefined;
    this.wasMasked = value === MASK;
  }

  /** What the control shows first. */
  get first() {
    return this.value === undefined || this.value === LEFT_OUT ? this.default : this.value;
  }

  child(schema, key, label, required, value) {
    return new Field(schema, { key, label, required, value, root: this.root, depth: this.depth + 1, secret: this.secret });
  }
}

function drawable(schema) {
  return schema?.type === "object" && Boolean(schema.properties) && !schema.additionalProperties;
}

/** $ref and an allOf of one, followed; siblings of a $ref (title, default) win. */
function resolve(schema, root, seen = 0) {
  if (schema === true || !schema) return {};
  const inner = schema.$ref ? byPointer(root, schema.$ref) : schema.allOf?.length === 1 ? schema.allOf[0] : null;
  if (!inner || seen > 20) return schema;
  const { $ref, allOf, ...rest } = schema;
  return { ...resolve(inner, root, seen + 1), ...rest };
}

function byPointer(root, ref) {
  return pointed(ref.replace(/^#/, "")).reduce((at, key) => at?.[key], root) ?? {};
}

function splitNull(schema, root) {
  const options = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(schema.type) && schema.type.includes("null")) {
    const types = schema.type.filter((type) => type !== "null");
    return { nullable: true, schema: { ...schema, type: types.length === 1 ? types[0] : types } };
  }
  if (!options) return { nullable: false, schema };
  const others = options.filter((option) => resolve(option, root).type !== "null");
  if (others.length === options.length) return { nullable: false, schema };
  const { anyOf, oneOf, ...rest } = schema;
  return { nullable: true, schema: others.length === 1 ? { ...resolve(others[0], root), ...rest } : { ...rest, anyOf: others } };
}

function pointed(pointer) {
  return pointer.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function control(field) {
  const { schema } = field;
  if (field.depth > DEEPEST) return jsonControl(field);
  if ("const" in schema) return choiceControl(field, [schema.const]);
  if (schema.enum) return choiceControl(field, schema.enum);
  const options = schema.anyOf ?? schema.oneOf;
  if (options?.every((option) => "const" in option)) return choiceControl(field, options.map((option) => option.const));
  if (options) return unionControl(field, options);
  const make = { boolean: booleanControl, integer: textControl, number: textControl, string: textControl, array: arrayControl, object: anyObject }[schema.type];
  return (make ?? jsonControl)(field);
}

function anyObject(field) {
  const { schema } = field;
  if (schema.properties && !(schema.additionalProperties && typeof schema.additionalProperties === "object")) return optional(field, objectControl);
  return schema.additionalProperties && typeof schema.additionalProperties === "object" && !schema.properties ? optional(field, mapControl) : jsonControl(field);
}

/** Label, control, hint and fault of one field. */
function frame(field, input, { inline = false } = {}) {
  const fault = el("p", { class: "field-fault", id: `${field.id}-fault`, hidden: true });
  const hints = [field.hint, field.wasMasked && "It is secret, so it has to be given again.", field.nullable && !field.required && "Empty: none."];
  const hint = hints.filter(Boolean).join(" ");
  const label = el("label", { for: field.id }, field.label, field.required && !field.nullable && el("span", { class: "required" }, " required"));
  input.id = field.id;
  const note = hint && el("p", { class: "field-hint", id: `${field.id}-hint` }, hint);
  const described = (bad) => [bad && fault.id, note && note.id].filter(Boolean).join(" ");
  input.setAttribute("aria-describedby", described(false));
  if (!described(false)) input.removeAttribute("aria-describedby");
  const node = el("div", { class: `field ${inline ? "field-inline" : ""}` }, inline ? [input, label] : [label, input], note, fault);
  const mark = (text) => {
    setText(fault, text);
    show(fault, text);
    input.toggleAttribute("aria-invalid", false);
    if (text) input.setAttribute("aria-invalid", "true");
    const ids = described(Boolean(text));
    if (ids) input.setAttribute("aria-describedby", ids);
    else input.removeAttribute("aria-describedby");
  };
  return { node, input, fault: (_path, text) => mark(text), clear: () => mark(""), focus: () => input.focus() };
}

const DATES = { date: "date", time: "time", "date-time": "datetime-local" };

function textControl(field) {
  const { schema } = field;
  const numeric = schema.type === "integer" || schema.type === "number";
  const longest = Number(asText(schema.maxLength));
  const long = schema.type === "string" && !schema.format && (longest > 200 || /\n/.test(String(field.first ?? "")));
  const type = numeric ? "number" : field.secret ? "password" : (DATES[schema.format] ?? { email: "email", uri: "url" }[schema.format] ?? "text");
  const input = long ? el("textarea", { rows: 4 }) : el("input", { type, autocomplete: field.secret ? "new-password" : "off", spellcheck: "false" });
  if (numeric) setNumberLimits(input, schema);
  if (type === "datetime-local") input.step = 1;
  if (type === "time") input.step = 1;
  if (longest && !numeric) input.setAttribute("maxlength", longest);
  if (schema.format === "duration") input.placeholder = "PT1H30M";
  input.value = asText(field.first, type);
  if (field.nullable && field.default == null) input.placeholder ||= "none";
  const shown = input.value;
  const part = frame(field, input);
  part.read = () => {
    const untouched = field.value === undefined && input.value === shown;
    if (input.validity.badInput) throw new Unreadable("is not complete");
    if (untouched && !field.required) return LEFT_OUT;
    if (input.value === "") return blank(field, type);
    return numeric ? toNumber(input, schema) : fromText(input.value, type, schema);
  };
  return part;
}

function setNumberLimits(input, schema) {
  input.step = schema.type === "integer" ? 1 : "any";
  for (const [limit, name] of [["minimum", "min"], ["maximum", "max"]]) input[name] = asText(schema[limit]);
  input.inputMode = schema.type === "integer" ? "numeric" : "decimal";
}

function blank(field, type) {
  if (field.nullable) return null;
  if (!field.required && !(type === "text" && field.hasDefault)) return LEFT_OUT;
  if (field.required) throw new Unreadable("is required");
  return "";
}

function toNumber(input, schema) {
  const text = input.value.trim();
  if (schema.type === "integer" && !/^[+-]?\d+$/.test(text)) throw new Unreadable("has to be a whole number");
  const value = Number(text);
  if (!Number.isFinite(value)) throw new Unreadable("has to be a number");
  const exact = Number.isSafeInteger(value) || schema.type !== "integer" || !JSON.rawJSON;
  return exact ? value : JSON.rawJSON(text.replace(/^\+/, "").replace(/^(-?)0+(?=\d)/, "$1"));
}

function asText(value, type) {
  if (value === null || value === undefined) return "";
  if (JSON.isRawJSON?.(value)) return value.rawJSON;
  if (type === "datetime-local") return localTime(String(value));
  return typeof value === "object" ? pretty(value) : String(value);
}

function localTime(iso) {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return "";
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

function fromText(text, type) {
  return type === "datetime-local" ? new Date(text).toISOString() : text;
}

function booleanControl(field) {
  if (field.nullable) return choiceControl(field, [true, false], ["Yes", "No"]);
  const input = el("input", { type: "checkbox", class: "switch", role: "switch" });
  input.checked = field.first === true;
  const part = frame({ ...field, required: false, id: field.id, nullable: false, label: field.label, hint: field.hint }, input, { inline: true });
  const shown = input.checked;
  part.read = () => (field.value === undefined && !field.required && input.checked === shown ? LEFT_OUT : input.checked);
  return part;
}

function choiceControl(field, values, names = values.map((value) => (typeof value === "string" ? value : JSON.stringify(value)))) {
  const same = (value) => JSON.stringify(value) === JSON.stringify(field.first);
  const chosen = values.findIndex(same);
  const none = field.nullable || chosen < 0;
  const select = el("select", {}, none && el("option", { value: "" }, field.nullable ? "none" : "choose …"),
    values.map((_value, index) => el("option", { value: index, selected: index === chosen }, names[index])));
  const shown = select.value;
  const part = frame({ ...field, hint: field.hint, wasMasked: false, nullable: false, required: field.required && !field.nullable }, select);
  part.read = () => {
    if (field.value === undefined && !field.required && select.value === shown) return LEFT_OUT;
    if (select.value !== "") return values[Number(select.value)];
    if (field.nullable) return null;
    throw new Unreadable("has to be chosen");
  };
  return part;
}

function jsonControl(field) {
  const first = field.first;
  const none = first === undefined || (first === null && field.value === undefined);
  const start = none ? (field.required && field.depth === 0 ? "{}" : "") : pretty(first);
  const input = el("textarea", { class: "code", rows: Math.min(16, Math.max(3, start.split("\n").length + 1)), spellcheck: "false" });
  input.value = start;
  const part = frame({ ...field, hint: field.hint || "As JSON.", nullable: false }, input);
  part.fault = (path, text) => {
    part.clear();
    showFault(part, path.length ? `${path.join(" / ")}: ${text}` : text);
  };
  part.read = () => {
    if (input.value.trim() === "" || field.value === undefined && !field.required && input.value === start) {
      if (!field.required) return LEFT_OUT;
      throw new Unreadable("is required: JSON, as in {} or \"text\"");
    }
    try {
      return parse(input.value);
    } catch (error) {
      throw new Unreadable(`is no JSON: ${error.message}`);
    }
  };
  return part;
}

function showFault(part, text) {
  const node = part.node.querySelector(".field-fault");
  const before = node.textContent;
  setText(node, before ? `${before} · ${text}` : text);
  show(node, true);
  part.input.setAttribute("aria-invalid", "true");
  part.input.setAttribute("aria-describedby", node.id);
}

/** Several controls under keys, as one: objects, lists, tuples. */
function group(field, { bare = false } = {}) {
  const fault = el("p", { class: "field-fault", id: `${field.id}-fault`, hidden: true });
  const body = el("div", { class: "group-body" });
  const node = bare ? el("div", { class: "group-bare" }, fault, body)
    : el("fieldset", { class: "group" }, el("legend", {}, field.label), field.hint && el("p", { class: "field-hint" }, field.hint), fault, body);
  const parts = new Map();
  const part = {
    node, body, parts,
    fault(path, text) {
      const inner = path.length ? parts.get(String(path[0])) : null;
      if (inner) inner.fault(path.slice(1), text);
      else {
        setText(fault, [fault.textContent, path.length ? `${path.join(" / ")}: ${text}` : text].filter(Boolean).join(" · "));
        show(fault, true);
      }
    },
    clear() {
      setText(fault, "");
      show(fault, false);
      for (const inner of parts.values()) inner.clear();
    },
    focus(path = []) {
      const inner = parts.get(String(path[0])) ?? parts.values().next().value;
      if (inner) inner.focus(path.slice(1));
      else node.querySelector("button, input, textarea, select")?.focus();
    },
  };
  return part;
}

function readPart(key, part) {
  try {
    return part.read();
  } catch (error) {
    throw error instanceof Unreadable ? error.under(key) : error;
  }
}

function objectControl(field, bare = false) {
  const part = group(field, { bare: bare === true });
  const given = isObject(field.first) ? field.first : {};
  const required = new Set(field.schema.required ?? []);
  for (const [key, schema] of Object.entries(field.schema.properties ?? {})) {
    const inner = control(field.child(schema, key, words(schema, key), required.has(key), given[key]));
    part.parts.set(key, inner);
    part.body.append(inner.node);
  }
  part.read = () => {
    const value = {};
    for (const [key, inner] of part.parts) {
      const read = readPart(key, inner);
      if (read !== LEFT_OUT) value[key] = read;
    }
    const untouched = field.depth > 0 && field.value === undefined && !field.required && !Object.keys(value).length;
    return untouched ? LEFT_OUT : { ...unknown(field, given), ...value };
  };
  return part;
}

/** Members that the schema does not name are kept as they are, when a job is run again. */
function unknown(field, given) {
  const known = field.schema.properties ?? {};
  return Object.fromEntries(Object.entries(given).filter(([key]) => !(key in known)));
}

function arrayControl(field) {
  const { schema } = field;
  const items = resolve(schema.items ?? {}, field.root);
  if (schema.prefixItems) return optional(field, tupleControl);
  if (items.enum && schema.uniqueItems) return optional(field, checksControl);
  return optional(field, listControl);
}

function listControl(field) {
  const part = group(field);
  const first = Array.isArray(field.first) ? field.first : [];
  const rows = [];
  let touched = false;
  const renumber = () => {
    part.parts.clear();
    rows.forEach((row, index) => {
      part.parts.set(String(index), row.inner);
      row.remove.setAttribute("aria-label", `Remove ${field.label} ${index + 1}`);
    });
  };
  const add = (value) => {
    const inner = control(field.child(field.schema.items ?? {}, "", `${field.label} ${rows.length + 1}`, true, value));
    const row = { inner };
    row.remove = button("", () => {
      touched = true;
      rows.splice(rows.indexOf(row), 1);
      row.node.remove();
      renumber();
      adder.focus();
    }, { kind: "quiet square", iconName: "close" });
    row.node = el("div", { class: "list-row" }, inner.node, row.remove);
    rows.push(row);
    part.body.append(row.node);
    renumber();
    return inner;
  };
  const adder = button("Add", () => { touched = true; add(undefined).focus([]); }, { kind: "small", iconName: "plus" });
  adder.setAttribute("aria-label", `Add to ${field.label}`);
  for (let index = 0; index < Math.max(first.length, field.required ? field.schema.minItems ?? 0 : 0); index++) add(first[index]);
  part.node.append(adder);
  part.read = () => {
    const values = rows.map((row, index) => readPart(String(index), row.inner));
    const asBefore = !touched && JSON.stringify(values) === JSON.stringify(first);
    return field.value === undefined && !field.required && asBefore ? LEFT_OUT : values;
  };
  return part;
}

function tupleControl(field) {
  const part = group(field);
  const first = Array.isArray(field.first) ? field.first : [];
  field.schema.prefixItems.forEach((schema, index) => {
    const inner = control(field.child(schema, "", `${field.label} ${index + 1}`, true, first[index]));
    part.parts.set(String(index), inner);
    part.body.append(inner.node);
  });
  const before = JSON.stringify(first);
  part.read = () => {
    const blank = !field.required && field.value === undefined && !field.hasDefault;
    if (blank && ![...part.node.querySelectorAll("input, select, textarea")].some((input) => input.value)) return LEFT_OUT;
    const values = [...part.parts].map(([key, inner]) => readPart(key, inner));
    return field.value === undefined && !field.required && JSON.stringify(values) === before ? LEFT_OUT : values;
  };
  return part;
}

function checksControl(field) {
  const part = group(field);
  const values = resolve(field.schema.items, field.root).enum;
  const first = Array.isArray(field.first) ? field.first : [];
  const boxes = values.map((value) => {
    const box = el("input", { type: "checkbox", checked: first.includes(value) });
    part.body.append(el("label", { class: "check" }, box, String(value)));
    return box;
  });
  part.focus = () => boxes[0]?.focus();
  part.read = () => {
    const chosen = values.filter((_value, index) => boxes[index].checked);
    const asBefore = chosen.length === first.length && chosen.every((value) => first.includes(value));
    return field.value === undefined && !field.required && asBefore ? LEFT_OUT : chosen;
  };
  return part;
}

/** dict[str, X]: rows of name and value. */
function mapControl(field) {
  const part = group(field);
  const first = isObject(field.first) ? field.first : {};
  const rows = [];
  let touched = false;
  const add = (key, value) => {
    const id = `field-${++ids}`;
    const name = el("input", { id, type: "text", autocomplete: "off", spellcheck: "false", value: key });
    const inner = control(field.child(field.schema.additionalProperties, "", "Value", true, value));
    const row = { name, inner };
    const remove = button("", () => {
      touched = true;
      rows.splice(rows.indexOf(row), 1);
      row.node.remove();
      adder.focus();
    }, { kind: "quiet square", iconName: "close", label: `Remove from ${field.label}` });
    row.node = el("div", { class: "list-row map-row" },
      el("div", { class: "field" }, el("label", { for: id }, "Name"), name), inner.node, remove);
    rows.push(row);
    part.body.append(row.node);
    return name;
  };
  const adder = button("Add", () => { touched = true; add("", undefined).focus(); }, { kind: "small", iconName: "plus" });
  adder.setAttribute("aria-label", `Add to ${field.label}`);
  Object.entries(first).forEach(([key, value]) => add(key, value));
  part.node.append(adder);
  const plainFault = part.fault;
  part.fault = (path, text) => {
    const row = rows.find((one) => one.name.value === String(path[0]));
    if (row && path.length) row.inner.fault(path.slice(1), text);
    else plainFault(path, text);
  };
  part.clear = ((clear) => () => { clear(); rows.forEach((row) => row.inner.clear()); })(part.clear);
  part.read = () => {
    const value = Object.fromEntries(rows.map((row) => [row.name.value, readPart(row.name.value, row.inner)]));
    const asBefore = !touched && JSON.stringify(value) === JSON.stringify(first);
    return field.value === undefined && !field.required && asBefore ? LEFT_OUT : value;
  };
  return part;
}

/** One of several shapes: chosen by name, then filled in. */
function unionControl(field, options) {
  const shapes = options.map((option) => resolve(option, field.root));
  const id = field.id;
  const part = group(field);
  const start = field.first;
  const fits = start === undefined || start === null ? -1 : Math.max(0, shapes.findIndex((shape) => fitsShape(shape, start)));
  const empty = fits < 0 && (field.nullable || !field.required);
  const select = el("select", { id }, empty || field.nullable ? el("option", { value: "" }, "none") : null,
    shapes.map((shape, index) => el("option", { value: index, selected: index === Math.max(empty ? -1 : 0, fits) }, shapeName(shape))));
  const holder = el("div", { class: "group-body" });
  part.body.append(el("div", { class: "field" }, el("label", { for: id }, "Kind"), select), holder);
  let inner = null;
  const draw = (value) => {
    const shape = select.value === "" ? null : shapes[Number(select.value)];
    inner = shape && control(field.child({ ...shape, default: undefined }, field.key, shapeName(shape), true, value));
    holder.replaceChildren(...(inner ? [inner.node] : []));
  };
  let touched = false;
  select.addEventListener("change", () => { touched = true; draw(undefined); });
  draw(start ?? undefined);
  part.fault = (path, text) => (inner ? inner.fault(deeper(inner, path), text) : showGroupFault(part, text));
  part.clear = ((clear) => () => { clear(); inner?.clear(); })(part.clear);
  part.focus = (path) => (inner ? inner.focus(deeper(inner, path ?? [])) : select.focus());
  part.read = () => {
    if (!inner) return field.nullable && (touched || field.value !== undefined || field.required) ? null : LEFT_OUT;
    const value = inner.read();
    const asBefore = !touched && JSON.stringify(value) === JSON.stringify(start);
    return field.value === undefined && !field.required && asBefore ? LEFT_OUT : value;
  };
  return part;
}

/** The server's path has the name of the shape in it, which is no member: leave it out. */
function deeper(inner, path) {
  return path.length && inner.parts && !inner.parts.has(String(path[0])) ? path.slice(1) : path.length && !inner.parts ? [] : path;
}

function showGroupFault(part, text) {
  const node = part.node.querySelector(".field-fault");
  setText(node, text);
  show(node, true);
}

function fitsShape(shape, value) {
  if (Array.isArray(value)) return shape.type === "array";
  if (isObject(value)) {
    const known = Object.entries(shape.properties ?? {});
    const constant = known.every(([key, inner]) => !("const" in inner) || value[key] === inner.const);
    return shape.type === "object" && constant && (shape.required ?? []).every((key) => key in value);
  }
  const kind = { string: "string", boolean: "boolean", number: Number.isInteger(value) ? "integer" : "number" }[typeof value];
  return shape.type === kind || (shape.type === "number" && kind === "integer");
}

function shapeName(shape) {
  return shape.title ?? { string: DATES[shape.format] ? shape.format : "text", integer: "whole number", number: "number", boolean: "yes or no", array: "list", object: "object" }[shape.type] ?? "JSON";
}

/** Lists and objects that may be left out or be null get a switch. */
function optional(field, make) {
  if (!field.nullable) return make(field);
  const on = field.first !== null && field.first !== undefined;
  const id = `field-${++ids}`;
  const box = el("input", { type: "checkbox", class: "switch", role: "switch", id, checked: on });
  const holder = el("div", {});
  const fault = el("p", { class: "field-fault", hidden: true });
  let inner = null;
  const draw = () => {
    inner = box.checked ? make(Object.assign(Object.create(Field.prototype), field, { nullable: false, required: true })) : null;
    holder.replaceChildren(...(inner ? [inner.node] : []));
  };
  box.addEventListener("change", draw);
  draw();
  const node = el("div", { class: "optional" }, el("div", { class: "field field-inline" }, box, el("label", { for: id }, field.label)), fault, holder);
  return {
    node,
    fault: (path, text) => (inner ? inner.fault(path, text) : (setText(fault, text), show(fault, true))),
    clear: () => { setText(fault, ""); show(fault, false); inner?.clear(); },
    focus: (path) => (inner ? inner.focus(path) : box.focus()),
    read() {
      if (field.value === undefined && !field.required && box.checked === on && !on) return LEFT_OUT;
      const value = inner ? inner.read() : null;
      const asBefore = field.value === undefined && !field.required && JSON.stringify(value) === JSON.stringify(field.default);
      return asBefore ? LEFT_OUT : value;
    },
  };
}

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** The label of a member: its title if somebody chose one, else its name as words. */
function words(schema, key) {
  const title = schema?.title;
  const plain = key.replaceAll(/[_-]+/g, " ").replace(/([a-z0-9])([A-Z])/g, "$1 $2");
  const named = plain.charAt(0).toUpperCase() + plain.slice(1);
  return title && title.toLowerCase() !== plain.toLowerCase() ? title : named;
}
