// What is taken from the pages of the jobs, in one place: the parts, the look and the manners are the same.

export { Jobs, Problem, request } from "../jobs/ui/lib/api.js";
export { KeyedList, el, onceAFrame, redraw, setAttribute, setText, show, svg } from "../jobs/ui/lib/dom.js";
export { count } from "../jobs/ui/lib/format.js";
export { throttle } from "../jobs/ui/lib/pace.js";
export { confirm, openDialog } from "../jobs/ui/parts/dialog.js";
export { icon } from "../jobs/ui/parts/icons.js";
export { badge, button, empty, fault, heading, link, section, setTime, time } from "../jobs/ui/parts/pieces.js";
export { SchemaForm } from "../jobs/ui/parts/schema-form.js";
export { Shell } from "../jobs/ui/parts/shell.js";
export { Store } from "../jobs/ui/store.js";
import "../jobs/ui/job-progress.js";
