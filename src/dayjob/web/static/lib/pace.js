// How often something is done: not too often, never twice at a time, and not for ever.

/**
 * A function that has `work` done soon, however often it is called: `after` ms after the first call, and not before
 * `every` ms since the last time. It never waits for calls to end, and what is asked for while `work` is under way is
 * done once more after it. `.cancel()` forgets what was asked for.
 */
export function throttle(work, { after = 0, every = 0 } = {}) {
  let timer = 0;
  let busy = false;
  let asked = false;
  let last = -Infinity;
  const ask = () => {
    asked = true;
    if (!busy) timer ||= setTimeout(run, Math.max(after, last + every - performance.now()));
  };
  const run = async () => {
    [timer, asked, busy, last] = [0, false, true, performance.now()];
    try {
      await work();
    } finally {
      busy = false;
      if (asked) ask();
    }
  };
  ask.cancel = () => {
    clearTimeout(timer);
    [timer, asked] = [0, false];
  };
  return ask;
}

/**
 * Does `work(signal)` now, and again `wait` ms after each end, if `wanted()`. Returns {now, close}: `now()` does it at
 * once, or once more after what is under way; `close()` ends it and aborts the signal.
 */
export function repeat(work, wait, wanted = () => true) {
  const end = new AbortController();
  let timer = 0;
  const later = () => { timer = setTimeout(() => (wanted() ? now() : later()), wait); };
  const now = throttle(async () => {
    clearTimeout(timer);
    try {
      await work(end.signal);
    } finally {
      if (!end.signal.aborted) later();
    }
  });
  const close = () => {
    end.abort();
    clearTimeout(timer);
    now.cancel();
  };
  now();
  return { now, close };
}

/** Whether somebody can see the page. */
export const isSeen = () => document.visibilityState === "visible";

/** `work(item)` for all items, so many at a time. Rejects with the first error, after which nothing more is begun. */
export async function inTurns(items, atOnce, work) {
  const left = [...items];
  const takeAll = async () => {
    while (left.length) {
      try {
        await work(left.shift());
      } catch (error) {
        left.length = 0;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, left.length) }, takeAll));
}
