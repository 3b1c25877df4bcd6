/** A conversation's socket: connects, comes back after a loss, and says in words that matter how it stands. */

const FIRST_WAIT = 500; // ms; doubles up to
const LONGEST_WAIT = 15_000;
const RESTART_WAIT = 300; // the server said that it restarts: it is soon back
const FINAL = { 4401: "signed-out", 4403: "right-lost", 4404: "gone" };

/**
 * How long to wait before the next try: doubling, with jitter so that not everybody comes at once.
 * @param {number} tries failed so far @param {number|null} code of the last close @param {() => number} random
 * @returns {number} ms
 */
export function waitFor(tries, code, random = Math.random) {
  if (code === 1012 && tries === 0) return RESTART_WAIT * (0.5 + random());
  return Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tries) * (0.5 + random() / 2);
}

export class Socket {
  /**
   * @param {string} path
   * @param {{onFrame: (frame: any) => void, onState: (state: string) => void}} listener
   *   states: "open", "lost", "signed-out", "right-lost", "gone"
   */
  constructor(path, { onFrame, onState }) {
    this.address = new URL(path, location.href);
    this.address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.onFrame = onFrame;
    this.onState = onState;
    this.tries = 0;
    this.ended = false;
    window.addEventListener("online", () => this.retry());
    window.addEventListener("offline", () => this.drop());
    window.addEventListener("pageshow", (event) => { if (event.persisted) this.retry(); });
  }

  connect() {
    clearTimeout(this.timer);
    const socket = new WebSocket(this.address);
    this.socket = socket;
    this.opened = false;
    socket.addEventListener("open", () => { this.opened = true; });
    socket.addEventListener("message", (event) => this.#receive(socket, event.data));
    socket.addEventListener("close", (event) => this.#closed(socket, event.code));
  }

  /** @param {object} frame @returns {boolean} whether it could be sent */
  send(frame) {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  get isOpen() {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  /** Tries now, whatever the wait was. */
  retry() {
    if (this.ended || this.socket?.readyState <= WebSocket.OPEN) return;
    this.tries = 0;
    this.connect();
  }

  /** The browser knows that the network is gone before the connection does. */
  drop() {
    this.socket?.close();
    this.onState("lost");
  }

  #receive(socket, data) {
    if (socket !== this.socket) return;
    const frame = JSON.parse(data);
    if (frame.type === "hello") {
      this.tries = 0;
      this.onState("open");
    }
    this.onFrame(frame);
  }

  async #closed(socket, code) {
    if (socket !== this.socket || this.ended) return;
    const final = FINAL[code] ?? (!this.opened && (await signedOut()) ? "signed-out" : null);
    if (final) {
      this.ended = true;
      this.onState(final);
      return;
    }
    this.onState("lost");
    this.timer = setTimeout(() => this.connect(), waitFor(this.tries, code));
    this.tries += 1;
  }
}

/** A refused handshake does not say why: a page that redirects to the sign-in does. */
async function signedOut() {
  try {
    const answer = await fetch(location.pathname, { method: "GET", redirect: "manual", headers: { Accept: "text/html" } });
    return answer.type === "opaqueredirect";
  } catch {
    return false;
  }
}
