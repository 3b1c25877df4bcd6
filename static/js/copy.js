/** Copies an answer: as Markdown where plain text is wanted, as it looks where rich text is. */

import { announce } from "./announce.js";

/** @param {HTMLElement} article */
export async function copyAnswer(article) {
  const text = article.querySelector("[data-slot=source]").content.textContent;
  const shown = article.querySelector("[data-slot=text]").cloneNode(true);
  for (const bar of shown.querySelectorAll(".copy-block")) bar.remove();
  const html = shown.innerHTML;
  const done = (await writeBoth(text, html)) || writePlain(text);
  announce(done ? "Copied" : "The browser did not allow copying");
  const button = article.querySelector("[data-act=copy]");
  if (done) flash(button);
}

async function writeBoth(text, html) {
  if (!navigator.clipboard?.write) return false; // not offered outside a secure context
  const item = new ClipboardItem({
    "text/plain": new Blob([text], { type: "text/plain" }),
    "text/html": new Blob([html], { type: "text/html" }),
  });
  return navigator.clipboard.write([item]).then(() => true, () => false);
}

/** Where the clipboard is not offered. @param {string} text @returns {boolean} */
export function writePlain(text) {
  const field = document.createElement("textarea");
  field.className = "visually-hidden";
  field.value = text;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

function flash(button) {
  const use = button.querySelector("use");
  use.setAttribute("href", "#i-check");
  setTimeout(() => use.setAttribute("href", "#i-copy"), 1500);
}
