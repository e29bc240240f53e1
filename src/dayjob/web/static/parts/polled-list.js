// A view that is a list, which is read again and again while somebody can see it.

import { el, KeyedList, redraw, show } from "../lib/dom.js";
import { isSeen, repeat } from "../lib/pace.js";
import { fault, heading } from "./pieces.js";

/**
 * Put a list under a title, of what `read(signal)` gives `every` ms; rows as in `KeyedList`, and `none()` where there are
 * none. Returns {now, close}: `now()` reads it at once.
 */
export function polledList(root, { title, every, read, keyOf, create, none }) {
  const notice = el("div", {}, el("p", { class: "quiet" }, "Reading …"));
  const list = el("ul", { class: "panels", hidden: true });
  const keyed = new KeyedList(list, keyOf, create);
  let isRead = false;
  let isRefused = false; // asked again by a person only
  root.append(heading(title), notice, list);

  const look = async (signal) => {
    try {
      const items = await read(signal);
      [isRead, isRefused] = [true, false];
      keyed.show(items);
      redraw(notice, items.length > 0, () => !items.length && none());
      show(list, items.length);
    } catch (error) {
      if (signal.aborted || (isRead && error.status === 0)) return; // the line is down: the strip says from when this is
      isRefused = Boolean(error.refused);
      redraw(notice, error.message, () => fault(error, reading.now));
      show(list, false);
    }
  };
  const reading = repeat(look, every, () => isSeen() && !isRefused);
  return reading;
}
