// What is taken from the pages of the jobs, in one place: the parts, the look and the manners are the same.

export { Jobs, Problem, request } from "../jobs/ui/lib/api.js";
export { KeyedList, el, onceAFrame, setAttribute, setText, show, svg } from "../jobs/ui/lib/dom.js";
export { clock, count } from "../jobs/ui/lib/format.js";
export { listen, skipTo, step } from "../jobs/ui/lib/keys.js";
export { throttle } from "../jobs/ui/lib/pace.js";
export { icon } from "../jobs/ui/parts/icons.js";
export { badge, button, confirm, empty, fault, heading, link, notFound, section, setTime, tick, time } from "../jobs/ui/parts/pieces.js";
export { SchemaForm } from "../jobs/ui/parts/schema-form.js";
export { Store } from "../jobs/ui/store.js";
import "../jobs/ui/job-progress.js";
