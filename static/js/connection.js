/** The banner above the page while the connection is not there. */

const PATIENCE = 1200; // ms: a short gap needs no words
const WORDS = {
  offline: "You are offline. You can read and write; questions are sent when the connection is back.",
  lost: "The server does not answer just now. It is tried again; questions are sent when the connection is back.",
  "signed-out": "You were signed out. What you wrote is kept: sign in again to go on.",
  "right-lost": "You no longer have access to this company’s conversations.",
  gone: "This conversation is no longer here.",
};

let timer = null;

/** @param {"open"|"lost"|"signed-out"|"right-lost"|"gone"} how */
export function showConnection(how) {
  document.documentElement.dataset.line = how;
  if (how === "lost") {
    timer ??= setTimeout(() => show(how), PATIENCE); // a failed try does not begin the wait anew
    return;
  }
  clearTimeout(timer);
  timer = null;
  show(how);
}

function show(how) {
  const banner = document.querySelector("[data-connection]");
  const words = how === "lost" && !navigator.onLine ? WORDS.offline : WORDS[how];
  banner.hidden = !words;
  if (!words) return;
  banner.querySelector("[data-slot=words]").textContent = words;
  banner.querySelector("[data-slot=retry]").hidden = how !== "lost";
  banner.querySelector("[data-slot=reload]").hidden = how !== "signed-out";
}
