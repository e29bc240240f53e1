// stashwork's pages: which view is shown, the bar around it, the keys.

import { Jobs, Store, button, clock, el, icon, listen, notFound, setText, show, skipTo, step, tick } from "./jobs.js";
import { ownIcon } from "./pieces.js";
import { analyzeView } from "./views/analyze.js";
import { homeView } from "./views/home.js";
import { plansView } from "./views/plans.js";
import { reviewView } from "./views/review.js";
import { settingsView } from "./views/settings.js";

const TABS = [["home", "Home", ""], ["plans", "Plans", "plans"], ["settings", "Settings", "settings"]];
const VIEWS = new Map([["", homeView], ["home", homeView], ["plans", plansView], ["plan", reviewView], ["analyze", analyzeView], ["settings", settingsView]]); // they return what those of the jobs' pages do
const PARENTS = new Map([["home", ""], ["plan", "plans"], ["analyze", ""]]);
const KEYS = [
  ["g h", "Home"], ["g p", "Plans"], ["g s", "Settings"], ["g d", "Jobs"], ["j / k", "Next, previous"], ["a", "Approve"],
  ["r", "Reject"], ["u", "Take back"], ["e", "Edit"], ["x", "Select"], ["t", "Light or dark"], ["?", "This help"], ["Esc", "Back"],
];

class App {
  constructor(root) {
    this.jobs = new Jobs(new URL("../jobs", document.baseURI).href);
    this.store = new Store(this.jobs);
    this._build(root);
    addEventListener("hashchange", () => this._route());
    this.store.addEventListener("line", () => this._line());
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
    setText(this.live, "");
    setTimeout(() => setText(this.live, text), 50);
  }

  /** Do something that may be refused; resolves to undefined then, and has said why. */
  async attempt(work) {
    try {
      return await work();
    } catch (error) {
      this.note(error.message, true);
      return undefined;
    }
  }

  go(hash) {
    location.hash = hash;
  }

  /** A view has its heading: it gives the page its title and, after a step from another view, has the focus. */
  arrived() {
    const text = this.main.querySelector("h1")?.textContent;
    document.title = text ? `${text} – stashwork` : "stashwork";
    if (this.routed) this.main.querySelector("h1")?.focus({ preventScroll: true });
  }

  _build(root) {
    this.tabs = TABS.map(([name, text, path]) => el("a", { href: `#/${path}`, "data-tab": path }, ownIcon(name), el("span", {}, text)));
    const jobs = el("a", { href: "../jobs/ui/" }, icon("jobs"), el("span", {}, "Jobs"));
    this.live = el("div", { class: "offscreen", "aria-live": "polite" });
    this.toasts = el("section", { class: "toasts", "aria-label": "Messages" });
    this.strip = el("div", { class: "strip", hidden: true });
    this.main = el("main", { id: "main", tabindex: -1 });
    root.append(
      el("header", { class: "top" },
        el("a", { class: "brand", href: "#/", "aria-label": "stashwork, home" }, el("img", { src: "icon.svg", alt: "", width: 26, height: 26 }), el("span", {}, "stashwork")),
        el("nav", { class: "tabs", "aria-label": "Views" }, this.tabs, jobs),
        el("div", { class: "tools" },
          button("", () => this._theme(), { kind: "quiet square", iconName: "theme", label: "Light or dark (t)" }),
          button("", () => this._help(), { kind: "quiet square", iconName: "help", label: "Keys (?)" }))),
      this.strip, this.main, this.live, this.toasts);
    skipTo(this.main);
  }

  _route() {
    const [path, search = ""] = location.hash.replace(/^#\/?/, "").split("?");
    const [name, id = ""] = path.split("/");
    const query = new URLSearchParams(search);
    if (this.name === name && this.id === id && this.view?.update) return this.view.update(query);
    this.view?.close?.();
    Object.assign(this, { name, id });
    for (const tab of this.tabs) tab.toggleAttribute("aria-current", false);
    this.tabs.find((tab) => tab.dataset.tab === (PARENTS.get(name) ?? name))?.setAttribute("aria-current", "page");
    const root = el("div", { class: `view view-${name || "home"}` });
    this.main.replaceChildren(root);
    this.view = (VIEWS.get(name) ?? notFound)(root, { app: this, store: this.store, jobs: this.jobs, query, id }) ?? {};
    scrollTo(0, 0);
    this.arrived();
    this.routed = true;
  }

  _line() {
    const { problem, line } = this.store;
    const since = line.since ? `, data from ${clock(line.since)}` : "";
    const text = problem ? "You are not signed in (any more). Reload this page to sign in." : line.name === "reconnecting" ? `Reconnecting${since}` : "";
    clearTimeout(this.lineTimer);
    this.lineTimer = setTimeout(() => this._strip(text, Boolean(problem)), text && !problem ? 700 : 0); // a short break is nobody's business
  }

  _strip(text, bad) {
    show(this.strip, text);
    this.strip.classList.toggle("strip-bad", bad);
    this.strip.replaceChildren(...(text ? [icon(bad ? "lock" : "offline"), el("span", {}, text), bad ? button("Reload", () => location.reload(), { kind: "small" }) : ""] : []));
    if (text) this.say(text);
  }

  _theme() {
    this.note(window.toggleTheme() === "dark" ? "Dark" : "Light");
  }

  _help() {
    if (document.querySelector("dialog[open]")) return;
    const dialog = el("dialog", { class: "dialog help", "aria-label": "Keys", onclose: () => dialog.remove() },
      el("h2", {}, "Keys"),
      el("dl", {}, KEYS.map(([keys, text]) => el("div", {}, el("dt", {}, keys.split(" ").map((key) => (key === "/" ? " / " : el("kbd", {}, key)))), el("dd", {}, text)))),
      el("form", { method: "dialog" }, el("div", { class: "actions" }, el("button", { class: "button", autofocus: true }, "Close"))));
    document.body.append(dialog);
    dialog.showModal();
  }

  _bindKeys() {
    const press = (name) => () => this._press(name);
    listen({
      "g h": () => this.go("#/"), "g p": () => this.go("#/plans"), "g s": () => this.go("#/settings"), "g d": () => location.assign("../jobs/ui/"),
      j: () => step("[data-row]", 1), k: () => step("[data-row]", -1), a: press("approve"), r: press("reject"), u: press("pending"), e: press("edit"), x: press("select"),
      t: () => this._theme(), "?": () => this._help(), Escape: () => { if (PARENTS.has(this.name)) this.go(`#/${PARENTS.get(this.name)}`); },
    });
  }

  /** Keys press buttons of the row that has the focus. */
  _press(name) {
    const target = document.activeElement?.closest("[data-row]")?.querySelector(`[data-act=${name}]`);
    if (target && !target.disabled) target.click();
  }
}

new App(document.getElementById("app"));
