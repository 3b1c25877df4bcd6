/** A question that the budget did not pay for: the bar of a limit over the composer says so, and tries again. */

const REFUSED = '[data-message][data-status="failed"][data-error="budget_exceeded"]';

export class BudgetBar {
  /** @param {import("./composer.js").Composer} composer @param {import("./thread.js").Thread} thread */
  constructor(composer, thread) {
    this.composer = composer;
    this.thread = thread;
    this.acts = composer.form.querySelector("[data-slot=budget-acts]");
    this.acts.querySelector("[data-budget-again]").addEventListener("click", () => this.#again());
  }

  /** Whether the last question stands refused. Its text is in the transcript, and stays there. */
  look() {
    const [first] = this.#refused();
    if (first) this.composer.warn(["note-head", "note-rest"].map((name) => text(first, name)).join(" "), "", true);
    else if (!this.acts.hidden) this.composer.warn("");
  }

  #refused() {
    return [...(this.thread.lastTurn?.querySelectorAll(REFUSED) ?? [])];
  }

  /** Everyone who was refused; who is refused once more says so again. */
  #again() {
    const buttons = this.#refused().map((answer) => answer.querySelector("[data-again]"));
    this.composer.warn("");
    for (const button of buttons) button.click();
    this.composer.focus();
  }
}

function text(article, slot) {
  return article.querySelector(`[data-slot="${slot}"]`).textContent;
}
