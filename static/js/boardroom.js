/** One question at the board: its socket, its seats while they are written, and the synthesis that the server renders. */

import { alarm, announce } from "./announce.js";
import { AnswerView } from "./answer.js";
import { showConnection } from "./connection.js";
import { copyAnswer } from "./copy.js";
import { newId } from "./ids.js";
import { Socket } from "./socket.js";
import { createState, openTurns, reduce } from "./turns.js";
import { WRITING } from "./wording.js";

const READING = "Reading the company’s figures";
const ENDED = { complete: "Finished", stopped: "Stopped", interrupted: "Interrupted", failed: "No answer" };
const SAID = { complete: "has answered", stopped: "was stopped", interrupted: "was interrupted", failed: "could not answer" };
const COUNTS = { 1: "one", 2: "two", 3: "three", 4: "four" };

class Board {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.state = createState();
    this.views = new Map();
    this.pieces = new Map();
    this.marks = new Map(); // evidence that waits to be drawn
    this.socket = new Socket(root.dataset.socket, { onFrame: (frame) => this.#take(frame), onState: showConnection });
    this.connections = 0;
    this.refreshes = 0;
  }

  open() {
    this.#adopt();
    this.root.addEventListener("click", (event) => this.#click(event));
    document.addEventListener("keydown", (event) => this.#key(event));
    document.querySelector("[data-slot=retry]").addEventListener("click", () => this.socket.retry());
    this.socket.connect();
  }

  get seats() {
    return [...this.root.querySelectorAll(".seat[data-message]")];
  }

  /** What the server rendered becomes live: tabs, views, and the text of running answers that is known already. */
  #adopt() {
    this.root.querySelector("[data-seats]").setAttribute("data-tabbed", "");
    this.views.clear();
    this.pieces.clear();
    this.marks.clear();
    for (const seat of this.seats) {
      const answer = this.state.answers.get(seat.dataset.message);
      if (answer) this.#seat(answer, seat);
    }
    this.#show(this.shown ?? this.seats[0]?.dataset.key);
    this.#wait();
  }

  // What the person does

  #click(event) {
    const tab = event.target.closest("[role=tab]");
    if (tab) this.#show(tab.id.slice(2), tab);
    const button = event.target.closest("[data-act]");
    if (!button) return;
    event.preventDefault();
    const seat = button.closest(".seat");
    const { message, turn } = seat?.dataset ?? {};
    const act = button.dataset.act;
    if (act === "copy") copyAnswer(seat);
    if (act === "stop") this.#stop(turn, message);
    if (act === "stop-all") this.#stopAll();
    if (act === "regenerate" || act === "continue") this.#again(act, message ?? button.value, button);
    if (act === "older" || act === "newer") this.#choose(button);
  }

  #key(event) {
    const tab = event.target.closest?.("[role=tab]");
    if (tab && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      const tabs = [...this.root.querySelectorAll("[role=tab]")];
      const next = tabs[(tabs.indexOf(tab) + (event.key === "ArrowRight" ? 1 : tabs.length - 1)) % tabs.length];
      this.#show(next.id.slice(2), next);
    } else if (event.key === "Escape" && !event.defaultPrevented) this.#stopAll();
  }

