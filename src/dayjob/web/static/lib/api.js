// The REST API of one queue, and what its errors say.

const PATIENCE = 60_000; // milliseconds for an answer: a line that died without a word would be waited for for ever

/** An answer that is no success: `status`, `code` and `detail` of the problem document, `errors` for single fields. */
export class Problem extends Error {
  constructor(status, document = {}) {
    super(document.detail || document.title || sentence(status));
    Object.assign(this, { status, code: document.code ?? "", errors: document.errors ?? [] });
  }

  /** Whether the person at the screen has to sign in, or may not do this. */
  get refused() {
    return this.status === 401 || this.status === 403;
  }
}

function sentence(status) {
  if (status === 0) return "The server cannot be reached.";
  if (status === 401) return "You are not signed in.";
  if (status === 403) return "You are not allowed to do this.";
  if (status === 404) return "There is no such thing here.";
  return status >= 500 ? "The server has trouble; try again in a moment." : `The server refused this (${status}).`;
}

/** JSON from a server; whole numbers that a double cannot hold stay exact, where the browser is able to. */
export function parse(text) {
  return JSON.parse(text, (_key, value, context) => {
    const large = typeof value === "number" && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source);
    return large && JSON.rawJSON ? JSON.rawJSON(context.source) : value;
  });
}

/** fetch() of JSON that resolves with the value, and rejects with `Problem` (or, once `signal` is aborted, with its reason). */
export async function request(url, { method = "GET", body, headers = {}, signal } = {}) {
  const limit = AbortSignal.timeout(PATIENCE);
  const init = { method, credentials: "same-origin", headers: { Accept: "application/json", ...headers } };
  init.signal = signal ? AbortSignal.any([signal, limit]) : limit;
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers["Content-Type"] = "application/json";
  }
  let answer;
  let text;
  try {
    answer = await fetch(url, init);
    text = await answer.text();
  } catch {
    signal?.throwIfAborted();
    throw new Problem(0);
  }
  const isJson = (answer.headers.get("content-type") ?? "").includes("json");
  const value = isJson && text ? parse(text) : undefined;
  if (!answer.ok || answer.redirected && !isJson) throw new Problem(answer.ok ? 401 : answer.status, value);
  return value;
}

/** How many log lines a page of them has. */
export const LOG_PAGE = 1000;

/** The calls of one queue. `base` is where its router is: "/jobs", or an absolute address. */
export class Jobs {
  constructor(base) {
    this.base = String(base).replace(/\/+$/, "");
  }

  url(path = "", query = {}) {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      for (const one of [value].flat()) if (one !== null && one !== undefined && one !== "") search.append(name, one);
    }
    return `${this.base}${path}${search.size ? `?${search}` : ""}`;
  }

  socket(path, query) {
    return new URL(this.url(path, query), document.baseURI).href.replace(/^http/, "ws");
  }

  list(query, signal) { return request(this.url("", query), { signal }); }
  get(id, signal) { return request(this.url(`/${encodeURIComponent(id)}`), { signal }); }
  create(type, args, query, headers) {
    return request(this.url(`/${encodeURIComponent(type)}`, query), { method: "POST", body: args, headers });
  }
  cancel(id) { return request(this.url(`/${encodeURIComponent(id)}`), { method: "DELETE" }); }
  retry(id) { return request(this.url(`/${encodeURIComponent(id)}/retry`), { method: "POST" }); }
  attempts(id, signal) { return request(this.url(`/${encodeURIComponent(id)}/attempts`), { signal }); }
  logs(id, after = 0, signal) { return request(this.url(`/${encodeURIComponent(id)}/logs`, { after, limit: LOG_PAGE }), { signal }); }
  types(signal) { return request(this.url("/types"), { signal }); }
  stats(signal) { return request(this.url("/stats"), { signal }); }
  workers(signal) { return request(this.url("/workers"), { signal }); }
  schedules(signal) { return request(this.url("/schedules"), { signal }); }
  schedule(name, action) {
    return request(this.url(`/schedules/${encodeURIComponent(name)}/${action}`), { method: "POST" });
  }
}
