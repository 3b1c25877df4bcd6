/** The rail on narrow screens, and the shortcuts of the page. */

/** @param {HTMLElement} chat */
export function listenToPanels(chat) {
  const scrim = chat.querySelector("[data-close-panels]");
  const toggle = chat.querySelector("[data-toggle-rail]");
  const rail = chat.querySelector("[data-rail]");

  function show(open) {
    if (open) chat.dataset.panel = "rail";
    else delete chat.dataset.panel;
    scrim.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
    if (open) rail.querySelector("a").focus();
  }

  toggle.addEventListener("click", () => show(chat.dataset.panel !== "rail"));
  scrim.addEventListener("click", () => {
    show(false);
    toggle.focus();
  });
  document.addEventListener("keydown", (event) => {
    const narrow = toggle.offsetParent !== null;
    if (event.key === "Escape" && chat.dataset.panel === "rail" && narrow) {
      event.preventDefault();
      show(false);
      toggle.focus();
    }
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    if (event.key === "k") {
      event.preventDefault();
      if (narrow) show(true);
      chat.querySelector("[data-search]").focus();
    }
    if (event.key === "j") {
      event.preventDefault();
      location.assign(chat.querySelector("[data-new]").href);
    }
  });
}
