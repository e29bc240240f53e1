// One change: what is there, what is proposed, why, and what a person says to it.

import * as api from "../api.js";
import { button, el, openDialog, setText, show } from "../jobs.js";
import { FIELD_NAMES, said } from "../pieces.js";

const DECIDED = { approved: "Approved", rejected: "Rejected" };
const OUTCOMES = { done: "Written", already: "Already so", conflict: "Conflict", gone: "Gone", failed: "Refused" };
const ENTITIES = ["studio", "performers", "tags"];
const OFTEN_LONG = ["details"];

/** A row for a KeyedList; `review` has open, selected, select, decide(change, decision) and edit(change, value). */
export function changeRow(review) {
  let change = null;
  const act = (decision) => review.decide(change, change.decision === decision && change.outcome === null ? "pending" : decision);
  const box = el("input", { type: "checkbox", "data-act": "select", onchange: () => review.select(change, box.checked) });
  const field = el("span", { class: "change-field" });
  const diff = el("div", { class: "diff" });
  const why = el("p", { class: "why" });
  const note = el("p", { class: "change-note", hidden: true });
  const approve = button("Approve", () => act("approved"), { kind: "small", act: "approve" });
  const reject = button("Reject", () => act("rejected"), { kind: "small", act: "reject" });
  const edit = button("Edit", () => editDialog(review, change), { kind: "small quiet", act: "edit" });
  // For the key only: whoever has a mouse presses the decision again.
  const back = el("button", { type: "button", class: "offscreen", tabindex: -1, "data-act": "pending", onclick: () => review.decide(change, "pending") });
  const outcome = el("span", { class: "badge", hidden: true });
  const node = el("li", { class: "change", "data-row": true, tabindex: -1 }, box, field, el("div", { class: "change-body" }, diff, why, note),
    el("div", { class: "change-actions" }, outcome, approve, reject, edit, back));
  return {
    node,
    update(next) {
      change = next;
      const name = `${FIELD_NAMES[next.field]} ${said(next.edited ?? next.proposed).slice(0, 60)}`;
      const open = review.open && (next.outcome === null || next.outcome === "conflict" || next.outcome === "failed");
      const conflict = next.outcome === "conflict";
      node.dataset.decision = next.decision;
      node.classList.toggle("conflict", conflict);
      box.checked = review.selected.has(next.id);
      box.setAttribute("aria-label", `Select ${name}`);
      setText(field, FIELD_NAMES[next.field]);
      diff.replaceChildren(...drawDiff(next));
      setText(why, `${Math.round(next.confidence * 100)} % · ${next.reason}`);
      setText(note, next.note ?? "");
      show(note, next.note);
      drawButton(approve, conflict ? "Overwrite" : next.decision === "approved" ? DECIDED.approved : "Approve", next.decision === "approved" && !conflict, name);
      drawButton(reject, conflict ? "Keep Stash's" : next.decision === "rejected" ? DECIDED.rejected : "Reject", next.decision === "rejected", name);
      edit.setAttribute("aria-label", `Edit ${name}`);
      edit.title = "Edit (e)";
      back.setAttribute("aria-label", `Take back ${name}`);
      for (const one of [approve, reject, edit]) show(one, open);
      for (const one of [approve, reject, edit, box, back]) one.disabled = !open;
      const word = next.undo_outcome === "done" ? "Taken back" : OUTCOMES[next.outcome];
      outcome.className = `badge ${conflict || next.outcome === "failed" ? "badge-failed" : next.outcome === "done" && !next.undo_outcome ? "badge-completed" : ""}`;
      setText(outcome, word ?? (open ? "" : DECIDED[next.decision] ?? "Not decided"));
      show(outcome, word || !open);
    },
  };
}

function drawButton(node, text, pressed, name) {
  setText(node.querySelector("span"), text);
  node.setAttribute("aria-pressed", String(pressed));
  node.setAttribute("aria-label", `${text} ${name}`);
  node.title = "";
}

function drawDiff(change) {
  const proposed = said(change.edited ?? change.proposed);
  const isNew = ENTITIES.includes(change.field) && !(change.edited ?? change.proposed)?.id;
  const [before, stash] = [said(change.base), change.outcome === "conflict" ? said(change.live) || "nothing" : ""];
  return [
    before && !stash && el("del", {}, before),
    stash && el("p", { class: "live" }, el("span", { class: "quiet" }, "Stash has "), el("del", {}, stash)),
    el("ins", {}, change.action === "add" ? `+ ${proposed}` : proposed),
    isNew && el("span", { class: "quiet" }, " new"),
    change.edited !== null && change.outcome === null && said(change.edited) !== said(change.proposed) && el("span", { class: "quiet" }, ` instead of ${said(change.proposed)}`),
  ].filter(Boolean);
}

function editDialog(review, change) {
  const value = change.edited ?? change.proposed;
  const id = "edit-value";
  const input = OFTEN_LONG.includes(change.field)
    ? el("textarea", { id, rows: 8, "aria-describedby": "edit-fault" }, said(value))
    : el("input", { id, type: change.field === "date" ? "date" : "text", value: said(value), maxlength: 1000, "aria-describedby": "edit-fault" });
  const names = ENTITIES.includes(change.field) ? suggestions(input, change.field) : null;
  const trouble = el("p", { class: "field-fault", id: "edit-fault", role: "alert" });
  const send = async (event) => {
    event.preventDefault();
    try {
      await review.edit(change, readValue(change.field, input.value, value, names));
      dialog.close();
    } catch (error) {
      setText(trouble, error.errors?.[0]?.detail ?? error.message);
      input.focus();
    }
  };
  const hint = ENTITIES.includes(change.field) ? "A name that Stash does not have yet is created when the plan is applied." : "It is approved with this value.";
  const dialog = el("dialog", { class: "dialog", "aria-label": `Edit ${FIELD_NAMES[change.field]}` },
    el("form", { class: "form", novalidate: true, onsubmit: send },
      el("div", { class: "field" }, el("label", { for: id }, FIELD_NAMES[change.field]), input, names?.list, el("p", { class: "field-hint" }, hint), trouble),
      el("div", { class: "actions" }, button("Go back", () => dialog.close()), el("button", { class: "button primary" }, "Save and approve"))));
  openDialog(dialog);
  input.focus();
}

/** Names of the library under what is typed; `known` maps those that were shown to their ids. */
function suggestions(input, kind) {
  const list = el("datalist", { id: "edit-names" });
  const known = new Map();
  let timer = 0;
  const look = async () => {
    const found = await api.names(kind, input.value.trim()).catch(() => []); // without them it is a plain field
    for (const { id, name } of found) known.set(name, known.has(name) && known.get(name) !== id ? null : id);
    list.replaceChildren(...found.map(({ name }) => el("option", { value: name })));
  };
  input.setAttribute("list", list.id);
  input.setAttribute("autocomplete", "off");
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 150);
  });
  look();
  return { list, known };
}

function readValue(field, text, before, names) {
  if (!ENTITIES.includes(field)) return text;
  const name = text.trim();
  return name === before.name ? before : { id: names.known.get(name) ?? null, name };
}
