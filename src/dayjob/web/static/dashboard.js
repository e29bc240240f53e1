// The dashboard: which view is shown, the bar around it, the keys.

import { Jobs } from "./lib/api.js";
import { el, onceAFrame, setText, show } from "./lib/dom.js";
import { clock } from "./lib/format.js";
import { listen, skipTo, step } from "./lib/keys.js";
import { icon } from "./parts/icons.js";
import { button, notFound, tick } from "./parts/pieces.js";
import { Store } from "./store.js";
import { Actions } from "./parts/actions.js";
import { jobView } from "./views/job.js";
import { jobsView } from "./views/jobs.js";
import { newView } from "./views/new.js";
import { overviewView } from "./views/overview.js";
import { schedulesView } from "./views/schedules.js";
import { workersView } from "./views/workers.js";

const TABS = [["overview", "Overview", ""], ["jobs", "Jobs", "jobs"], ["schedules", "Schedules", "schedules"], ["workers", "Workers", "workers"]];
// A view is made once for its path, and returns what it can do, all of it optional: update(query) when only the part behind
// "?" has changed (without it the view is made anew), escape() for Esc (true if that was of use), and close().
const VIEWS = new Map([["", overviewView], ["overview", overviewView], ["jobs", jobsView], ["job", jobView], ["new", newView], ["schedules", schedulesView], ["workers", workersView]]);
const ANNOUNCE_EVERY = 10_000;

const KEYS = [
  ["g o", "Overview"], ["g j", "Jobs"], ["g s", "Schedules"], ["g w", "Workers"], ["g n", "New job"], ["/", "Search jobs"],
  ["j / k", "Next, previous"], ["Enter", "Open"], ["x", "Select"], ["c", "Cancel"], ["r", "Retry, run again"],
  ["t", "Light or dark"], ["?", "This help"], ["Esc", "Back"],
];

class Dashboard {
  constructor(root) {
    this.api = new Jobs(new URL("..", document.baseURI).href);
    this.store = new Store(this.api);
    this.actions = new Actions(this.api, this.store, (text, bad) => this.note(text, bad));
    this._build(root);
    addEventListener("hashchange", () => this._route());
    this.store.addEventListener("line", () => this._line());
    this.store.addEventListener("job", (event) => this._news(event.detail));
    this.store.addEventListener("stats", onceAFrame(() => {
      this._titles();
      for (const tab of this.tabs) show(tab, !this.store.denied.has(tab.dataset.tab));
    }));
    this._bindKeys();
    this.store.start();
    this._route();
    setInterval(() => tick(), 1000);
  }

  /** Show a sentence for a moment, and say it to screen readers. */
  note(text, bad = false) {
    const node = el("div", { class: `toast ${bad ? "toast-bad" : ""}` }, icon(bad ? "warning" : "completed"), el("span", {}, text));
    this.toasts.append(node);
    while (this.toasts.childElementCount > 3) this.toasts.firstChild.remove();
    setTimeout(() => node.remove(), bad ? 9000 : 4500);
    this.say(text);
  }

  /** The one live region. */
  say(text) {
    this.saidAt = Date.now();
    setText(this.live, "");
    setTimeout(() => setText(this.live, text), 50);
  }

  go(hash) {
    location.hash = hash;
  }

  _build(root) {
    this.tabs = TABS.map(([name, text, path]) => el("a", { href: `#/${path}`, "data-tab": path }, icon(name), el("span", {}, text)));
    this.live = el("div", { class: "offscreen", "aria-live": "polite" });
    this.toasts = el("div", { class: "toasts" });
    this.strip = el("div", { class: "strip", hidden: true });
    this.main = el("main", { id: "main", tabindex: -1 });
    root.append(
      el("header", { class: "top" },
        el("a", { class: "brand", href: "#/", "aria-label": "Jobs, overview" }, el("img", { src: "icon.svg", alt: "", width: 26, height: 26 }), el("span", {}, "Jobs")),
        el("nav", { class: "tabs", "aria-label": "Views" }, this.tabs),
        el("div", { class: "tools" },
          el("a", { class: "button primary", href: "#/new", "aria-label": "New job" }, icon("plus"), el("span", {}, "New job")),
          button("", () => this._theme(), { kind: "quiet square", iconName: "theme", label: "Light or dark (t)" }),
          button("", () => this._help(), { kind: "quiet square", iconName: "help", label: "Keys (?)" }))),
      this.strip, this.main, this.live, this.toasts);
    skipTo(this.main);
  }