  #show(key, tab = null) {
    this.shown = key;
    for (const seat of this.seats) seat.toggleAttribute("data-shown", seat.dataset.key === key);
    for (const one of this.root.querySelectorAll("[role=tab]")) {
      const here = one.id === `t-${key}`;
      one.setAttribute("aria-selected", String(here));
      one.tabIndex = here ? 0 : -1;
    }
    tab?.focus();
  }

  #stop(turn, message) {
    if (!this.socket.send({ type: "stop", turn, ...(message ? { message } : {}) })) alarm("Not connected. Try again in a moment.");
  }

  #stopAll() {
    const busy = this.root.querySelector("[data-message][aria-busy]");
    const turn = openTurns(this.state)[0]?.id ?? busy?.dataset.turn;
    if (turn) this.#stop(turn);
  }

  #again(type, message, button) {
    if (!this.socket.send({ type, id: newId(), message })) return alarm("Not connected. Try again in a moment.");
    button.disabled = true;
  }

  async #choose(button) {
    const body = new FormData(document.getElementById("choose"));
    body.set("message", button.value);
    const answer = await fetch(button.form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.ok) this.refresh();
    else alarm("The other version could not be shown.");
  }

  // What the socket says

  #take(frame) {
    if (frame.type === "hello") return this.#hello(frame);
    if (frame.type === "error") return this.#refused(frame);
    for (const change of reduce(this.state, frame)) this.#apply(change);
  }

  #hello(frame) {
    this.connections += 1;
    this.state.asked.clear();
    const wanted = new Set([
      ...frame.running.map((one) => one.turn),
      ...openTurns(this.state).map((turn) => turn.id),
      ...this.seats.filter((seat) => seat.hasAttribute("aria-busy")).map((seat) => seat.dataset.turn),
    ]);
    for (const turn of wanted) this.#watch(turn, this.state.turns.get(turn)?.seq ?? -1);
    if (this.connections > 1) this.refresh();
  }

  #watch(turn, after) {
    if (turn) this.socket.send({ type: "watch", turn, after });
  }

  #refused(frame) {
    for (const button of this.root.querySelectorAll("[data-act][disabled]")) button.disabled = false;
    alarm(frame.message);
  }

  #apply({ type, turn, answer, piece, frame, id, after }) {
    if (type === "gap") return this.#watch(id, after);
    if (type === "turn" && turn.question === this.root.dataset.question) this.#begin(turn);
    if (type === "started" && this.views.has(answer.id)) announce(`${this.views.get(answer.id).name} is writing`);
    if (type === "text") this.#text(answer, piece);
    if (type === "evidence") this.#evidence(answer, frame);
    if (type === "finished") this.#finish(answer, frame);
    if (type === "done" && turn.question === this.root.dataset.question) this.refresh();
  }

  /** A turn of this question: its answers take their seats; a new try takes the place of the old one. */
  #begin(turn) {
    for (const id of turn.answers) {
      const answer = this.state.answers.get(id);
      const seat = this.seats.find((one) => one.dataset.key === answer.persona);
      if (seat && answer.role === "answer") this.#seat(answer, seat);
    }
    this.#wait();
    if (!this.root.querySelector("[data-waiting]")) this.refresh(); // the page says that it is being written
  }

  #seat(answer, seat) {
    if (seat.dataset.message !== answer.id) {
      seat.id = `m-${answer.id}`;
      Object.assign(seat.dataset, { message: answer.id, turn: answer.turn });
      document.getElementById(`t-${answer.persona}`)?.setAttribute("aria-controls", seat.id);
    }
    const view = new AnswerView(seat);
    this.views.set(answer.id, view);
    if (answer.status !== "streaming") return;
    view.slot("note").hidden = true;
    view.restart(answer.text);
    view.mark(answer.evidence);
    if (!answer.text) view.slot("state").textContent = READING;
  }

  #text(answer, piece) {
    if (!this.views.has(answer.id)) return;
    this.pieces.set(answer.id, (this.pieces.get(answer.id) ?? "") + piece);
    this.#soon();
  }

  #evidence(answer, frame) {
    this.marks.set(answer.id, [...(this.marks.get(answer.id) ?? []), ...frame.evidence]);
    this.#soon();
  }

  #soon() {
    if (document.hidden) this.#draw();
    else this.drawing ??= requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    cancelAnimationFrame(this.drawing);
    this.drawing = null;
    for (const [id, piece] of this.pieces) this.views.get(id)?.write(piece);
    this.pieces.clear();
    for (const [id, evidence] of this.marks) this.views.get(id)?.mark(evidence);
    this.marks.clear();
    this.#wait();
  }

  #finish(answer, frame) {
    this.#draw();
    const view = this.views.get(answer.id);
    if (answer.role === "synthesis") {
      if (frame.status === "complete") announce("The synthesis is ready");
      return;
    }
    if (!view) return;
    view.finish(frame, answer.text);
    const seconds = Math.round((frame.total_ms ?? 0) / 1000);
    const took = frame.status === "complete" && seconds >= 1 ? ` in ${seconds} s` : "";
    view.slot("state").textContent = `${ENDED[frame.status]}${took}`;
    const words = `${view.name} ${SAID[frame.status] ?? "has finished"}`;
    if (frame.status === "failed" || frame.status === "interrupted") alarm(words);
    else announce(words);
    this.#wait();
  }

  /** How far the officers are, in the box where the synthesis will stand. */
  #wait() {
    const box = this.root.querySelector("[data-waiting]");
    if (!box) return;
    const busy = this.seats.filter((seat) => seat.hasAttribute("aria-busy"));
    const writing = busy.filter((seat) => seat.querySelector("[data-slot=state]").textContent.startsWith(WRITING)).length;
    const parts = [[writing, "writing"], [busy.length - writing, "reading"]].filter(([count]) => count);
    const words = parts.map(([count, what]) => `${COUNTS[count]} ${count === 1 ? "is" : "are"} ${what}`).join(", ");
    if (!busy.length) box.querySelector("[data-slot=waiting-head]").textContent = "The synthesis is being written.";
    box.querySelector("[data-slot=waiting-rest]").textContent = words
      ? `${words[0].toUpperCase()}${words.slice(1)}.` : "The officers have finished.";
  }

  /** The page as the server has it now; the focus stays where it was, as far as that is still there. */
  async refresh() {
    this.refreshes += 1;
    const mine = this.refreshes;
    const page = await fetchPage();
    if (!page || mine !== this.refreshes) return;
    const fresh = page.querySelector("[data-live]");
    if (!fresh) return;
    const { id } = document.activeElement ?? {};
    const key = document.activeElement?.closest?.(".seat")?.dataset.key;
    this.root.querySelector("[data-live]").replaceWith(document.adoptNode(fresh));
    this.#adopt();
    const again = (id && document.getElementById(id)) || (key && this.seats.find((seat) => seat.dataset.key === key));
    if (again && document.activeElement === document.body) again.focus({ preventScroll: true });
  }
}

async function fetchPage() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null;
  }
}

new Board(document.querySelector("[data-sitting]")).open();
