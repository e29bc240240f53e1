// What to look for, before an analysis is started.

import * as api from "../api.js";
import { SchemaForm, el, fault, heading, link, setText, show } from "../jobs.js";

export function analyzeView(root, { app }) {
  root.append(link("#/", "Home", { class: "crumb" }), heading("Analyse"), el("p", { class: "quiet" }, "Reading what can be asked for …"));
  const read = async () => {
    try {
      draw(root, app, await api.analysisSchema());
    } catch (error) {
      root.lastChild.replaceWith(fault(error, read));
    }
  };
  read();
}

function draw(root, app, schema) {
  const form = new SchemaForm(schema);
  const trouble = el("div", { class: "notice notice-bad", hidden: true });
  const submit = el("button", { type: "submit", class: "button primary" }, "Start the analysis");
  const send = async () => {
    const wanted = form.read();
    if (wanted === null) return;
    submit.disabled = true;
    try {
      await api.analyze(wanted);
      app.note("The analysis was started");
      app.go("#/plans");
    } catch (error) {
      const rest = form.faults(error.errors ?? []);
      setText(trouble, [error.message, ...rest].join(" "));
      show(trouble, true);
      submit.disabled = false;
    }
  };
  root.lastChild.replaceWith(el("form", { class: "panel form-panel", novalidate: true, onsubmit: (event) => { event.preventDefault(); send(); } },
    el("p", { class: "quiet" }, "An analysis changes nothing: it makes a plan, and you decide about it."),
    trouble, form.node, el("div", { class: "actions" }, submit)));
}
