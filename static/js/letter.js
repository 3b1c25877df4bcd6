/** The writer's pages in a dialog: the same forms and drafts as the page has, without leaving the conversation. */

import "./copy-field.js";
import { announce } from "./announce.js";

const EMAIL = "[data-email]"; // links that turn an answer into an e-mail

document.addEventListener("click", (event) => {
  const link = event.target.closest(EMAIL);
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const answer = link.closest("[data-message]").dataset.message;
  openLetter(`${new URL(link.href).pathname}?answer=${answer}`);
});

/** @param {string} address of a page with a `[data-letter]` */
export async function openLetter(address) {
  const back = document.activeElement;
  const dialog = frame();
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    back?.focus({ preventScroll: true });
  });
  dialog.addEventListener("submit", (event) => submitted(event, dialog, address));
  dialog.showModal();
  await show(dialog, address, fetch(address));
  dialog.querySelector("form :is(input:not([type=hidden]), select, textarea)")?.focus();
}

function frame() {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog letter-dialog";
  dialog.setAttribute("aria-labelledby", "letter-title");
  const head = document.createElement("div");
  head.className = "dialog__head";
  const title = document.createElement("h2");
  title.id = "letter-title";
  title.textContent = "A moment";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button button--quiet button--sm";
  close.textContent = "Close";
  close.addEventListener("click", () => dialog.close());
  head.append(title, close);
  const body = document.createElement("div");
  body.className = "dialog__body";
  body.tabIndex = -1;
  dialog.append(head, body);
  return dialog;
}

function submitted(event, dialog, address) {
  const form = event.target;
  if (form.method === "get") return;
  event.preventDefault();
  const button = form.querySelector("[type=submit]");
  if (button.disabled) return;
  button.disabled = true;
  announce("Writing");
  dialog.toggleAttribute("data-busy", true);
  const body = new FormData(form);
  show(dialog, address, fetch(form.action, { method: "POST", body })).then(() => {
    dialog.removeAttribute("data-busy");
    button.disabled = false;
    dialog.querySelector("[data-draft], [data-invalid]")?.scrollIntoView({ block: "nearest" });
  });
}

/** Puts what came into the dialog. A page without a letter is where one goes when it is done. */
async function show(dialog, address, coming) {
  const page = await read(coming);
  const letter = page?.querySelector("[data-letter], .picklist, .empty");
  if (!page) return failed(dialog, address);
  if (!letter) return dialog.close();
  dialog.querySelector("h2").textContent = page.querySelector("h1").textContent;
  dialog.querySelector(".dialog__body").replaceChildren(document.importNode(letter, true));
  if (letter.querySelector("[data-draft]")) announce("The draft is there");
}

async function read(coming) {
  try {
    const response = await coming;
    const kind = response.headers.get("Content-Type") || "";
    if (!kind.startsWith("text/html") || response.status >= 500) return null;
    return new DOMParser().parseFromString(await response.text(), "text/html");
  } catch {
    return null;
  }
}

/** What was typed stays in the form; without one there is the page itself. */
function failed(dialog, address) {
  const words = "This did not work. Try again in a moment";
  announce(words);
  const body = dialog.querySelector(".dialog__body");
  body.querySelector("[data-failed]")?.remove();
  const note = document.createElement("p");
  note.dataset.failed = "";
  note.className = "field__error";
  const link = document.createElement("a");
  link.href = address;
  link.textContent = "open it as a page";
  note.append(`${words}, or `, link, ".");
  body.append(note);
}
