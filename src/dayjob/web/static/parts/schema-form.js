// A form for a JSON Schema. What cannot be drawn is edited as JSON, in its place.

import { el } from "../lib/dom.js";
import { formOf, isDrawable, pointed } from "../lib/schema.js";
import { Unreadable } from "./control.js";
import { ChecksControl, ListControl, MapControl, ObjectControl, OptionalControl, TupleControl, UnionControl } from "./group-controls.js";
import { ChoiceControl, JsonControl, NumberControl, SwitchControl, TextControl } from "./single-controls.js";

const CONTROLS = {
  text: TextControl, number: NumberControl, switch: SwitchControl, choice: ChoiceControl, json: JsonControl, object: ObjectControl, tuple: TupleControl, list: ListControl,
  map: MapControl, checks: ChecksControl, union: UnionControl, optional: OptionalControl,
};

function make(field, given) {
  return new CONTROLS[field.kind](field, given, make);
}

/** The form for the arguments of a job type. `args` are values to begin with. */
export class SchemaForm {
  constructor(schema, args = {}) {
    this.field = formOf(schema);
    this.canToggle = isDrawable(schema);
    this.isEmpty = this.canToggle && !this.field.members.length; // there is nothing to fill in
    this.asJson = !this.canToggle;
    this.node = el("div", { class: "form" });
    this._draw(args);
  }

  /** The arguments, or null when something has to be put right first; then it is marked and has the focus. */
  read() {
    this.control.clear();
    try {
      return this.control.read();
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      error.control.mark(error.message);
      error.control.focus();
      return null;
    }
  }

  /** Mark the fields that the server found fault with; returns what belongs to no field. */
  faults(errors) {
    for (const { pointer, detail } of errors.filter((error) => error.pointer)) {
      const [control, inside] = this.control.at(pointed(pointer));
      control.mark(detail, inside);
    }
    this.node.querySelector("[aria-invalid=true]")?.focus();
    return errors.filter((error) => !error.pointer).map((error) => `${error.parameter ?? ""} ${error.detail}`.trim());
  }

  /** Change between fields and JSON, with what has been filled in. */
  toggle() {
    const value = this.read();
    if (value === null) return false;
    this.asJson = !this.asJson;
    this._draw(value);
    this.focus();
    return true;
  }

  focus() {
    this.control.focus();
  }

  _draw(args) {
    this.control = this.asJson ? new JsonControl(this.field, args, make) : new ObjectControl(this.field, args, make);
    this.node.replaceChildren(this.control.node);
  }
}
