/** One answer on the page: its status, its text while it streams, its foot. The partials of the history made its DOM. */

import { ageWords, evidencePath, showEvidence } from "./evidence.js";
import { createWriter } from "./markdown.js";
import { cost, duration, tokens } from "./format.js";
import { swap } from "./swapping.js";
import { noteOf, QUEUED, WAITING, WRITING } from "./wording.js";

const SLOW = 5000; // ms until the wait is counted

export class AnswerView {
  /** @param {HTMLElement} article */
  constructor(article) {
    this.article = article;
    this.since = Number(article.dataset.since) * 1000 || Date.now();
    this.unmarked = []; // evidence of figures that are not drawn yet
  }

  /** A new answer of a persona, from the partial that the server filled with nobody's words. */
  static create(key, message, turn, role, status) {
    const template = document.getElementById(`answer-${key}`);
    if (!template) return null;
    const article = template.content.firstElementChild.cloneNode(true);
    article.id = `m-${message}`;
    Object.assign(article.dataset, { message, turn, role });
    for (const link of article.querySelectorAll("a[data-of]")) {
      link.setAttribute("href", `${link.getAttribute("href")}?${link.dataset.of}=${message}`);
    }
    for (const input of article.querySelectorAll("input[name=message]")) input.setAttribute("value", message);
    const view = new AnswerView(article);
    view.setStatus(status);
    return view;
  }

  slot(name) {
    return this.article.querySelector(`[data-slot="${name}"]`);
  }

  get name() {
    return this.article.querySelector(".message__name").textContent;
  }

  get status() {
    return this.article.dataset.status;
  }

  setStatus(status) {
    this.article.dataset.status = status;
    const busy = status === "queued" || status === "streaming";
    if (!busy) delete this.article.dataset.since;
    if (busy) this.article.setAttribute("aria-busy", "true");
    else this.article.removeAttribute("aria-busy");
    const state = this.slot("state");
    state.textContent = status === "queued" ? QUEUED : status === "streaming" ? WAITING : state.dataset.byline;
  }

  /** Starts over; what the server showed of it is drawn again. */
  restart() {
    this.writer = createWriter(this.slot("text"));
    this.setStatus("streaming");
  }

  /** Who writes. @param {string} model */
  startedBy(model) {
    this.model = model;
  }

  /** @param {string} piece */
  write(piece) {
    this.writer ??= createWriter(this.slot("text"));
    this.writer.write(piece);
    const words = this.model ? `${WRITING}, ${this.model}` : WRITING;
    const state = this.slot("state");
    if (state.textContent !== words) state.textContent = words;
    if (this.unmarked.length) this.mark([]);
  }

  /** Figures of checked sentences. @param {any[]} evidence */
  mark(evidence) {
    const path = evidencePath(this.article.dataset.message);
    this.unmarked = [...this.unmarked, ...evidence].filter((one) => !this.writer?.mark(one, path));
  }

  /** Counts the wait for the first word once it becomes long. */
  tick() {
    const state = this.slot("state");
    const waited = Date.now() - this.since;
    if (this.status !== "streaming" || state.textContent.startsWith(WRITING) || waited < SLOW) return;
    state.textContent = `${WAITING}, ${Math.floor(waited / 1000)} s`;
  }

  /**
   * The last frame: the server's own rendering takes the place of what was streamed.
   * @param {any} frame @param {string} text
   * @returns {Promise<void>|undefined} until all of a long text is in place
   */
  finish(frame, text) {
    this.writer?.end();
    this.writer = null;
    this.setStatus(frame.status);
    this.slot("state").append(ageWords(frame.data_age));
    const placed = swap(this.slot("text"), frame.html);
    showEvidence(this.slot("evidence"), frame.evidence, frame.data_age);
    const source = document.createTextNode(text);
    this.slot("source").content.replaceChildren(source);
    this.article.dataset.error = frame.error_code ?? "";
    this.#showNote(noteOf(frame.status, frame.note, frame.provider, frame.error_code));
    this.#showMeta(frame);
    return placed;
  }

  /** @param {string[]} siblings ids, oldest first @param {number} place of this one */
  setSiblings(siblings, place) {
    this.article.dataset.siblings = siblings.join(" ");
    this.slot("variants").hidden = siblings.length < 2;
    this.slot("variant").textContent = `${place + 1}/${siblings.length}`;
    this.#step("older", siblings[place - 1]);
    this.#step("newer", siblings[place + 1]);
  }

  get siblings() {
    return (this.article.dataset.siblings ?? "").split(" ").filter(Boolean);
  }

  #step(name, id) {
    const button = this.article.querySelector(`[data-act="${name}"]`);
    button.value = id ?? "";
    button.disabled = !id;
  }

  #showNote(note) {
    const box = this.slot("note");
    box.hidden = !note;
    if (!note) return;
    box.className = note.kind ? `note note--${note.kind}` : "note";
    box.querySelector("use").setAttribute("href", `#i-${note.icon}`);
    this.slot("note-head").textContent = note.head;
    this.slot("note-rest").textContent = note.rest;
  }

  #showMeta(frame) {
    const prompt = frame.prompt_version;
    const words = [frame.model, prompt, tokens(frame.usage), cost(frame.usage), duration(frame.total_ms)];
    const spans = words.filter(Boolean).map((word) => {
      const span = document.createElement("span");
      span.append(word === prompt ? versionOf(prompt) : word);
      return span;
    });
    this.slot("meta").replaceChildren(...spans);
  }
}

// The people who write prompts go from an answer to its version; for everybody else it is a word.
function versionOf(prompt) {
  const base = document.querySelector("[data-prompts]")?.dataset.prompts;
  if (!base) return prompt;
  const link = document.createElement("a");
  link.href = `${base}${encodeURIComponent(prompt)}/`;
  link.textContent = prompt;
  return link;
}
