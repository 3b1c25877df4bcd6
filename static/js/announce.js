/** Tells who cannot see: a start, a complete answer, an error. Never token by token. */

/** @param {string} words */
export function announce(words) {
  say("[data-announce]", words);
}

/** Interrupts what is being read out. @param {string} words */
export function alarm(words) {
  say("[data-alarm]", words);
}

function say(selector, words) {
  const region = document.querySelector(selector);
  if (!region) return;
  region.textContent = "";
  // A region is read when it changes: the same words twice would not be.
  requestAnimationFrame(() => { region.textContent = words; });
}
