// The last hour, a bar for each minute: what completed, and what failed on top.

import { el, svg } from "../lib/dom.js";
import { count } from "../lib/format.js";

const WIDTH = 600;
const HEIGHT = 72;

/** `minutes`: oldest first, [{completed, failed}]. */
export function sparkline(minutes) {
  const sums = minutes.reduce((all, one) => ({ good: all.good + good(one), bad: all.bad + bad(one) }), { good: 0, bad: 0 });
  const text = `${count(sums.good)} completed, ${count(sums.bad)} failed`;
  const most = Math.max(1, ...minutes.map((one) => good(one) + bad(one)));
  const step = WIDTH / Math.max(1, minutes.length);
  const bars = minutes.flatMap((one, index) => column(one, index * step, step, most));
  return el("figure", { class: "panel sparkline" },
    svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": `Last hour, by minute: ${text}` },
      svg("rect", { class: "spark-base", x: 0, y: HEIGHT - 1, width: WIDTH, height: 1 }), ...bars),
    el("figcaption", {}, el("span", {}, "60 min ago"), el("span", {}, text), el("span", {}, "now")));
}

function column(one, x, step, most) {
  const scale = (HEIGHT - 6) / most;
  const heights = [["spark-good", good(one) * scale], ["spark-bad", bad(one) * scale]];
  let top = HEIGHT - 1;
  return heights.filter(([, size]) => size > 0).map(([name, size]) => {
    const height = Math.max(2, size);
    top -= height;
    return svg("rect", { class: name, x: x + step * 0.15, y: top, width: step * 0.7, height, rx: 1.5 });
  });
}

const good = (one) => one.completed ?? 0;
const bad = (one) => one.failed ?? 0;
