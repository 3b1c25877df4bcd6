/** An open conversation: what its socket says, what the person does, and the transcript between them. */

import { alarm, announce } from "./announce.js";
import { BudgetBar } from "./budget-bar.js";
import { Composer } from "./composer.js";
import { showConnection } from "./connection.js";
import { copyBlock } from "./blocks.js";
import { copyAnswer } from "./copy.js";
import { Drafts } from "./drafts.js";
import { editing } from "./editing.js";
import { Price } from "./estimate.js";
import { newId } from "./ids.js";
import { Outbox } from "./outbox.js";
import { Socket } from "./socket.js";
import { Thread } from "./thread.js";
import { createState, openTurns, reduce } from "./turns.js";

const TOUCH = matchMedia("(pointer: coarse)");
const GONE = "gone";
const FETCHED = [".rail__list", "[data-title]"]; // the parts of the page that a refresh replaces, beside the transcript

export class Conversation {
  /** @param {HTMLElement} chat @param {HTMLFormElement} form */
  constructor(chat, form) {
    const { conversation, zone, socket, reword } = chat.dataset;
    const drafts = new Drafts(form.dataset.user, conversation);
    this.state = createState();
    this.thread = new Thread(chat.querySelector("[data-thread]"), this.state, { refresh: () => this.refresh(), zone });
    this.socket = new Socket(socket, { onFrame: (frame) => this.#take(frame), onState: showConnection });
    this.outbox = new Outbox(drafts, { send: (frame) => this.socket.send(frame), parent: () => this.thread.lastAnswer });
    this.composer = new Composer(form, drafts, (question) => this.#ask(question));
    this.price = new Price(this.composer, (frame) => this.socket.send(frame), () => this.thread.lastAnswer);
    this.budget = new BudgetBar(this.composer, this.thread);
    this.edits = editing(this.composer, this.thread, { address: reword, refresh: () => this.refresh() });
    this.again = new Map(); // client id of a regenerate or continue -> its button
    this.stops = []; // wished while there was no connection
    this.begun = 0; // turns that the socket has told of
    this.connections = 0;
    this.refreshes = 0;
  }

  open() {
    for (const question of this.outbox.waiting) this.thread.showPending(question);
    this.thread.scroller.toEnd();
    if (!TOUCH.matches) this.composer.focus();
    this.budget.look();
    this.#listen();
    this.socket.connect();
  }

  /** The transcript as the server has it. Running answers are drawn on from what is known. */
  async refresh() {
    this.refreshes += 1;
    const mine = this.refreshes;
    let page, begun;
    do { // a page that was made before a turn began would take it off the screen again
      begun = this.begun;
      page = await fetchPage();
    } while (page && mine === this.refreshes && begun !== this.begun);
    if (page === GONE) showConnection("gone");
    if (!page || page === GONE || mine !== this.refreshes) return; // a later one knows more
    this.thread.replace(page.querySelector("[data-thread]"));
    for (const selector of FETCHED) {
      const fresh = page.querySelector(selector);
      if (fresh) document.querySelector(selector).replaceChildren(...fresh.childNodes);
    }
    for (const question of this.outbox.waiting) this.thread.showPending(question);
    this.thread.adopt();
    this.budget.look();
    this.thread.scroller.follow();
  }

  #listen() {
    this.thread.root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-act]");
      if (!button) return;
      event.preventDefault();
      this.#act(button, button.closest("[data-message]"));
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      // A page that was loaded in mid-answer shows it before the socket has told of the turn.
      const running = openTurns(this.state)[0]?.id ?? this.thread.unfinished[0]?.dataset.turn;
      if (running) this.#stop(running);
    });
    document.querySelector("[data-slot=retry]").addEventListener("click", () => this.socket.retry());
  }

  // What the person does

  #ask(question) {
    const edited = this.edits.take();
    if (edited) {
      this.thread.cutAfter(edited.section);
      edited.section.remove();
    }
    const sent = this.outbox.add(edited ? { ...question, parent: edited.parent, edits: true } : question);
    this.thread.showPending(sent);
    this.composer.text = "";
    if (TOUCH.matches) this.composer.area.blur(); // or its keyboard covers the answer
    this.price.clear();
  }

  #act(button, article) {
    const { message, turn, status } = article?.dataset ?? {};
    const kind = button.dataset.act;
    if (kind === "copy") copyAnswer(article);
    if (kind === "stop") this.#stop(turn, status === "queued" ? undefined : message);
    if (kind === "copy-block") copyBlock(button);
    if (kind === "take-back") this.#takeBack(button.closest(".turn"));
    if (kind === "edit") this.edits.begin(button.closest(".turn"));
    if (kind === "older" || kind === "newer") this.#choose(button);
    if (kind === "regenerate" || kind === "continue") this.#tryAgain(kind, message, button);
  }

  /** A question that has not left goes back into the composer. */
  #takeBack(section) {
    const question = this.outbox.take(section.dataset.client);
    if (!question) return;
    this.#giveBack(question);
    this.composer.focus();
  }

  #stop(turn, message) {
    const frame = { type: "stop", turn, ...(message ? { message } : {}) };
    if (this.socket.send(frame)) return;
    this.stops.push(frame);
    if (this.connections) alarm("Not connected. The answer stops when the connection is back.");
  }

  #tryAgain(type, message, button) {
    const id = newId();
    if (!this.socket.send({ type, id, message })) {
      alarm("Not connected. Try again in a moment.");
      return;
    }
    this.again.set(id, button);
    button.disabled = true;
    this.thread.scroller.atEnd = true;
  }

  /** Another version on screen; the server keeps the choice. */
  async #choose(button) {
    const body = new FormData(button.form);
    body.set("message", button.value);
    const answer = await fetch(button.form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.ok) await this.refresh();
    else alarm("The other version could not be shown.");
  }

  // What the socket says

  #take(frame) {
    const handlers = { hello: this.#hello, error: this.#refused, "turn.queued": this.#queued, estimate: this.#priced,
      "conversation.changed": this.refresh };
    const handle = handlers[frame.type];
    if (handle) {
      handle.call(this, frame);
      return;
    }
    for (const change of reduce(this.state, frame)) {
      if (change.type === "gap") this.#watch(change.id, change.after);
      else this.thread.apply(change);
    }
    if (frame.type.startsWith("turn.")) this.budget.look();
    if (frame.type !== "turn.started") return;
    this.begun += 1;
    this.#confirmed(frame.id);
  }

  #watch(turn, after) {
    this.socket.send({ type: "watch", turn, after });
  }

  /** After every connect: pick up what runs where we left it, and what ended while we were away. */
  #hello(frame) {
    this.connections += 1;
    this.state.asked.clear();
    const waiting = new Set(frame.queued.map((one) => one.turn));
    const wanted = new Set([
      ...frame.running.map((one) => one.turn),
      ...openTurns(this.state).map((turn) => turn.id),
      ...this.thread.unfinished.map((answer) => answer.dataset.turn).filter((turn) => turn && !waiting.has(turn)),
    ]);
    for (const turn of wanted) this.#watch(turn, this.state.turns.get(turn)?.seq ?? -1);
    for (const stop of this.stops.splice(0)) this.socket.send(stop);
    if (this.connections > 1) this.refresh();
    this.outbox.again();
  }

  #confirmed(id) {
    this.again.delete(id);
    this.thread.dropPending(id);
    const question = this.outbox.take(id);
    if (question?.edits) this.refresh(); // the server knows its other versions
    if (question) this.outbox.flush();
  }

  /** Someone's question waits, ours or another tab's: the server's rows say where. */
  async #queued(frame) {
    const ours = this.outbox.has(frame.id);
    await this.refresh();
    if (ours) announce(`Your question waits, number ${frame.position} in the queue`);
    this.#confirmed(frame.id);
  }

  #priced(frame) {
    this.price.show(frame);
  }

  #refused(frame) {
    if (frame.id && frame.id === this.price.asked) return; // it was only asked what it would cost
    const question = frame.id ? this.outbox.take(frame.id) : null;
    this.again.get(frame.id)?.removeAttribute("disabled");
    if (question) this.#giveBack(question);
    this.composer.refuse(frame.message, frame.retry_after);
    alarm(frame.message);
    this.outbox.flush();
  }

  /** What could not be sent stands in the composer again, before what was begun since. */
  #giveBack(question) {
    this.thread.dropPending(question.id);
    if (question.edits) this.refresh(); // the old version comes back
    const begun = this.composer.text;
    this.composer.text = begun ? `${question.text}\n\n${begun}` : question.text;
  }
}

async function fetchPage() {
  try {
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" }, redirect: "error" });
    if (answer.status === 404) return GONE;
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null;
  }
}
