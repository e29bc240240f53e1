// Making and changing elements. Text gets in as text nodes only, so nothing that a user wrote becomes markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element: el("a", {class: "link", href: "#", onclick: go}, "Text", child). null and false are left out. */
export function el(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** The same for SVG. */
export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else setAttribute(node, name, value);
  }
  node.append(...kept(children));
  return node;
}

const kept = (children) => children.flat().filter((child) => child !== null && child !== undefined && child !== false && child !== "");
const drawn = new WeakMap(); // of nodes: the key of what they show

/**
 * Make what is in a node anew, if the key of it is not that of the last time; returns whether it was. `make()` gives one
 * child, or several.
 */
export function redraw(node, key, make) {
  if (drawn.get(node) === key) return false;
  drawn.set(node, key);
  node.replaceChildren(...kept([make()]));
  return true;
}

/** Set an attribute, or remove it for null, undefined and false; touches nothing that is right already. */
export function setAttribute(node, name, value) {
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else {
    const text = value === true ? "" : String(value);
    if (node.getAttribute(name) !== text) node.setAttribute(name, text);
  }
}

/** Set the text, if it is another one. */
export function setText(node, text) {
  const wanted = text ?? "";
  if (node.textContent !== wanted) node.textContent = wanted;
}

/** Show or hide. */
export function show(node, visible) {
  if (node.hidden === Boolean(visible)) node.hidden = !visible;
}

/**
 * Children of `parent` that follow a list: rows keep their identity (focus, selection, animation) while they change.
 * `create(item)` returns {node, update(item)}.
 */
export class KeyedList {
  constructor(parent, keyOf, create) {
    Object.assign(this, { parent, keyOf, create, rows: new Map() });
  }

  /** `all`: also rows whose item is the very same as before (something beside it has changed). */
  show(items, all = false) {
    const focused = document.activeElement;
    this._arrange(items, all);
    if (focused !== document.activeElement && this.parent.contains(focused)) focused.focus({ preventScroll: true }); // its row was moved
  }

  _arrange(items, all) {
    const keys = new Set(items.map(this.keyOf));
    for (const [key, row] of this.rows) {
      if (!keys.has(key)) {
        row.node.remove();
        this.rows.delete(key);
      }
    }
    let place = this.parent.firstChild;
    for (const item of items) {
      const row = this._row(item);
      if (all || row.item !== item) row.update(item);
      row.item = item;
      if (row.node === place) place = place.nextSibling;
      else this.parent.insertBefore(row.node, place);
    }
  }

  _row(item) {
    const key = this.keyOf(item);
    if (!this.rows.has(key)) this.rows.set(key, this.create(item));
    return this.rows.get(key);
  }
}

/** Calls `work` once in the next frame, however often it is asked; not at all while the tab is hidden. */
export function onceAFrame(work) {
  let asked = 0;
  const run = () => {
    asked = 0;
    work();
  };
  const ask = () => {
    asked ||= requestAnimationFrame(run);
  };
  ask.cancel = () => cancelAnimationFrame(asked);
  return ask;
}