  _route() {
    const [path, search = ""] = location.hash.replace(/^#\/?/, "").split("?");
    const [name, ...rest] = path.split("/").map(decode);
    const query = new URLSearchParams(search);
    if (this.name === name && this.rest === rest.join("/") && this.view?.update) return this.view.update(query);
    this.view?.close?.();
    Object.assign(this, { name, rest: rest.join("/") });
    for (const tab of this.tabs) tab.toggleAttribute("aria-current", false);
    const current = this.tabs.find((tab) => tab.dataset.tab === (name === "job" ? "jobs" : name));
    current?.setAttribute("aria-current", "page");
    const root = el("div", { class: `view view-${name || "overview"}` });
    this.main.replaceChildren(root);
    const make = VIEWS.get(name) ?? notFound;
    this.view = make(root, { app: this, api: this.api, store: this.store, actions: this.actions, query, id: rest[0] ?? "" }) ?? {};
    scrollTo(0, 0);
    this.arrived();
    this.routed = true;
  }

  /** A view has its heading: it gives the page its title and, after a step from another view, has the focus. */
  arrived() {
    this._titles();
    if (this.routed) this.main.querySelector("h1")?.focus({ preventScroll: true });
  }

  _titles() {
    const heading = this.main.querySelector("h1")?.textContent;
    const running = this.store.stats?.jobs?.running ?? 0;
    document.title = `${running ? `(${running}) ` : ""}${heading ?? "Jobs"}`;
  }

  _line() {
    const { name, since } = this.store.line;
    const { problem } = this.store;
    const data = since ? `, data from ${clock(since)}` : "";
    const texts = { reconnecting: `Reconnecting${data}`, polling: "Live updates cannot get through here; reading every few seconds" };
    const text = problem ? refusal(problem) : texts[name];
    clearTimeout(this.lineTimer);
    // A short break is nobody's business.
    this.lineTimer = setTimeout(() => this._strip(text, problem ? "lock" : "offline", Boolean(problem)), text && !problem ? 700 : 0);
  }

  _strip(text, iconName, bad) {
    show(this.strip, text);
    document.body.classList.toggle("stale", Boolean(text) && !bad && this.store.line.name === "reconnecting");
    if (this.stripText === text) return;
    this.stripText = text;
    this.strip.classList.toggle("strip-bad", bad);
    this.strip.replaceChildren(...(text ? [icon(iconName), el("span", {}, text), bad ? button("Reload", () => location.reload(), { kind: "small" }) : ""] : []));
    if (text) this.say(text);
  }

  _news({ job, was }) {
    if (!job?.completed_at || !was || was.completed_at) return;
    if (Date.now() - (this.saidAt ?? 0) > ANNOUNCE_EVERY || job.status === "failed") this.say(`${job.type} ${job.status}`);
  }

  _theme() {
    this.note(window.toggleTheme() === "dark" ? "Dark" : "Light");
  }

  _help() {
    if (document.querySelector("dialog[open]")) return;
    const dialog = el("dialog", { class: "dialog help", "aria-label": "Keys", onclose: () => dialog.remove() },
      el("h2", {}, "Keys"),
      el("dl", {}, KEYS.map(([keys, text]) => el("div", {}, el("dt", {}, keys.split(" ").map((key) => (key === "/" && keys !== "/" ? " / " : el("kbd", {}, key)))), el("dd", {}, text)))),
      el("form", { method: "dialog" }, el("div", { class: "actions" }, el("button", { class: "button", autofocus: true }, "Close"))));
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    document.body.append(dialog);
    dialog.showModal();
  }

  _bindKeys() {
    const act = (name) => () => this._press(name);
    listen({
      "g o": () => this.go("#/"), "g j": () => this.go("#/jobs"), "g s": () => this.go("#/schedules"),
      "g w": () => this.go("#/workers"), "g n": () => this.go("#/new"),
      "/": () => this._search(), j: () => step("[data-row]", 1), k: () => step("[data-row]", -1),
      x: act("select"), c: act("cancel"), r: act("retry"), t: () => this._theme(), "?": () => this._help(),
      Escape: () => this._back(),
    });
  }

  /** Keys press buttons: of the row that has the focus, else of the view. */
  _press(name) {
    const row = document.activeElement?.closest("[data-row]");
    const bulk = name === "select" ? null : this.main.querySelector(`[data-bulk=${name}]:not(:disabled)`);
    const target = bulk ?? row?.querySelector(`[data-act=${name}]`) ?? this.main.querySelector(`.heading [data-act=${name}]`);
    if (target && !target.disabled && target.offsetParent !== null) target.click();
  }

  _search() {
    const field = this.main.querySelector("[data-search]");
    if (field) field.select();
    else this.go("#/jobs?find");
  }

  _back() {
    if (this.view?.escape?.()) return;
    if (this.name === "job" || this.name === "new") this.go(this.name === "job" ? "#/jobs" : "#/");
  }
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function refusal(problem) {
  if (problem.status === 401) return "You are not signed in (any more). Sign in, then reload this page.";
  return `You may not see these pages: ${problem.message}`;
}

new Dashboard(document.getElementById("app"));
