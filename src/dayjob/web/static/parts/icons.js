// Line icons, drawn on a grid of 16.

import { svg } from "../lib/dom.js";

const PATHS = {
  overview: "M2.5 9.5 5.5 6l3 3 5-5.5M2.5 13.5h11",
  jobs: "M2.5 4h11M2.5 8h11M2.5 12h7",
  schedules: "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8ZM8 4.6V8l2.4 1.6",
  workers: "M3 2.5h10v4.2H3zM3 9.3h10v4.2H3zM5.2 4.6h.1M5.2 11.4h.1",
  plus: "M8 3v10M3 8h10",
  pending: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2ZM5.6 8h.1M8 8h.1M10.4 8h.1",
  scheduled: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2ZM8 4.9V8l2.2 1.4",
  retrying: "M13 8a5 5 0 1 1-1.6-3.7M13.2 2.2v2.9h-2.9",
  running: "M5 3.2v9.6L12.6 8Z",
  completed: "m3 8.4 3.2 3.2L13 4.8",
  failed: "m4 4 8 8M12 4l-8 8",
  cancelled: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2ZM4 4l8 8",
  cancelling: "M4.2 4.2h7.6v7.6H4.2z",
  stalled: "M5.5 3.5v9M10.5 3.5v9",
  warning: "M8 2.2 14.3 13H1.7ZM8 6.3v3.2M8 11.4h.1",
  theme: "M8 2a6 6 0 1 0 0 12ZM8 2a6 6 0 0 1 0 12",
  help: "M5.8 6a2.2 2.2 0 1 1 3.1 2c-.6.3-.9.7-.9 1.4M8 12h.1",
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  back: "M9.5 3.5 5 8l4.5 4.5",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  close: "m4 4 8 8M12 4l-8 8",
  search: "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.4 10.4l3.1 3.1",
  lock: "M4 7h8v6.5H4zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
  offline: "M2 6a9 9 0 0 1 12 0M4.3 8.6a5.6 5.6 0 0 1 7.4 0M8 12h.1M3 2.5l10 11",
};

/** An icon, for decoration: the word stands beside it, or in the label of its button. */
export function icon(name) {
  return svg("svg", { class: `icon icon-${name}`, viewBox: "0 0 16 16", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: PATHS[name] ?? "" }));
}
