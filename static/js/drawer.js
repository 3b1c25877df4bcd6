/** The source card of a figure, beside the conversation. Without it the same card is a page of its own. */

import { alarm } from "./announce.js";

const NARROW = "(max-width: 1240px)";

/** @param {HTMLElement} chat */
export function listenToDrawer(chat) {
  const drawer = chat.querySelector("[data-drawer-panel]");
  if (drawer) new Drawer(chat, drawer).listen();
}

class Drawer {
  constructor(chat, drawer) {
    this.chat = chat;
    this.drawer = drawer;
    this.thread = chat.querySelector("[data-thread]");
    this.toggle = chat.querySelector("[data-toggle-drawer]");
    this.scrim = chat.querySelector("[data-close-drawer]");
    this.body = drawer.querySelector("[data-slot=card]");
    this.count = drawer.querySelector("[data-slot=count]");
    this.narrow = matchMedia(NARROW);
    this.address = null; // of the figure shown
    this.loads = 0;
  }

  listen() {
    this.thread.addEventListener("click", (event) => {
      const mark = event.target.closest("a.figure[href]");
      if (!mark || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      this.show(mark);
    });
    this.drawer.addEventListener("click", (event) => {
      const { step } = event.target.closest("[data-step]")?.dataset ?? {};
      if (step) this.step(Number(step));
      if (event.target.closest("[data-close]")) this.close();
    });
    this.scrim.addEventListener("click", () => this.close());
    this.toggle.addEventListener("click", () => (this.isOpen ? this.close() : this.openLast()));
    this.narrow.addEventListener("change", () => this.isOpen && this.#place());
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  get isOpen() {
    return this.toggle.getAttribute("aria-expanded") === "true";
  }

  /** The mark on the page now: the text of an answer may have been drawn anew since. */
  get mark() {
    return this.address && this.thread.querySelector(`a.figure[href="${CSS.escape(this.address)}"]`);
  }

  get marks() {
    const answer = this.mark?.closest("[data-message]");
    return answer ? [...answer.querySelectorAll("a.figure[href]")] : [];
  }

  openLast() {
    const answers = [...this.thread.querySelectorAll("[data-message]")].filter((one) => one.querySelector("a.figure"));
    const mark = this.mark ?? answers.at(-1)?.querySelector("a.figure");
    if (mark) this.show(mark);
    else this.#open();
  }

  async show(mark) {
    for (const other of this.thread.querySelectorAll("a.figure[aria-current]")) other.removeAttribute("aria-current");
    mark.setAttribute("aria-current", "true");
    this.address = mark.getAttribute("href");
    this.#open();
    this.#counted();
    this.loads += 1;
    const mine = this.loads;
    this.body.setAttribute("aria-busy", "true");
    const card = await fetchCard(mark.href);
    if (mine !== this.loads) return; // another one was chosen meanwhile
    this.body.removeAttribute("aria-busy");
    if (card) this.body.replaceChildren(card);
    else this.#failed();
    this.body.scrollTop = 0;
  }

  step(by) {
    const marks = this.marks;
    const next = marks[marks.indexOf(this.mark) + by];
    if (!next) return;
    next.scrollIntoView({ block: "nearest" });
    this.show(next);
  }

  close() {
    if (!this.isOpen) return;
    this.toggle.setAttribute("aria-expanded", "false");
    this.chat.dataset.drawer = "closed";
    if (this.chat.dataset.panel === "drawer") delete this.chat.dataset.panel;
    this.scrim.hidden = true;
    const mark = this.mark;
    mark?.removeAttribute("aria-current");
    (mark ?? this.toggle).focus();
  }

  #open() {
    const opened = !this.isOpen;
    this.toggle.setAttribute("aria-expanded", "true");
    this.#place();
    if (opened) this.drawer.focus();
  }

  /** Beside the thread, or over it where there is no room. */
  #place() {
    this.chat.dataset.drawer = "open";
    if (this.narrow.matches) this.chat.dataset.panel = "drawer";
    else if (this.chat.dataset.panel === "drawer") delete this.chat.dataset.panel;
    this.scrim.hidden = !this.narrow.matches;
  }

  #counted() {
    const marks = this.marks;
    const at = marks.indexOf(this.mark);
    this.count.textContent = at < 0 ? "" : `${at + 1} of ${marks.length}`;
    this.drawer.querySelector('[data-step="-1"]').disabled = at <= 0;
    this.drawer.querySelector('[data-step="1"]').disabled = at < 0 || at === marks.length - 1;
  }

  #failed() {
    const words = document.createElement("p");
    words.textContent = "The source could not be loaded. Try again in a moment.";
    this.body.replaceChildren(words);
    alarm(words.textContent);
  }

  #key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const inside = this.drawer.contains(document.activeElement);
    if (event.key === "Escape" && this.isOpen && (inside || this.narrow.matches)) {
      event.preventDefault();
      this.close();
      return;
    }
    if (document.activeElement?.closest("input, textarea, select, [contenteditable]")) return;
    const key = event.key.toLowerCase();
    if (this.isOpen && (key === "[" || key === "]")) this.step(key === "[" ? -1 : 1);
    if (key === "e") this.toggle.click();
  }
}

async function fetchCard(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" }, redirect: "error" });
    const page = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    return page ? document.adoptNode(page.querySelector("[data-source]")) : null;
  } catch {
    return null;
  }
}
