// Which changes of a plan are shown: by field, decision, outcome, confidence, and scene.

import { KeyedList, count, el, setAttribute, setText } from "../jobs.js";
import { FIELDS, OUTCOMES, total } from "../pieces.js";

const NAMES = ["field", "decision", "outcome", "confidence", "scene_id"];
const DECISIONS = [["", "Any decision"], ["pending", "To review"], ["approved", "Approved"], ["rejected", "Rejected"]];
const CONFIDENCES = [["", "Any confidence"], ["0.95", "95 % or more"], ["0.9", "90 % or more"], ["0.8", "80 % or more"], ["-0.8", "80 % or less"]];
const BAD = ["conflict", "failed"];

/** `go(query)` leads to another filter; `chips` and `selects` are for the page. */
export class PlanFilter {
  constructor(go) {
    this.go = go;
    this.chips = el("div", { class: "chips", role: "group", "aria-label": "Fields and outcomes" });
    this.list = new KeyedList(this.chips, (one) => one.key, chip);
    this.decision = select("Decision", DECISIONS, () => this._change("decision", this.decision.value));
    this.confidence = select("Confidence", CONFIDENCES, () => this._change("confidence", this.confidence.value));
    this.selects = [this.decision, this.confidence];
  }

  /** Take it from the address. */
  update(query) {
    this.values = Object.fromEntries(NAMES.map((name) => [name, query.get(name) ?? ""]));
    this.decision.value = this.values.decision;
    this.confidence.value = this.values.confidence;
  }

  /** As the API has it. */
  where() {
    const { confidence, scene_id, ...rest } = this.values;
    const where = Object.fromEntries(Object.entries(rest).filter(([, value]) => value));
    if (scene_id) where.scene_id = Number(scene_id);
    if (confidence) where[confidence.startsWith("-") ? "max_confidence" : "min_confidence"] = Math.abs(Number(confidence));
    return where;
  }

  draw(plan) {
    const { scene_id } = this.values;
    this.list.show([
      ...FIELDS.filter(([name]) => total(plan, name)).map(([name, text]) => this._chip("field", name, `${text} ${count(total(plan, name))}`)),
      ...OUTCOMES.filter(([name]) => plan.outcomes[name]).map(([name, text]) => this._chip("outcome", name, `${count(plan.outcomes[name])} ${text}`)),
      ...(scene_id ? [this._chip("scene_id", scene_id, `Scene ${scene_id}`)] : []),
    ]);
  }

  _chip(kind, name, text) {
    const isPressed = this.values[kind] === name;
    return { key: `${kind} ${name}`, text, isPressed, isBad: BAD.includes(name), press: () => this._change(kind, isPressed ? "" : name) };
  }

  _change(kind, value) {
    this.go(new URLSearchParams(Object.entries({ ...this.values, [kind]: value }).filter(([, one]) => one)));
  }
}

function select(label, options, onchange) {
  return el("select", { "aria-label": label, onchange }, options.map(([value, text]) => el("option", { value }, text)));
}

function chip() {
  let press = () => {};
  const node = el("button", { type: "button", onclick: () => press() });
  return {
    node,
    update(one) {
      ({ press } = one);
      setText(node, one.text);
      setAttribute(node, "class", one.isBad ? "chip chip-bad" : "chip");
      setAttribute(node, "aria-pressed", String(one.isPressed));
    },
  };
}
