/** Follows the end of the transcript only while the reader is there; else offers to jump. */

const NEAR = 48; // px from the end that still count as being there

export class Scroller {
  constructor() {
    this.box = document.querySelector("[data-scroll]");
    this.button = document.querySelector("[data-latest]");
    this.atEnd = true;
    this.box.addEventListener("scroll", () => this.#moved(), { passive: true });
    this.button.addEventListener("click", () => {
      this.toEnd();
      this.box.focus({ preventScroll: true });
    });
    new ResizeObserver(() => this.follow()).observe(this.box);
  }

  follow() {
    if (this.atEnd) this.#jump();
    else this.button.hidden = false;
  }

  toEnd() {
    this.atEnd = true;
    this.#jump();
  }

  #jump() {
    // Instant: a smooth scroll that a new line overtakes never arrives.
    this.box.scrollTo({ top: this.box.scrollHeight, behavior: "instant" });
    this.button.hidden = true;
  }

  #moved() {
    this.atEnd = this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight <= NEAR;
    if (this.atEnd) this.button.hidden = true;
  }
}
