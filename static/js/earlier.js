/** Older turns come when they are wanted, above what is on screen, which does not move. */

import { alarm } from "./announce.js";

const NEAR = "800px 0px 0px 0px"; // above what is seen: fetched before the reader arrives

/**
 * @param {HTMLElement} root holds the turns
 * @param {HTMLElement} box what scrolls
 * @param {() => void} [onCome] after older turns have come
 * @returns {{watch: () => void}} `watch` looks at the link that leads back, after the turns were drawn anew
 */
export function earlier(root, box, onCome = () => {}) {
  let busy = false;
  let touched = false; // nobody has moved: the page opens with its last turns alone
  const observer = new IntersectionObserver((seen) => {
    const link = seen.find((one) => one.isIntersecting)?.target;
    if (link && touched) load(link);
  }, { root: box, rootMargin: NEAR });

  function watch() {
    observer.disconnect();
    const link = root.querySelector("[data-earlier]");
    if (link) observer.observe(link);
  }

  async function load(link) {
    if (busy) return;
    busy = true;
    const turns = await turnsOf(link.href);
    busy = false;
    if (!link.isConnected) return; // the transcript was drawn anew meanwhile
    if (!turns) {
      alarm("Earlier messages could not be loaded. Try again in a moment.");
      return;
    }
    const fromEnd = box.scrollHeight - box.scrollTop;
    const focused = document.activeElement === link;
    link.replaceWith(...turns);
    box.scrollTo({ top: box.scrollHeight - fromEnd, behavior: "instant" });
    if (focused) (root.querySelector("[data-earlier]") ?? box).focus({ preventScroll: true });
    onCome();
    watch();
  }

  root.addEventListener("click", (event) => {
    const link = event.target.closest("[data-earlier]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    load(link);
  });
  for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) {
    box.addEventListener(kind, () => {
      if (touched) return;
      touched = true;
      watch();
    }, { passive: true });
  }
  watch();
  return { watch };
}

async function turnsOf(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" }, redirect: "error" });
    if (!answer.ok) return null;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return [...page.querySelector("[data-thread]").children];
  } catch {
    return null;
  }
}
