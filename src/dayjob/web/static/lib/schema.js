// What a form for a JSON Schema, as pydantic makes them, is made of. Pure: a schema goes in, a description comes out.

const DEEPEST = 6; // a schema may be of itself
const DATES = { date: "date", time: "time", "date-time": "datetime-local" };
const INPUTS = { ...DATES, email: "email", uri: "url" };
const LONG = 200; // characters, for which a line is too short
const GROUPS = new Set(["object", "list", "tuple", "checks", "map"]);

/**
 * A control to be: its `kind`, `key`, `label`, `hint`, `default`, and whether it is `required`, `nullable`, `secret` and
 * `hasDefault`. By kind:
 * - text: `input` (its type), `longest`, `isLong`, `example`; number: `isWhole`, `least`, `most` (as texts, exact);
 *   switch, and json for what cannot be drawn
 * - choice and checks (several of them): `values`, `names`
 * - object: `members`, tuple: `members`, list: `item(number)` and `least`, map: `entry`, union: `options`, optional (a
 *   group that can be null): `inner`; all made when they are asked for
 */
export class Field {
  constructor(schema, { root, key = "", label = "", required = false, secret = false, depth = 0 }) {
    const plain = resolve(schema, root);
    const nullable = withoutNull(plain, root);
    const own = nullable ?? plain;
    Object.assign(this, { key, label, required, depth, nullable: Boolean(nullable), hint: own.description ?? "" });
    Object.assign(this, { default: own.default, hasDefault: "default" in own, secret: secret || own.writeOnly === true || own.format === "password" });
    this.kind = kindOf(own, this, root);
    this.child = (part, more) => new Field(part, { root, depth: depth + 1, secret: this.secret, ...more });
    Object.assign(this, DETAILS[this.kind]?.(own, this, root));
    this.schema = own;
    if (this.nullable && GROUPS.has(this.kind)) Object.assign(this, { kind: "optional", group: this.kind });
  }

  /** Of an object or a tuple. */
  get members() {
    if (this.schema.prefixItems) return this.schema.prefixItems.map((part, at) => this.child(part, { key: String(at), label: `${this.label} ${at + 1}`, required: true }));
    const required = new Set(this.schema.required ?? []);
    return Object.entries(this.schema.properties ?? {}).map(([key, part]) => this.child(part, { key, label: words(part, key), required: required.has(key) }));
  }

  /** What a map has under its names. */
  get entry() {
    return this.child(this.schema.additionalProperties, { label: "Value", required: true });
  }

  /** Of a list, by its place from 1. */
  item(number) {
    return this.child(this.schema.items ?? {}, { label: `${this.label} ${number}`, required: true });
  }

  /** Of a union: a field for each shape, with its name as label. */
  get options() {
    return this.shapes.map(({ default: _, ...shape }) => this.child(shape, { key: this.key, label: shapeName(shape), required: true }));
  }

  /** Of what is optional: the same as a group that is there. */
  get inner() {
    return Object.assign(Object.create(Field.prototype), this, { kind: this.group, nullable: false, required: true });
  }

  /** Which of the options a value is one of; -1 for nothing. */
  optionOf(value) {
    if (value === undefined || value === null) return -1;
    return Math.max(0, this.shapes.findIndex((shape) => fits(shape, value)));
  }
}

/** The whole form, or what stands in for it: an object whose members can be drawn, or JSON. */
export function formOf(schema) {
  return new Field(schema ?? {}, { root: schema ?? {}, label: "Arguments", required: true });
}

/** Whether a form of fields can be made: else it is JSON. */
export function isDrawable(schema) {
  return schema?.type === "object" && Boolean(schema.properties) && !schema.additionalProperties;
}

