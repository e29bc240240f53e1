// A WebSocket that stays: it comes back by itself, notices when the other side is gone, and falls back to polling.

import { Problem, parse } from "./api.js";
import { isSeen, repeat } from "./pace.js";

const SHORTEST = 500; // milliseconds, the first wait
const LONGEST = 30_000;
const SILENCE = 40_000; // the server speaks at least every 15 s
const HEALTHY = 60_000; // a line that held so long begins again with short waits
const FINAL = new Set([4400, 4401, 4403, 4404]); // another try would end in the same way
const CROWDED = 4429;
const POLL_EVERY = 3_000;
const HOPELESS = 3; // tries without a single open one: sockets seem to be impossible here

/**
 * `new Line(url, {frame, connection, poll}).open()`: calls `frame(message)` for each, and `connection({name, code, since})` with
 * connecting, live, reconnecting, polling, refused or ended. `since` is when the last data came (ms), or null.
 * `poll(signal)` is called again 3 s after it ended, as long as sockets do not get through at all.
 */
export class Line {
  constructor(url, { frame, connection = () => {}, poll = null }) {
    Object.assign(this, { url, frame, tell: connection, poll, name: "", code: null, since: null });
    this.tries = 0;
    this.everOpen = false;
    this.polling = null;
    this.hurry = () => {
      if (isSeen() && this.retryTimer) this._connect();
    };
  }

  open() {
    addEventListener("online", this.hurry);
    document.addEventListener("visibilitychange", this.hurry);
    this._connect();
    return this;
  }

  close() {
    removeEventListener("online", this.hurry);
    document.removeEventListener("visibilitychange", this.hurry);
    this._drop();
    this._endPolling();
    clearTimeout(this.retryTimer);
    this.retryTimer = null;
  }

  _connect() {
    clearTimeout(this.retryTimer);
    this.retryTimer = null;
    this._drop();
    if (!this.name) this._say("connecting");
    try {
      this.socket = new WebSocket(this.url);
    } catch {
      this._lost(1006); // an old browser, or a policy that forbids sockets
      return;
    }
    const mine = this.socket;
    mine.onopen = () => { this.openedAt = Date.now(); };
    mine.onmessage = (event) => this._heard(event.data);
    mine.onclose = (event) => { if (mine === this.socket) this._lost(event.code); };
    this._watch();
  }

  _heard(data) {
    this._watch();
    this.since = Date.now();
    this.everOpen = true;
    this._endPolling();
    if (this.name !== "live") this._say("live");
    const message = parse(data);
    if (message.type !== "ping") this.frame(message);
  }

  _lost(code) {
    this._drop();
    if (code === 1000) return this._over("ended", code);
    if (FINAL.has(code)) return this._over("refused", code);
    if (this.openedAt && Date.now() - this.openedAt > HEALTHY) this.tries = 0;
    this.openedAt = null;
    const cap = Math.min(LONGEST, SHORTEST * 2 ** this.tries++ * (code === CROWDED ? 10 : 1));
    this.retryTimer = setTimeout(() => this._connect(), Math.random() * cap);
    const hopeless = this.poll && !this.everOpen && this.tries >= HOPELESS;
    if (hopeless) this._startPolling();
    else this._say("reconnecting", code);
  }

  _startPolling() {
    this.polling ??= repeat((signal) => this._ask(signal), POLL_EVERY);
  }

  _endPolling() {
    this.polling?.close();
    this.polling = null;
  }

  async _ask(signal) {
    let problem = null;
    try {
      await this.poll(signal);
    } catch (error) {
      problem = error;
    }
    if (signal.aborted) return; // the socket speaks by now, or the line was closed
    if (problem?.refused) return this._over("refused", 4000 + problem.status);
    if (problem && !(problem instanceof Problem)) reportError(problem);
    if (!problem) this.since = Date.now();
    this._say(problem ? "reconnecting" : "polling");
  }

  _over(name, code) {
    this.close();
    this._say(name, code);
  }

  _watch() {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this._lost(1006), SILENCE);
  }

  _drop() {
    clearTimeout(this.silence);
    const socket = this.socket;
    this.socket = null;
    if (socket) {
      socket.onmessage = socket.onclose = socket.onopen = null;
      socket.close();
    }
  }

  _say(name, code = null) {
    Object.assign(this, { name, code });
    this.tell({ name, code, since: this.since });
  }
}
