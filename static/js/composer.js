/** The composer: count, growth, Enter, who answers, the draft, and the wait that a limit asks for. */

import { countdown, number } from "./format.js";
import { commands } from "./slash.js";
import { codePoints } from "./turns.js";

export class Composer {
  /**
   * @param {HTMLFormElement} form
   * @param {import("./drafts.js").Drafts} drafts
   * @param {(question: {text: string, personas: string[]}) => void} onAsk
   */
  constructor(form, drafts, onAsk) {
    this.form = form;
    this.drafts = drafts;
    this.onAsk = onAsk;
    this.max = Number(form.dataset.max);
    this.area = form.querySelector("[data-ask]");
    this.button = form.querySelector("[data-send]");
    this.picker = form.querySelector("[data-picker]");
    this.busy = false;
    this.waitUntil = 0;
    if (!this.area.value) this.area.value = drafts.text;
    this.#listen();
    commands(form);
    this.#changed();
    form.dataset.ready = ""; // until now Enter was the browser's own
  }

  /** The personas chosen, in the catalogue's order. @returns {string[]} */
  get personas() {
    return this.#choices().filter((input) => input.checked).map((input) => input.value);
  }

  get text() {
    return this.area.value.trim();
  }

  set text(value) {
    this.area.value = value;
    this.#changed();
  }

  focus() {
    this.area.focus({ preventScroll: true });
  }

  /** Only this one answers. @param {string} key */
  choose(key) {
    for (const input of this.#choices()) input.checked = input.value === key;
    this.#several(false);
  }

  /** Says why something was refused. The text stays. @param {string} words @param {number|null} [seconds] */
  refuse(words, seconds = null) {
    this.#fault(seconds ? "" : words);
    if (!seconds) return;
    this.waitUntil = Date.now() + seconds * 1000;
    this.form.querySelector("[data-slot=limit-words]").textContent = words;
    this.#tick();
  }

  /** The budget will hardly pay for the question: the same bar as for a limit. "" takes it away; `refused` offers what
   * can be done about a question that was sent. @param {string} words @param {string} [left] @param {boolean} [refused] */
  warn(words, left = "", refused = false) {
    this.form.querySelector("[data-slot=budget-acts]").hidden = !refused;
    this.form.querySelector("[data-slot=budget-words]").textContent = words;
    this.form.querySelector("[data-slot=budget-left]").textContent = left;
    this.form.querySelector("[data-budget]").hidden = !words;
    this.form.toggleAttribute("data-short", Boolean(words));
  }

  /** While a question is on its way nothing is sent twice. @param {boolean} busy */
  setBusy(busy) {
    this.busy = busy;
    this.#changed();
  }

  submit() {
    if (!this.#ready()) return;
    this.#fault("");
    this.onAsk({ text: this.text, personas: this.personas });
  }

  #choices() {
    return [...this.form.querySelectorAll("input[name=persona]")];
  }

  #ready() {
    const length = codePoints(this.text);
    return length > 0 && length <= this.max && !this.busy && Date.now() >= this.waitUntil && this.personas.length > 0;
  }

  #listen() {
    this.area.addEventListener("input", () => this.#changed());
    this.area.addEventListener("keydown", (event) => this.#key(event));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.form.querySelector("[data-several]")?.addEventListener("change", (event) => this.#several(event.target.checked));
    for (const input of this.#choices()) input.addEventListener("change", () => this.#chosen(input));
    this.picker?.addEventListener("click", (event) => this.#picked(event));
    document.addEventListener("keydown", (event) => this.#shortcut(event));
  }

  /** A click on one of them is a choice made; arrow keys only move through them. */
  #picked(event) {
    const input = event.target.closest("label")?.querySelector("input[type=radio]");
    if (!input || event.target === input) return;
    this.picker.open = false;
    setTimeout(() => this.focus());
  }

  /** Enter sends; not while an input method composes a character, which also ends with Enter. */
  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.submit();
  }

  #shortcut(event) {
    const place = Number(event.code?.replace(/^Digit/, ""));
    if (!event.altKey || event.ctrlKey || event.metaKey || !(place >= 1)) return;
    const input = this.#choices()[place - 1];
    if (!input) return;
    event.preventDefault();
    this.choose(input.value);
    this.focus();
  }

  /** One answers (radio buttons), or several side by side (check boxes). */
  #several(on) {
    const box = this.form.querySelector("[data-several]");
    if (box) box.checked = on;
    const first = this.personas[0];
    for (const input of this.#choices()) {
      input.type = on ? "checkbox" : "radio";
      if (!on) input.checked = input.value === first;
    }
    this.#showChosen();
  }

  #chosen(input) {
    if (!this.personas.length) input.checked = true; // somebody has to answer
    this.#showChosen();
  }

  #showChosen() {
    const who = this.form.querySelector("[data-slot=who]");
    const nodes = this.#choices().filter((input) => input.checked).flatMap((input) => {
      const mark = input.closest("label").querySelector("svg").cloneNode(true);
      mark.classList.add("mark--sm");
      mark.dataset.persona = input.dataset.hue;
      const name = document.createElement("span");
      name.textContent = input.dataset.name;
      return [mark, name];
    });
    who.replaceChildren(...nodes);
    this.#changed();
  }

  #changed() {
    const length = codePoints(this.text);
    const over = length > this.max;
    this.drafts.text = this.area.value;
    const count = this.form.querySelector("[data-count]");
    count.textContent = `${number(length)} / ${number(this.max)}`;
    count.toggleAttribute("data-over", over);
    const words = over ? `${number(length - this.max)} characters too many` : "";
    const spoken = this.form.querySelector("[data-count-words]");
    if (spoken.textContent !== words) spoken.textContent = words;
    this.#state(over);
    this.button.disabled = !this.#ready();
    this.#grow();
  }

  #state(over) {
    const state = over ? "over" : Date.now() < this.waitUntil ? "limited" : "";
    if (state) this.form.dataset.state = state;
    else delete this.form.dataset.state;
  }

  /** Where the browser cannot size a field by its content. */
  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.area.style.height = "auto";
    this.area.style.height = `${this.area.scrollHeight}px`;
  }

  #fault(words) {
    const box = this.form.querySelector("[data-fault]");
    box.querySelector("[data-slot=fault-words]").textContent = words;
    box.hidden = !words;
  }

  #tick() {
    clearTimeout(this.timer);
    const left = Math.ceil((this.waitUntil - Date.now()) / 1000);
    this.form.querySelector("[data-limit]").hidden = left <= 0;
    this.form.querySelector("[data-slot=limit-count]").textContent = left > 0 ? `Send in ${countdown(left)}` : "";
    if (left > 0) this.timer = setTimeout(() => this.#tick(), 250);
    else this.waitUntil = 0;
    this.#changed();
  }
}