/** The parts of a JSON Pointer. */
export function pointed(pointer) {
  return pointer.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

export function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

/** A number of a schema as it was written: a double does not hold all of them. */
export function asText(value) {
  if (value === null || value === undefined) return "";
  return JSON.isRawJSON?.(value) ? value.rawJSON : String(value);
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

/** The schema of the values that are not null; nothing if null is none of them. */
function withoutNull(schema, root) {
  if (Array.isArray(schema.type) && schema.type.includes("null")) {
    const types = schema.type.filter((type) => type !== "null");
    return { ...schema, type: types.length === 1 ? types[0] : types };
  }
  const { anyOf, oneOf, ...rest } = schema;
  const options = anyOf ?? oneOf ?? [];
  const others = options.filter((option) => resolve(option, root).type !== "null");
  if (others.length === options.length) return null;
  return others.length === 1 ? { ...resolve(others[0], root), ...rest } : { ...rest, anyOf: others };
}

const SIMPLE = { boolean: "switch", integer: "number", number: "number", string: "text" };

function kindOf(schema, { depth, nullable }, root) {
  if (depth > DEEPEST) return "json";
  if (constants(schema)) return "choice";
  if (schema.anyOf ?? schema.oneOf) return "union";
  if (schema.type === "boolean" && nullable) return "choice";
  if (schema.type === "array") return arrayKind(schema, root);
  if (schema.type === "object") return objectKind(schema);
  return SIMPLE[schema.type] ?? "json";
}

function arrayKind(schema, root) {
  if (schema.prefixItems) return "tuple";
  return schema.uniqueItems && resolve(schema.items, root).enum ? "checks" : "list";
}

function objectKind({ properties, additionalProperties }) {
  if (isObject(additionalProperties)) return properties ? "json" : "map";
  return properties ? "object" : "json";
}

/** The values of a choice. */
function constants(schema) {
  if ("const" in schema) return [schema.const];
  if (schema.enum) return schema.enum;
  const options = schema.anyOf ?? schema.oneOf;
  return options?.every((option) => "const" in option) ? options.map((option) => option.const) : null;
}

const DETAILS = {
  text: (schema, { secret }) => ({
    input: secret ? "password" : (INPUTS[schema.format] ?? "text"),
    longest: asText(schema.maxLength),
    isLong: !secret && !schema.format && Number(asText(schema.maxLength)) > LONG,
    example: schema.format === "duration" ? "PT1H30M" : "",
  }),
  number: (schema) => ({ isWhole: schema.type === "integer", least: asText(schema.minimum), most: asText(schema.maximum) }),
  choice: (schema) => (schema.type === "boolean" && !constants(schema) ? { values: [true, false], names: ["Yes", "No"] } : named(constants(schema))),
  checks: (schema, _field, root) => named(resolve(schema.items, root).enum),
  list: (schema) => ({ least: schema.minItems ?? 0 }),
  union: (schema, _field, root) => ({ shapes: (schema.anyOf ?? schema.oneOf).map((option) => resolve(option, root)) }),
};

function named(values) {
  return { values, names: values.map((value) => (typeof value === "string" ? value : JSON.stringify(value))) };
}

function fits(shape, value) {
  if (Array.isArray(value)) return shape.type === "array";
  if (isObject(value)) return shape.type === "object" && fitsMembers(shape, value);
  const type = { string: "string", boolean: "boolean", number: Number.isInteger(value) ? "integer" : "number" }[typeof value];
  return shape.type === type || (shape.type === "number" && type === "integer");
}

function fitsMembers({ properties = {}, required = [] }, value) {
  const isSame = ([key, member]) => !("const" in member) || value[key] === member.const;
  return Object.entries(properties).every(isSame) && required.every((key) => key in value);
}

const SHAPES = { integer: "whole number", number: "number", boolean: "yes or no", array: "list", object: "object" };

function shapeName({ title, type, format }) {
  if (title) return title;
  return type === "string" ? (DATES[format] ? format : "text") : (SHAPES[type] ?? "JSON");
}

/** The label of a member: its title if somebody chose one, else its name as words. */
function words(schema, key) {
  const title = schema?.title;
  const plain = key.replaceAll(/[_-]+/g, " ").replace(/([a-z0-9])([A-Z])/g, "$1 $2");
  const named = plain.charAt(0).toUpperCase() + plain.slice(1);
  return title && title.toLowerCase() !== plain.toLowerCase() ? title : named;
}
