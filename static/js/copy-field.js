/** Buttons that copy what stands in a field: `data-copy-field` names it. Also in what comes into the page later. */

import { announce } from "./announce.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy-field]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copyField);
  const done = await write(field);
  announce(done ? "Copied" : "The browser did not allow copying");
  if (!done) return;
  const use = button.querySelector("use");
  use.setAttribute("href", "#i-check");
  setTimeout(() => use.setAttribute("href", "#i-copy"), 1500);
});

/** Outside a secure context the clipboard is not offered: then the field's own selection is copied. */
async function write(field) {
  if (navigator.clipboard?.writeText) {
    return navigator.clipboard.writeText(field.value).then(() => true, () => false);
  }
  field.select();
  return document.execCommand("copy");
}
