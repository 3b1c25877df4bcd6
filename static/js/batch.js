/** A batch that is being written: its bar moves and drafts come in. What was changed in a draft stays. */

import { announce } from "./announce.js";

const EVERY = 1500; // milliseconds

async function look() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return location.reload();
    take(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch {
    // Offline for a moment: the next look may succeed.
  }
  if (document.querySelector("[data-batch][data-busy]")) setTimeout(look, EVERY);
  else announce("All drafts are there");
}

function take(page) {
  document.querySelector("[data-batch]").replaceWith(document.importNode(page.querySelector("[data-batch]"), true));
  const over = !page.querySelector("[data-batch][data-busy]");
  for (const fresh of page.querySelectorAll("[data-item]")) {
    const old = document.querySelector(`[data-item="${fresh.dataset.item}"]`);
    const waits = over && fresh.dataset.state !== "done"; // now it may be tried again
    if (old && (old.dataset.state !== fresh.dataset.state || waits)) old.replaceWith(document.importNode(fresh, true));
  }
}

setTimeout(look, EVERY);
