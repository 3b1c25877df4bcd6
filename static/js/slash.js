/** Commands in the composer: `/` opens a list, a command may ask for a deal or an invoice, then it does its work. */

import { openLetter } from "./letter.js";

const COMMAND = /^\/(\w*)$/;
const TARGET = /^\/(\w+) +(.*)$/s;

/** @param {HTMLFormElement} form the composer */
export function commands(form) {
  const list = form.querySelector("[data-slash]");
  if (list) new Commands(form, list);
}

class Commands {
  constructor(form, list) {
    this.form = form;
    this.list = list;
    this.area = form.querySelector("[data-ask]");
    this.button = form.querySelector("[data-slash-open]");
    this.title = list.querySelector("[data-slot=slash-title]");
    this.all = [...list.querySelectorAll("[role=option]")];
    this.asked = 0;
    this.area.setAttribute("aria-autocomplete", "list");
    this.area.setAttribute("aria-controls", list.id);
    this.area.addEventListener("input", () => this.#look());
    this.area.addEventListener("blur", () => this.#close());
    form.addEventListener("keydown", (event) => this.#key(event), true); // before Enter sends
    list.addEventListener("pointerdown", (event) => event.preventDefault()); // the question keeps the focus
    list.addEventListener("click", (event) => this.#take(event.target.closest("[role=option]")));
    this.button.addEventListener("pointerdown", (event) => event.preventDefault());
    this.button.addEventListener("click", () => this.#toggle());
  }

  get #options() {
    return [...this.list.querySelectorAll("[role=option]:not([hidden])")];
  }

  get #open() {
    return !this.list.hidden;
  }

  #toggle() {
    if (this.#open) return this.#close();
    if (this.area.value.trim() && !this.area.value.startsWith("/")) return this.#show(this.all, "Commands"); // a draft stays
    this.area.focus({ preventScroll: true });
    this.#write("/");
  }

  #look() {
    const text = this.area.value;
    const target = TARGET.exec(text);
    const command = target && this.all.find((option) => option.dataset.key === target[1] && option.dataset.of);
    if (command) return this.#complete(command, target[2]);
    const named = COMMAND.exec(text);
    const fitting = named ? this.all.filter((option) => option.dataset.key.startsWith(named[1].toLowerCase())) : [];
    this.command = null;
    if (fitting.length) this.#show(fitting, "Commands");
    else this.#close();
  }

  async #complete(command, words) {
    this.command = command;
    this.asked += 1;
    const mine = this.asked;
    const found = await fetch(`${this.list.dataset.complete.replace("_", command.dataset.of)}?q=${encodeURIComponent(words)}`)
      .then((response) => (response.ok ? response.json() : { found: [] }), () => ({ found: [] }));
    if (mine !== this.asked || this.command !== command || !TARGET.test(this.area.value)) return;
    const title = found.found.length ? `Which ${command.dataset.of}?` : `No ${command.dataset.of} fits`;
    this.#show(found.found.map((one) => targetOption(one)), title);
  }

  #show(options, title) {
    for (const old of this.list.querySelectorAll("[data-target]")) old.remove();
    for (const option of this.all) option.hidden = !options.includes(option);
    this.list.append(...options.filter((option) => !this.all.includes(option)));
    this.title.textContent = title;
    this.list.hidden = false;
    this.button.setAttribute("aria-expanded", "true");
    this.#mark(options[0]);
  }

  #close() {
    this.asked += 1;
    this.list.hidden = true;
    this.button.setAttribute("aria-expanded", "false");
    this.area.removeAttribute("aria-activedescendant");
  }

  #mark(option) {
    for (const one of this.#options) one.setAttribute("aria-selected", String(one === option));
    if (!option) return this.area.removeAttribute("aria-activedescendant");
    this.area.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  #key(event) {
    if (!this.#open || event.isComposing || event.target !== this.area) return;
    const options = this.#options;
    const place = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    if (event.key === "ArrowDown") this.#mark(options[(place + 1) % options.length]);
    else if (event.key === "ArrowUp") this.#mark(options[(place - 1 + options.length) % options.length]);
    else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") {
      if (!options[place] && event.key === "Tab") return;
      this.#take(options[place]);
    } else if (event.key === "Escape") this.#close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #take(option) {
    if (!option) return;
    const { key, of, address, text, everybody, target } = option.dataset;
    if (target) return this.#go(this.command.dataset.address.replace("{id}", target));
    if (of) {
      this.area.focus({ preventScroll: true });
      return this.#write(`/${key} `);
    }
    if (everybody !== undefined) this.#askEverybody();
    if (address && key === "forecast") location.assign(address);
    else if (address) this.#go(address);
    else this.#write(text || (COMMAND.test(this.area.value) ? "" : this.area.value));
  }

  #go(address) {
    this.#close();
    if (this.area.value.startsWith("/")) this.#write("");
    openLetter(address);
  }

  #askEverybody() {
    const several = this.form.querySelector("[data-several]");
    if (several && !several.checked) several.click();
    for (const input of this.form.querySelectorAll("input[name=persona]:not(:checked)")) input.click();
  }

  /** As if it were typed, so that the count, the draft and the list follow. */
  #write(text) {
    this.#close();
    this.area.value = text;
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function targetOption({ id, name, about }) {
  const option = document.createElement("div");
  option.className = "menu__item";
  option.setAttribute("role", "option");
  option.id = `target-${id}`;
  option.dataset.target = id;
  const said = document.createElement("b");
  said.textContent = name;
  const more = document.createElement("span");
  more.className = "sub";
  more.textContent = about;
  option.append(said, more);
  return option;
}
