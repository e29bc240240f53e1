// The settings: the Stash server with a test of the connection, schedules, the language model.

import * as api from "../api.js";
import { button, el, fault, heading, icon, section, setText, show } from "../jobs.js";

const GROUPS = [
  ["Stash", [["stash_url", "Address", "http://127.0.0.1:9999"], ["stash_api_key", "API key"]]],
  ["Schedules", [["sync_schedule", "Sync", "every 6 hours"], ["analysis_schedule", "Analyse", "0 3 * * *"], ["process_schedule", "Sync and analyse", "@daily"], ["time_zone", "Time zone", "Europe/Berlin"]]],
  ["What may happen without you", [["auto_approve", "Approve from this confidence", "0.95"], ["deletion_limit", "Share that a sync may remove"]]],
  ["AI", [["ai_url", "Address", "http://127.0.0.1:11434/v1"], ["ai_model", "Model"], ["ai_api_key", "API key"]]],
];
const NUMBERS = new Set(["auto_approve", "deletion_limit"]);

export function settingsView(root, { app }) {
  root.append(heading("Settings"), el("p", { class: "quiet" }, "Reading the settings …"));
  const read = async () => {
    try {
      draw(root, app, await api.settings());
    } catch (error) {
      root.lastChild.replaceWith(fault(error, read));
    }
  };
  read();
}

function draw(root, app, settings) {
  const fields = new Map();
  const report = el("p", { class: "notice", role: "status", hidden: true });
  const test = button("Test the connection", () => testNow(fields, report, test));
  const save = el("button", { type: "submit", class: "button primary" }, "Save");
  const groups = GROUPS.map(([title, names]) => {
    const controls = names.map(([name, label, example]) => fields.set(name, new Field(name, label, example, settings[name])).get(name).node);
    const extra = title === "Stash" ? [el("div", { class: "actions" }, test), report] : [];
    return section(title, el("div", { class: "panel form" }, controls, extra));
  });
  const form = el("form", { class: "settings", novalidate: true, onsubmit: (event) => { event.preventDefault(); store(app, fields, save); } }, groups, el("div", { class: "actions save" }, save));
  root.lastChild.replaceWith(form);
}

async function store(app, fields, save) {
  const changes = {};
  for (const [name, field] of fields) {
    field.fault("");
    if (field.changed) changes[name] = field.value;
  }
  if (!Object.keys(changes).length) return app.note("Nothing has been changed");
  save.disabled = true;
  try {
    const now = await api.changeSettings(changes);
    for (const [name, field] of fields) field.show(now[name]);
    app.note("The settings are saved");
  } catch (error) {
    const named = (error.errors ?? []).map((one) => [fields.get(one.pointer?.slice(1)), one.detail]).filter(([field]) => field);
    named.forEach(([field, text]) => field.fault(text));
    named[0]?.[0].input.focus();
    app.note(named.length ? "Not saved: see the fields that are marked" : error.message, true);
  } finally {
    save.disabled = false;
  }
}

/** Test what stands in the fields; the stored key only goes with the stored address. */
async function testNow(fields, report, test) {
  const candidate = {};
  const [url, key] = [fields.get("stash_url"), fields.get("stash_api_key")];
  if (url.value) candidate.stash_url = url.value;
  if (key.value) candidate.stash_api_key = key.value;
  test.disabled = true;
  let told;
  try {
    told = await api.testConnection(candidate);
  } catch (error) {
    told = { ok: false, message: error.message };
  }
  test.disabled = false;
  report.className = `notice ${told.ok ? "notice-good" : "notice-bad"}`;
  report.replaceChildren(icon(told.ok ? "completed" : "warning"), el("span", {}, told.message));
  show(report, true);
}

class Field {
  constructor(name, label, example, setting) {
    Object.assign(this, { name, fixed: setting.fixed, secret: setting.secret });
    const id = `setting-${name}`;
    this.input = el("input", { id, type: setting.secret ? "password" : "text", autocomplete: "off", spellcheck: "false", inputmode: NUMBERS.has(name) ? "decimal" : null, placeholder: example ?? null, disabled: setting.fixed, "aria-describedby": `${id}-hint ${id}-fault` });
    this.hint = el("p", { class: "field-hint", id: `${id}-hint` }, setting.fixed ? `Set when stashwork was started (${name.toUpperCase()}).` : setting.description);
    this.trouble = el("p", { class: "field-fault", id: `${id}-fault`, hidden: true });
    this.clear = setting.secret && !setting.fixed ? el("label", { class: "check" }, el("input", { type: "checkbox" }), "Forget the stored key") : null;
    this.node = el("div", { class: "field" }, el("label", { for: id }, label), this.input, this.hint, this.clear, this.trouble);
    this.show(setting);
  }

  show(setting) {
    this.before = setting.value === null ? "" : String(setting.value);
    this.input.value = this.before;
    if (this.secret) this.input.placeholder = setting.is_set ? "A key is stored" : "None";
    if (this.clear) {
      show(this.clear, setting.is_set);
      this.clear.firstChild.checked = false;
    }
  }

  get changed() {
    return !this.fixed && (this.input.value !== this.before || Boolean(this.clear?.firstChild.checked));
  }

  get value() {
    const text = this.input.value.trim();
    if (!text) return null;
    return NUMBERS.has(this.name) && Number.isFinite(Number(text)) ? Number(text) : text;
  }

  fault(text) {
    setText(this.trouble, text);
    show(this.trouble, text);
    this.input.setAttribute("aria-invalid", String(Boolean(text)));
  }
}
