// How numbers, times and statuses are said. Pure.

const number = new Intl.NumberFormat(undefined, { useGrouping: "min2", maximumFractionDigits: 0 });
const oneDigit = new Intl.NumberFormat(undefined, { useGrouping: "min2", maximumFractionDigits: 1 });
const clockTime = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const dateMinute = new Intl.DateTimeFormat(undefined, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const ago = new Intl.RelativeTimeFormat(undefined, { numeric: "always", style: "narrow" });

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

export const ACTIVE = ["pending", "running"];

/** 1234 -> "1234", 12345 -> "12,345" (as the browser's language has it). */
export const count = (value) => number.format(JSON.isRawJSON?.(value) ? value.rawJSON : value);

/** "370 / 1000", "370 done" when nobody knows of how many, "" for nothing yet. */
export function items(job) {
  if (job.total_items) return `${count(job.processed_items)} / ${count(job.total_items)}`;
  return job.processed_items ? `${count(job.processed_items)} done` : "";
}

/** Items per second as people read it: "12.5/s", "3/min". */
export function rate(perSecond) {
  if (!perSecond || perSecond < 0) return "";
  if (perSecond >= 100) return `${number.format(perSecond)}/s`;
  if (perSecond >= 0.95) return `${oneDigit.format(perSecond)}/s`;
  return perSecond * MINUTE >= 0.95 ? `${oneDigit.format(perSecond * MINUTE)}/min` : "";
}

/** A time that is left, in steps that do not flicker: "about 50 s", "about 4 min", "about 2 h". */
export function about(seconds) {
  if (seconds <= 5) return "a few seconds";
  if (seconds <= 55) return `about ${Math.ceil(seconds / 5) * 5} s`;
  if (seconds <= 55 * MINUTE) return `about ${Math.ceil(seconds / MINUTE)} min`;
  if (seconds <= 36 * HOUR) return `about ${oneDigit.format(Math.ceil((seconds / HOUR) * 2) / 2)} h`;
  return `about ${Math.ceil(seconds / DAY)} days`;
}

/** A time that passed: "0.4 s", "12 s", "3 min 20 s", "2 h 5 min", "3 d 4 h". */
export function duration(seconds) {
  if (!(seconds >= 0)) return "";
  if (seconds < 0.95) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 9.95) return `${oneDigit.format(seconds)} s`;
  const whole = Math.round(seconds);
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return two(whole, MINUTE, "min", 1, "s");
  return whole < DAY ? two(whole, HOUR, "h", MINUTE, "min") : two(whole, DAY, "d", HOUR, "h");
}

function two(seconds, large, largeName, small, smallName) {
  const rest = Math.floor((seconds % large) / small);
  return `${Math.floor(seconds / large)} ${largeName}${rest ? ` ${rest} ${smallName}` : ""}`;
}

/** "5 sec. ago", "in 3 min.": how far `iso` is from `now` (both in the browser's clock). */
export function relative(iso, now = Date.now()) {
  const seconds = (Date.parse(iso) - now) / 1000;
  const size = Math.abs(seconds);
  if (size < 1.5) return "now";
  if (size < MINUTE) return ago.format(Math.round(seconds), "second");
  if (size < HOUR) return ago.format(Math.round(seconds / MINUTE), "minute");
  if (size < DAY) return ago.format(Math.round(seconds / HOUR), "hour");
  return ago.format(Math.round(seconds / DAY), "day");
}

/** "14:02:11", in the viewer's zone. */
export const clock = (when) => clockTime.format(new Date(when));

/** Date and time, in the viewer's zone. */
export const absolute = (when) => dateTime.format(new Date(when));

/** Date and time to the minute. */
export const toTheMinute = (when) => dateMinute.format(new Date(when));

/** Percent to show: 100 only for what is completed. */
export function percent(job) {
  return job.status === "completed" ? 100 : Math.min(99, Math.max(0, Math.floor(job.progress ?? 0)));
}

/** What people see in place of the status: waiting for a time and stopping are no statuses of their own, but worth a word. */
export function condition(job, now = Date.now()) {
  if (job.status === "running" && job.cancel_requested_at) return "cancelling";
  if (job.status === "running" && job.stalled_since) return "stalled";
  if (job.status === "pending" && job.attempt > 0 && !job.waits_for) return "retrying"; // a parent waits for its children
  if (job.status === "pending" && job.run_at && Date.parse(job.run_at) > now + 1000) return "scheduled";
  return job.status;
}

/** Seconds from start to end, or until now; none while a job waits for its next attempt. */
export function ran(job, now = Date.now()) {
  if (!job.started_at || job.status === "pending") return NaN;
  return ((job.completed_at ? Date.parse(job.completed_at) : now) - Date.parse(job.started_at)) / 1000;
}

/** JSON that people can read. */
export const pretty = (value) => JSON.stringify(value, null, 2) ?? "";

/**
 * The time left of one job as text. Within an attempt and a stage it never goes up: while the estimate is above what
 * was promised it stands still, and when that no longer helps, it says so.
 */
export class TimeLeft {
  tell(job, now = Date.now()) {
    const phase = `${job.id} ${job.attempt} ${job.stage ?? ""}`;
    if (phase !== this.phase) Object.assign(this, { phase, ends: Infinity, told: Infinity });
    if (job.status !== "running" || job.eta_seconds === null || job.eta_seconds === undefined) return "";
    if (job !== this.job) {
      this.job = job;
      this.estimate = now + job.eta_seconds * 1000;
      this.ends = Math.min(this.ends, this.estimate);
    }
    if (this.estimate - now > 1.5 * Math.max(0, this.ends - now) + 10_000) return "longer than expected";
    this.told = Math.min(this.told, Math.max(0, this.ends - now) / 1000);
    return about(this.told);
  }
}
