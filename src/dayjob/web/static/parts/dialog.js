// Dialogs: the browser's own, gone from the page when they are closed.

import { el } from "../lib/dom.js";

/** Show a dialog; resolves to what it returns when it is closed. */
export function openDialog(dialog) {
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue); });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Ask before something that cannot be undone; resolves to true or false. What changes nothing has the focus. */
export async function confirm(question, yes, no = "Go back") {
  const answer = await openDialog(el("dialog", { class: "dialog", "aria-label": question },
    el("form", { method: "dialog" },
      el("p", {}, question),
      el("div", { class: "actions" },
        el("button", { class: "button", value: "no", autofocus: true }, no),
        el("button", { class: "button danger", value: "yes" }, yes)))));
  return answer === "yes";
}
