/** The sheet of keys, and the keys that move through the transcript. */

/** @param {HTMLElement} chat */
export function listenToKeys(chat) {
  const sheet = document.querySelector("[data-keys-sheet]");
  const composer = chat.querySelector("[data-ask]");

  // A modal dialog gives the focus back to where it was when it closes.
  const open = () => { if (!sheet.open) sheet.showModal(); };
  sheet.addEventListener("click", (event) => { if (event.target === sheet) sheet.close(); });
  chat.querySelector("[data-keys]")?.addEventListener("click", open);

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || sheet.open) return;
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      step(chat, event.key === "ArrowUp" ? -1 : 1);
    }
    if (event.altKey || writes(event.target)) return;
    if (event.key === "?") {
      event.preventDefault();
      open();
    }
    if (event.key === "/" && composer) {
      event.preventDefault();
      composer.focus();
    }
  });
}

/** Whether the key belongs to what is being written. */
function writes(target) {
  return target instanceof Element && Boolean(target.closest("input, textarea, select, [contenteditable]"));
}

/** Puts the focus on the message before or after the one that has it; from outside, on the last one. */
function step(chat, by) {
  const messages = [...chat.querySelectorAll("[data-thread] .message")];
  const at = messages.findIndex((message) => message.contains(document.activeElement));
  const next = at < 0 ? messages.at(-1) : messages[at + by];
  if (!next) return;
  next.tabIndex = -1;
  next.addEventListener("blur", () => next.removeAttribute("tabindex"), { once: true });
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}
