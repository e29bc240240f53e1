// One scene of a plan: which it is, and the changes to it.

import { KeyedList, el, setText, show } from "../jobs.js";
import { changeRow } from "./change.js";

/** A row for a KeyedList of {id, changes, line}; `review` as for `changeRow`, and `stash`, the address of the server. */
export function sceneRow(review) {
  const rows = el("ol", { class: "changes" });
  const keyed = new KeyedList(rows, (change) => change.id, () => changeRow(review));
  const title = el("h2", {});
  const path = el("p", { class: "path" });
  const elsewhere = el("a", { class: "quiet", target: "_blank", rel: "noreferrer", hidden: true }, "Open in Stash");
  const node = el("li", { class: "panel scene" }, el("div", { class: "scene-head" }, title, elsewhere), path, rows);
  return {
    node,
    update({ id, changes, line }) {
      const file = line?.path?.split("/").pop();
      setText(title, line?.title || file || `Scene ${id}`);
      setText(path, line ? (line.path ?? "without a file") : "This scene is no longer in the library.");
      show(elsewhere, review.stash && line);
      if (review.stash) elsewhere.href = `${review.stash}/scenes/${id}`;
      elsewhere.setAttribute("aria-label", `Open scene ${id} in Stash`);
      keyed.show(changes, true);
    },
  };
}
