// What an app of these pages has around its views: the bar, one view at a time, the keys, and what it tells people.

import { el } from "../lib/dom.js";
import { listen, step } from "../lib/keys.js";
import { icon } from "./icons.js";
import { showKeys } from "./key-help.js";
import { LineStrip } from "./line-strip.js";
import { Messages } from "./messages.js";
import { button, notFound, tick } from "./pieces.js";

/**
 * An app is {name, store, tabs, views, parents, keys, tools, title}:
 * - `tabs`: [{icon, text, href, key}], of which the first is home; `key` comes after "g".
 * - `views`: a Map of the first part of the address. A view is made once for its path, view(root, {...context, app,
 *   query, id}), and returns what it can do, all of it optional: update(query) when only the part behind "?" has changed
 *   (without it the view is made anew), escape() for Esc (true if that was of use), and close().
 * - `parents`: a Map of a view's name to the path of the tab that it belongs to, to which Esc leads.
 * - `keys`: [[key, text, what]], where `what` is a function, or the name (data-act, data-bulk) of the button to press.
 * - `tools`: nodes for the end of the bar. `title(heading)`: of the page, whose view has this heading.
 */
export class Shell {
  constructor(app) {
    Object.assign(this, { app, home: app.tabs[0], messages: new Messages(), main: el("main", { id: "main", tabindex: -1 }) });
    this.strip = new LineStrip(app.store, (text) => this.say(text));
    this.tabs = app.tabs.map(({ icon: image, text, href }) => el("a", { href, "data-tab": pathOf(href) }, image, el("span", {}, text)));
  }

  /** Show it in `root`; `context` is what all views get. */
  start(root, context) {
    this.context = context;
    root.append(this._bar(), this.strip.node, this.main, this.messages.live, this.messages.toasts);
    this._skip();
    this._bindKeys();
    addEventListener("hashchange", () => this._route());
    this._route();
    setInterval(() => tick(), 1000);
  }

  note(text, bad = false) {
    this.messages.note(text, bad);
  }

  say(text) {
    this.messages.say(text);
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

  go(href) {
    location.assign(href);
  }

  /** A view has its heading: it gives the page its title and, after a step from another view, has the focus. */
  arrived() {
    this.retitle();
    if (this.routed) this._heading()?.focus({ preventScroll: true });
  }

  retitle() {
    const heading = this._heading()?.textContent;
    if (heading) document.title = this.app.title(heading);
  }

  _heading() {
    return this.main.querySelector("h1");
  }

  _bar() {
    const { name, tools } = this.app;
    return el("header", { class: "top" },
      el("a", { class: "brand", href: this.home.href, "aria-label": `${name}, ${this.home.text.toLowerCase()}` },
        el("img", { src: "icon.svg", alt: "", width: 26, height: 26 }), el("span", {}, name)),
      el("nav", { class: "tabs", "aria-label": "Views" }, this.tabs),
      el("div", { class: "tools" }, tools,
        button("", () => this._theme(), { kind: "quiet square", iconName: "theme", label: "Light or dark (t)" }),
        button("", () => this._help(), { kind: "quiet square", iconName: "help", label: "Keys (?)" })));
  }

  /** "Skip to content": to the element itself, since the part of the address behind # names a view. */
  _skip() {
    document.querySelector(".skip").addEventListener("click", (event) => {
      event.preventDefault();
      this.main.focus();
    });
  }

  _route() {
    const [path, search = ""] = location.hash.replace(/^#\/?/, "").split("?");
    const [name, ...rest] = path.split("/").map(decode);
    const query = new URLSearchParams(search);
    if (this.name === name && this.rest === rest.join("/") && this.view?.update) return this.view.update(query);
    this.view?.close?.();
    Object.assign(this, { name, rest: rest.join("/") });
    this._markTab();
    this._show(query, rest[0] ?? "");
    scrollTo(0, 0);
    this.arrived();
    this.routed = true;
  }

  _markTab() {
    const path = this.app.parents.get(this.name) ?? this.name;
    for (const tab of this.tabs) {
      if (tab.dataset.tab === path) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
  }

  _show(query, id) {
    const root = el("div", { class: `view view-${this.name || this.home.text.toLowerCase()}` });
    this.main.replaceChildren(root);
    const make = this.app.views.get(this.name) ?? notFound;
    this.view = make(root, { ...this.context, app: this, query, id }) ?? {};
  }

  _theme() {
    this.note(window.toggleTheme() === "dark" ? "Dark" : "Light");
  }

  /** [keys, text, what] of all keys; "Enter" and "j / k" are there to be read. */
  _keys() {
    return [
      ...this.app.tabs.map(({ text, href, key }) => [`g ${key}`, text, () => this.go(href)]),
      ["j / k", "Next, previous"], ["Enter", "Open"], ...this.app.keys,
      ["t", "Light or dark", () => this._theme()], ["?", "This help", () => this._help()], ["Esc", "Back"],
    ];
  }

  _help() {
    showKeys(this._keys());
  }

  _bindKeys() {
    const bindings = { j: () => step("[data-row]", 1), k: () => step("[data-row]", -1), Escape: () => this._back() };
    for (const [key, , what] of this._keys()) {
      if (what) bindings[key] = typeof what === "string" ? () => this._press(what) : what;
    }
    listen(bindings);
  }

  /** Keys press buttons: for what is selected, of the row that has the focus, else of the view. */
  _press(name) {
    const row = document.activeElement?.closest("[data-row]");
    const bulk = this.main.querySelector(`[data-bulk=${name}]:not(:disabled)`);
    const target = bulk ?? row?.querySelector(`[data-act=${name}]`) ?? this.main.querySelector(`.heading [data-act=${name}]`);
    if (target && !target.disabled && target.offsetParent !== null) target.click();
  }

  _back() {
    if (this.view?.escape?.()) return;
    const parent = this.app.parents.get(this.name);
    if (parent !== undefined) this.go(`#/${parent}`);
  }
}

/** "#/jobs" -> "jobs"; an address elsewhere has none. */
function pathOf(href) {
  return href.startsWith("#/") ? href.slice(2) : null;
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
