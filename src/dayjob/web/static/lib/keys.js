// Keys for those who like them. Ignored in fields, with modifiers, and while a dialog is open.

const STORED = "dayjob-keys";
let isOn = true; // also where nothing can be stored

/** Whether keys of one character count: a person may speak to this browser, or type with one hand. It is remembered. */
export function hasLetters() {
  try {
    return localStorage.getItem(STORED) !== "off";
  } catch {
    return isOn;
  }
}

export function setLetters(on) {
  isOn = on;
  try {
    localStorage.setItem(STORED, on ? "on" : "off");
  } catch { /* private mode: for this page only */ }
}

const FIELDS = "input:not([type=checkbox]), textarea, select, [contenteditable]";

/**
 * `listen({j: next, "g o": toOverview})`: two keys with a space are pressed one after the other. Returns a function
 * that ends it.
 */
export function listen(bindings) {
  let first = "";
  let timer = 0;
  const hear = (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key.length === 1 && !hasLetters()) return;
    if (event.target.closest?.(FIELDS)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const pressed = first ? `${first} ${event.key}` : event.key;
    first = "";
    clearTimeout(timer);
    if (bindings[pressed]) {
      if (bindings[pressed](event) !== false) event.preventDefault();
    } else if (Object.keys(bindings).some((name) => name.startsWith(`${pressed} `))) {
      first = pressed;
      timer = setTimeout(() => { first = ""; }, 1500);
    }
  };
  addEventListener("keydown", hear);
  return () => removeEventListener("keydown", hear);
}

/** Move the focus among the elements that match: j and k. */
export function step(selector, by) {
  const all = [...document.querySelectorAll(selector)].filter((node) => node.offsetParent !== null);
  if (!all.length) return;
  const at = all.findIndex((node) => node.contains(document.activeElement));
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))];
  const target = next.querySelector("[data-open]") ?? next;
  target.focus();
  next.scrollIntoView({ block: "nearest" });
}
