/** The frame around every page: theme, menus, times in the company's zone. */

import { forgetDrafts } from "./drafts.js";

const root = document.documentElement;
const THEMES = ["system", "light", "dark"];

function currentTheme() {
  return root.dataset.theme ?? "system";
}

function setTheme(theme) {
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  try {
    if (theme === "system") localStorage.removeItem("theme");
    else localStorage.setItem("theme", theme);
  } catch { /* private mode: the choice lasts as long as the page */ }
}

for (const button of document.querySelectorAll("[data-theme-switch]")) {
  const label = () => button.setAttribute("aria-label", `Theme: ${currentTheme()}. Change theme`);
  button.addEventListener("click", () => {
    setTheme(THEMES[(THEMES.indexOf(currentTheme()) + 1) % THEMES.length]);
    label();
  });
  label();
}

for (const button of document.querySelectorAll("[data-menu]")) {
  button.addEventListener("click", () => {
    const open = button.closest("[data-masthead]").toggleAttribute("data-open");
    button.setAttribute("aria-expanded", String(open));
  });
}

for (const talk of document.querySelectorAll("[data-scroll=end]")) talk.scrollTop = talk.scrollHeight;

for (const button of document.querySelectorAll("[data-toggle-profile]")) {
  button.addEventListener("click", () => {
    const open = button.closest(".profile").toggleAttribute("data-open");
    button.setAttribute("aria-expanded", String(open));
    button.textContent = open ? "Hide" : "Show";
  });
}

/** Pop-up menus are <details>: they work without scripts, and close on Escape and on a click elsewhere with them. */
function closePops(except) {
  for (const pop of document.querySelectorAll("details[data-pop][open]")) if (pop !== except) pop.open = false;
}

document.addEventListener("click", (event) => closePops(event.target.closest("details[data-pop]")));
document.addEventListener("focusin", (event) => closePops(event.target.closest("details[data-pop]")));
document.addEventListener("keydown", (event) => {
  const open = document.querySelector("details[data-pop][open]");
  if (event.key !== "Escape" || !open) return;
  event.preventDefault();
  open.open = false;
  open.querySelector("summary").focus();
});

for (const form of document.querySelectorAll("form[data-sign-out]")) form.addEventListener("submit", forgetDrafts);
