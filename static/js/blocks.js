/** Copy buttons at the code and the tables of whole answers. */

import { announce } from "./announce.js";
import { writePlain } from "./copy.js";

/** @param {Element} root an answer, or all of them. What is being written, or was cut off, gets none. */
export function offerCopies(root) {
  const within = ".message[data-status=complete] [data-slot=text]";
  for (const block of root.querySelectorAll(`${within} pre.code, ${within} .scroll-x`)) {
    if (block.previousElementSibling?.matches(".copy-block")) continue;
    const made = document.getElementById("copy-template").content.firstElementChild.cloneNode(true);
    made.firstElementChild.textContent = block.matches("pre") ? "Copy code" : "Copy table";
    block.before(made);
  }
}

/** @param {Element} button of a block */
export async function copyBlock(button) {
  const bar = button.closest(".copy-block");
  const block = bar.nextElementSibling;
  const text = block.matches("pre") ? block.textContent : rowsOf(block);
  const asked = navigator.clipboard?.writeText ? navigator.clipboard.writeText(text).then(() => true, () => false) : false;
  const done = (await asked) || writePlain(text);
  announce(done ? "Copied" : "The browser did not allow copying");
}

/** With tabs between the cells, as spreadsheets take it. */
function rowsOf(block) {
  const cells = (row) => [...row.cells].map((cell) => cell.innerText.trim().replace(/\s+/g, " "));
  return [...block.querySelectorAll("tr")].map((row) => cells(row).join("\t")).join("\n");
}
