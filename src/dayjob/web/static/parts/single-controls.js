// Controls with one element: a text, a number, a switch, a choice, and JSON.

import { parse } from "../lib/api.js";
import { el, setAttribute } from "../lib/dom.js";
import { pretty } from "../lib/format.js";
import { asText } from "../lib/schema.js";
import { LEFT_OUT, SingleControl, Unreadable } from "./control.js";

/** What the browser makes of a value that is not complete is an empty text: this tells the two apart. */
class InputControl extends SingleControl {
  entered() {
    return this.input.validity.badInput ? null : this.input.value;
  }

  value() {
    if (this.input.validity.badInput) throw new Unreadable("is not complete", this);
    return this.input.value === "" ? this.blank() : this.filled(this.input.value);
  }

  blank() {
    if (this.field.nullable) return null;
    if (this.field.required) throw new Unreadable("is required", this);
    return LEFT_OUT;
  }

  frame(input) {
    const { nullable, required } = this.field;
    if (nullable && this.field.default == null) input.placeholder ||= "none";
    super.frame(input, { hints: [nullable && !required && "Empty: none."] });
  }
}

export class TextControl extends InputControl {
  build() {
    const { input: type, longest, isLong, secret, example } = this.field;
    const area = isLong || (type === "text" && /\n/.test(String(this.first ?? "")));
    const input = area ? el("textarea", { rows: 4 })
      : el("input", { type, autocomplete: secret ? "new-password" : "off", spellcheck: "false", step: this._isTime() ? 1 : null });
    setAttribute(input, "maxlength", longest || null);
    if (example) input.placeholder = example;
    input.value = type === "datetime-local" ? localTime(this.first) : typeof this.first === "object" && this.first ? pretty(this.first) : asText(this.first);
    this.frame(input);
  }

  filled(text) {
    return this.field.input === "datetime-local" ? new Date(text).toISOString() : text;
  }

  /** A text that is not there by default can be an empty one. */
  blank() {
    const { required, nullable, hasDefault, input } = this.field;
    return !required && !nullable && hasDefault && input === "text" ? "" : super.blank();
  }

  _isTime() {
    return this.field.input === "datetime-local" || this.field.input === "time";
  }
}

export class NumberControl extends InputControl {
  build() {
    const { isWhole, least, most } = this.field;
    const input = el("input", {
      type: "number", autocomplete: "off", spellcheck: "false", step: isWhole ? 1 : "any", min: least || null, max: most || null, inputmode: isWhole ? "numeric" : "decimal",
    });
    input.value = asText(this.first);
    this.frame(input);
  }

  /** Whole numbers stay exact, where the browser is able to. */
  filled(text) {
    const { isWhole } = this.field;
    if (isWhole && !/^[+-]?\d+$/.test(text.trim())) throw new Unreadable("has to be a whole number", this);
    const value = Number(text);
    if (!Number.isFinite(value)) throw new Unreadable("has to be a number", this);
    if (Number.isSafeInteger(value) || !isWhole || !JSON.rawJSON) return value;
    return JSON.rawJSON(text.trim().replace(/^\+/, "").replace(/^(-?)0+(?=\d)/, "$1"));
  }
}

export class SwitchControl extends SingleControl {
  build() {
    this.frame(el("input", { type: "checkbox", class: "switch", role: "switch", checked: this.first === true }), { inline: true });
  }

  entered() {
    return this.input.checked;
  }

  value() {
    return this.input.checked;
  }
}

export class ChoiceControl extends SingleControl {
  build() {
    const { values, names, nullable } = this.field;
    const first = JSON.stringify(this.first);
    const chosen = values.findIndex((value) => JSON.stringify(value) === first);
    const none = (nullable || chosen < 0) && el("option", { value: "" }, nullable ? "none" : "choose …");
    this.frame(el("select", {}, none, names.map((name, at) => el("option", { value: at, selected: at === chosen }, name))));
  }

  value() {
    if (this.input.value !== "") return this.field.values[Number(this.input.value)];
    if (this.field.nullable) return null;
    throw new Unreadable("has to be chosen", this);
  }
}

export class JsonControl extends SingleControl {
  build() {
    const { required, depth, hint } = this.field;
    const isNothing = this.first === undefined || (this.first === null && this.given === undefined);
    const text = isNothing ? (required && !depth ? "{}" : "") : pretty(this.first);
    const input = el("textarea", { class: "code", rows: Math.min(16, Math.max(3, text.split("\n").length + 1)), spellcheck: "false" });
    input.value = text;
    this.frame(input, { hints: [!hint && "As JSON."] });
  }

  value() {
    if (this.input.value.trim() === "") {
      if (!this.field.required) return LEFT_OUT;
      throw new Unreadable("is required: JSON, as in {} or \"text\"", this);
    }
    try {
      return parse(this.input.value);
    } catch (error) {
      throw new Unreadable(`is no JSON: ${error.message}`, this);
    }
  }
}

/** A moment as an input shows it, in the browser's zone. */
function localTime(iso) {
  const moment = new Date(iso ?? "");
  if (Number.isNaN(moment.getTime())) return "";
  return new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}
