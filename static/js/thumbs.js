/** Thumbs of answers: pressed at once, kept by the server, asked why. Without this script the forms do the same. */

import { announce } from "./announce.js";

/** @param {HTMLElement} thread Where answers are, also those to come. */
export function watchThumbs(thread) {
  thread.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-thumb-form], [data-why-form]")) return;
    event.preventDefault();
    const box = form.closest("[data-thumbs]");
    if (form.matches("[data-why-form]")) explain(box, form);
    else press(box, form, event.submitter);
  });
}

/** @param {HTMLElement} box @param {HTMLFormElement} form @param {HTMLButtonElement} button */
async function press(box, form, button) {
  const value = button.getAttribute("aria-pressed") === "true" ? "" : button.dataset.thumb;
  if (!(await send(form, { good: value }))) return announce("Your rating was not kept. Try again.");
  show(box, value);
  announce(value === "" ? "Rating taken back" : value === "1" ? "Rated good" : "Rated bad");
}

async function explain(box, form) {
  const data = new FormData(form);
  const kept = await send(form, { good: data.get("good"), reason: data.get("reason") ?? "", comment: data.get("comment") });
  announce(kept ? "Thank you. Your comment is kept." : "Your comment was not kept. Try again.");
  if (!kept) return;
  const pop = box.querySelector("[data-why]");
  pop.open = false;
  pop.querySelector("summary").focus();
}

async function send(form, fields) {
  const message = form.closest("[data-message]").dataset.message;
  try {
    const reply = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      body: new URLSearchParams({ message, ...fields }),
    });
    return reply.ok;
  } catch {
    return false;
  }
}

/** @param {HTMLElement} box @param {string} value "1", "0" or "" */
function show(box, value) {
  for (const button of box.querySelectorAll("[data-thumb]")) {
    const pressed = button.dataset.thumb === value;
    button.setAttribute("aria-pressed", String(pressed));
    button.value = pressed ? "" : button.dataset.thumb;
  }
  const why = box.querySelector("[data-why]");
  why.hidden = value === "";
  why.open = false;
  why.querySelector("[name=good]").value = value;
  for (const reasons of why.querySelectorAll("[data-reasons]")) {
    reasons.hidden = reasons.disabled = reasons.dataset.reasons !== value;
    for (const radio of reasons.querySelectorAll("input")) radio.checked = false;
  }
}
