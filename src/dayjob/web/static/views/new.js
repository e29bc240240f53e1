// New job: choose a type, fill in its form. With ?from=ID the form begins with the arguments of that job.

import { el, setText, show } from "../lib/dom.js";
import { SchemaForm } from "../parts/schema-form.js";
import { button, command, empty, fault, heading, link } from "../parts/pieces.js";

export function newView(root, context) {
  const end = new AbortController();
  const read = async () => {
    try {
      await load(root, context, end.signal);
    } catch (error) {
      if (!end.signal.aborted) root.replaceChildren(heading("New job"), fault(error, read));
    }
  };
  root.append(heading(context.id ? `New ${context.id}` : "New job"), el("p", { class: "quiet" }, "Reading …"));
  read();
  return { close: () => end.abort() };
}

async function load(root, context, signal) {
  const types = await context.api.types(signal);
  if (!context.id) return drawTypes(root, types, context.app);
  const type = types.find((one) => one.name === context.id);
  if (!type) return drawUnknown(root, context.id, context.app);
  const from = context.query.get("from");
  return drawForm(root, context, type, from ? await context.api.get(from, signal) : null);
}

function drawTypes(root, types, app) {
  const none = empty("There is nothing to start", "No job type is registered in this process, or you may start none. Put @job over a function:", command('@job("hello")\nasync def hello(name: str = "you") -> str: ...'));
  const list = el("ul", { class: "types" }, types.map((type) => el("li", { "data-row": true },
    el("a", { class: "panel type", href: `#/new/${encodeURIComponent(type.name)}`, "data-open": true }, el("strong", {}, type.name), el("span", {}, type.description)))));
  root.replaceChildren(heading("New job"), types.length ? list : none);
  app.arrived();
}

function drawUnknown(root, name, app) {
  root.replaceChildren(heading("New job"), empty("No such job type", `${name} is not registered in this process, or you may not start it.`, link("#/new", "All types", { class: "button primary" })));
  app.arrived();
}

function drawForm(root, { api, app, store }, type, job) {
  const form = new SchemaForm(type.schema, job?.args ?? {});
  const trouble = el("div", { class: "notice notice-bad", hidden: true });
  const submit = el("button", { type: "submit", class: "button primary" }, "Start");
  const toggle = button("Edit as JSON", () => {
    if (form.toggle()) setText(toggle.firstChild, form.asJson ? "Edit as form" : "Edit as JSON");
  }, { kind: "quiet" });
  show(toggle, form.canToggle && !form.isEmpty);
  const options = optionFields();
  // A key per form: sent again after a broken answer, it starts the job once.
  let key = newKey();
  let last = "";

  const send = async () => {
    const args = form.read();
    if (args === null) return;
    show(trouble, false);
    const query = options.read();
    const body = JSON.stringify([args, query]);
    if (body !== last) key = newKey();
    last = body;
    submit.disabled = true;
    try {
      const made = await api.create(type.name, args, query, { "Idempotency-Key": key });
      store.accept(made);
      app.note(`${type.name} was queued`);
      app.go(`#/job/${encodeURIComponent(made.id)}`);
    } catch (error) {
      const rest = form.faults(error.errors ?? []);
      const told = (error.errors ?? []).some((one) => one.pointer) && !rest.length;
      setText(trouble, told ? "" : [error.message, ...rest].join(" "));
      show(trouble, !told);
      if (told) app.say(error.message);
      else trouble.scrollIntoView({ block: "nearest" });
    } finally {
      submit.disabled = false;
    }
  };

  root.replaceChildren(...[
    link("#/new", "New job", { class: "crumb" }),
    heading(type.name),
    el("p", { class: "lead" }, type.description),
    job && el("p", { class: "quiet" }, "With the arguments of ", link(`#/job/${encodeURIComponent(job.id)}`, "that job"), "."),
    el("form", { class: "panel form-panel", novalidate: true, onsubmit: (event) => { event.preventDefault(); send(); } },
      trouble, form.isEmpty ? el("p", { class: "quiet" }, "It takes no arguments.") : form.node, options.node,
      el("div", { class: "actions" }, submit, toggle)),
  ].filter(Boolean));
  app.arrived();
  if (!form.isEmpty) form.focus();
}

function newKey() {
  return `ui-${[...crypto.getRandomValues(new Uint32Array(4))].map((one) => one.toString(36)).join("")}`;
}

function optionFields() {
  const when = el("input", { type: "datetime-local", id: "run-at", step: 1 });
  const priority = el("input", { type: "number", id: "priority", step: 1, min: -1000, max: 1000, value: 0 });
  const node = el("details", { class: "options" }, el("summary", {}, "When, and how urgent"),
    el("div", { class: "option-fields" },
      el("div", { class: "field" }, el("label", { for: "run-at" }, "Not before"), when),
      el("div", { class: "field" }, el("label", { for: "priority" }, "Priority"), priority, el("p", { class: "field-hint" }, "Higher goes first."))));
  const read = () => ({
    run_at: when.value ? new Date(when.value).toISOString() : undefined,
    priority: Number(priority.value) || undefined,
  });
  return { node, read };
}
