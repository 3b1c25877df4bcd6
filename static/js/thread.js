/** The transcript: puts the changes of turns.js on the page, with the partials that the server renders too. */

import { alarm, announce } from "./announce.js";
import { AnswerView } from "./answer.js";
import { offerCopies } from "./blocks.js";
import { earlier } from "./earlier.js";
import { Scroller } from "./scroller.js";
import { visible } from "./wording.js";

const PER_FRAME = 2000; // characters: what a slow machine draws between two frames of its screen
const ENDED = { complete: "has answered", stopped: "was stopped", interrupted: "was interrupted", failed: "could not answer" };

export class Thread {
  /**
   * @param {HTMLElement} root holds the turns
   * @param {import("./turns.js").State} state
   * @param {{refresh: () => void, zone: string}} options `refresh` fetches the transcript from the server
   */
  constructor(root, state, { refresh, zone }) {
    this.root = root;
    this.state = state;
    this.refresh = refresh;
    this.clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone || undefined });
    this.views = new Map();
    this.pieces = new Map();
    this.marks = new Map(); // evidence that waits to be drawn
    this.scroller = new Scroller();
    this.past = earlier(root, this.scroller.box, () => offerCopies(root));
    offerCopies(root);
    setInterval(() => { for (const view of this.views.values()) view.tick(); }, 1000);
  }

  /** @param {import("./turns.js").Change} change */
  apply(change) {
    const handle = { turn: this.#begin, started: this.#started, text: this.#text, evidence: this.#evidence, finished: this.#finish }[change.type];
    handle?.call(this, change);
  }

  /** A question on its way: shown at once, confirmed by the server's frame. @param {{id: string, text: string}} question */
  showPending({ id, text }) {
    if (this.#pending(id)) return;
    this.root.querySelector("[data-empty]")?.remove();
    const section = template("turn-template");
    section.dataset.client = id;
    const article = template("question-template");
    article.querySelector(".message__body").textContent = visible(text);
    const time = article.querySelector("time");
    time.dateTime = `${new Date().toISOString().slice(0, 16)}Z`;
    time.textContent = this.clock.format(new Date());
    section.append(article, template("pending-template"));
    this.root.append(section);
    this.scroller.toEnd();
  }

  /** It was refused: its text is back in the composer. @param {string} id */
  dropPending(id) {
    this.#pending(id)?.remove();
  }

  /** The transcript's last turns as the server has them; older ones that were fetched before stay. @param {Element} fresh */
  replace(fresh) {
    const first = fresh.querySelector(".turn[data-question]");
    const known = first && this.section(first.dataset.question);
    if (!known || !fresh.querySelector("[data-earlier]")) {
      this.root.replaceChildren(...fresh.childNodes);
      return;
    }
    this.cutAfter(known);
    fresh.querySelector("[data-earlier]").remove();
    known.replaceWith(...fresh.childNodes);
  }

  /** After the transcript was fetched anew: what is known of running answers, and of those it shows as running. */
  adopt() {
    this.views.clear();
    this.pieces.clear();
    this.marks.clear();
    for (const turn of this.state.turns.values()) if (!turn.done) this.#begin({ turn, again: true });
    for (const article of this.unfinished) {
      const answer = this.state.answers.get(article.dataset.message);
      if (answer?.frame) new AnswerView(article).finish(answer.frame, answer.text);
    }
    offerCopies(this.root);
    this.past.watch();
  }

  /** @returns {HTMLElement|null} the last question of which the server knows, with its answers */
  get lastTurn() {
    return [...this.root.querySelectorAll(".turn[data-question]")].at(-1) ?? null;
  }

  /** The answer that the next question follows. @returns {string|null} */
  get lastAnswer() {
    return answerOf(this.lastTurn);
  }

  /** The answer that this question follows. @param {HTMLElement} section @returns {string|null} */
  answerBefore(section) {
    return answerOf(section.previousElementSibling);
  }

  /** An earlier question or answer takes another way: what followed belongs to the old one. @param {HTMLElement} section */
  cutAfter(section) {
    while (section.nextElementSibling) section.nextElementSibling.remove();
  }

  /** @returns {HTMLElement[]} answers that are being written or wait */
  get unfinished() {
    return [...this.root.querySelectorAll("[data-message][aria-busy]")];
  }

  section(question) {
    return this.root.querySelector(`.turn[data-question="${CSS.escape(question)}"]`);
  }

  #pending(id) {
    return this.root.querySelector(`.turn[data-client="${CSS.escape(id)}"]`);
  }

  #begin({ turn, again = false }) {
    const section = this.#sectionOf(turn);
    if (!section) {
      if (!again) this.refresh();
      return;
    }
    for (const id of turn.answers) this.#place(section, this.state.answers.get(id));
    this.#draw();
  }

  #sectionOf(turn) {
    const pending = this.#pending(turn.client);
    const known = this.section(turn.question);
    if (known) {
      pending?.remove();
      return known;
    }
    if (!pending) return null;
    delete pending.dataset.client;
    pending.querySelector("[data-pending]")?.remove();
    pending.dataset.question = turn.question;
    pending.querySelector(".message--question").id = `m-${turn.question}`;
    return pending;
  }

  /** Puts an answer where it belongs: where it stands already, in place of an older try, or at the end. */
  #place(section, answer) {
    const there = section.querySelector(`[data-message="${CSS.escape(answer.id)}"]`);
    const view = there ? new AnswerView(there) : AnswerView.create(answer.persona, answer.id, answer.turn, answer.role, "streaming");
    if (!view) return;
    if (!there) this.#insert(section, view, answer);
    this.views.set(answer.id, view);
    if (answer.status !== "streaming") return;
    view.restart();
    this.pieces.set(answer.id, answer.text);
    view.mark(answer.evidence);
  }

  #insert(section, view, answer) {
    const older = section.querySelector(`[data-key="${CSS.escape(answer.persona)}"][data-role="${CSS.escape(answer.role)}"]`);
    const siblings = [...(older ? new AnswerView(older).siblings : []), answer.id];
    view.setSiblings(siblings, siblings.length - 1);
    if (older) {
      older.replaceWith(view.article);
      this.cutAfter(section);
    } else section.append(view.article);
  }

  #started({ answer, frame }) {
    const view = this.views.get(answer.id);
    view?.startedBy(frame.model);
    if (view) announce(`${view.name} is writing`);
  }

  /** Text is drawn once per frame of the screen, however many deltas come; a long one that came at once, over several. */
  #text({ answer, piece }) {
    this.pieces.set(answer.id, (this.pieces.get(answer.id) ?? "") + piece);
    this.#soon();
  }

  /** A sentence was checked: its figures get their marks, behind the text that is still to be drawn. */
  #evidence({ answer, frame }) {
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
    let room = document.hidden ? Infinity : PER_FRAME;
    for (const [id, piece] of this.pieces) {
      const end = endOf(piece, room);
      if (end) this.views.get(id)?.write(piece.slice(0, end));
      room -= end;
      if (end === piece.length) this.pieces.delete(id);
      else this.pieces.set(id, piece.slice(end));
    }
    if (this.pieces.size) this.#soon();
    for (const [id, evidence] of this.marks) this.views.get(id)?.mark(evidence);
    this.marks.clear();
    this.scroller.follow();
  }

  #finish({ answer, frame }) {
    this.pieces.delete(answer.id); // the last frame has all of it
    this.marks.delete(answer.id);
    const view = this.views.get(answer.id);
    if (!view) return;
    const placed = view.finish(frame, answer.text);
    const done = () => {
      offerCopies(view.article.parentElement ?? this.root);
      this.scroller.follow();
    };
    if (placed) placed.then(done);
    else done();
    const count = frame.evidence.length;
    const figures = count ? `, ${count} figure${count === 1 ? "" : "s"}` : "";
    const words = `${view.name} ${ENDED[frame.status] ?? "has finished"}${figures}`;
    if (frame.status === "failed" || frame.status === "interrupted") alarm(words);
    else announce(words);
  }
}

/** Where to cut `text` after at most `room` units: not within a character, whose halves could not be judged. */
function endOf(text, room) {
  if (text.length <= room) return text.length;
  const end = Math.max(0, Math.floor(room));
  const code = text.charCodeAt(end - 1);
  return end && code >= 0xd800 && code <= 0xdbff ? end - 1 : end;
}

/** A synthesis speaks for its turn, else its last answer does. */
function answerOf(section) {
  const answers = [...(section?.querySelectorAll("[data-message]") ?? [])];
  const found = answers.find((answer) => answer.dataset.role === "synthesis") ?? answers.at(-1);
  return found?.dataset.message ?? null;
}

function template(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}
