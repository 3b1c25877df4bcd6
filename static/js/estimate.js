/** What the question would cost and what the budget leaves, under the text while it is written. */

import { money } from "./format.js";
import { newId } from "./ids.js";

const PAUSE = 700; // ms without a key until it is asked

export class Price {
  /**
   * @param {import("./composer.js").Composer} composer
   * @param {(frame: object) => boolean} send
   * @param {() => string|null} parent the answer that the question would follow
   */
  constructor(composer, send, parent) {
    this.composer = composer;
    this.send = send;
    this.parent = parent;
    this.line = composer.form.querySelector("[data-price]");
    composer.form.addEventListener("input", () => this.later());
    composer.form.addEventListener("change", () => this.later());
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#ask(), PAUSE);
  }

  #ask() {
    const { text, personas } = this.composer;
    this.asked = text && personas.length ? newId() : null;
    if (!this.asked) this.clear();
    else this.send({ type: "estimate", id: this.asked, text, personas, parent: this.parent() });
  }

  /** The answer to the last one asked; older ones are passed over. @param {any} frame */
  show(frame) {
    if (frame.id !== this.asked) return;
    const words = wordsOf(frame);
    this.line.hidden = !words;
    this.line.textContent = words ?? "";
    this.line.toggleAttribute("data-short", isShort(frame));
    this.composer.warn(...(isShort(frame) ? shortage(frame) : [""]));
  }

  /** A question that was sent has no price any more. */
  clear() {
    clearTimeout(this.timer);
    this.asked = null;
    this.line.hidden = true;
    this.composer.warn("");
  }
}

/** What costs nothing is asked whatever is left. */
function isShort(frame) {
  const { high, budget_left: left } = frame;
  if (left === null || (high !== null && Number(high) === 0)) return false;
  return Number(left) <= 0 || Number(high ?? 0) > Number(left);
}

/** What the bar says of a budget that is used up, or too small for this question. @returns {[string, string]} */
function shortage(frame) {
  const left = `${money(frame.budget_left, frame.currency, 2)} left`;
  if (Number(frame.budget_left) <= 0) return ["The budget is used up. Your text is kept; ask finance for more.", left];
  return ["The budget may not cover this question. Your text is kept.", left];
}

/** Nothing for what costs nothing and is limited by nobody. @returns {string|null} */
function wordsOf(frame) {
  const { high, currency, budget_left: left } = frame;
  const most = high === null ? "Cost unknown" : Number(high) === 0 ? "Free of charge" : `Up to ${money(high, currency, 4)}`;
  if (left === null) return Number(high) === 0 || high === null ? null : most;
  return `${most}; ${money(left, currency, 2)} of the budget is left`;
}
