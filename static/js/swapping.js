/** The server's own rendering in place of what was streamed, in steps that leave the page time to answer. */

import { cleanTree, fragmentOf } from "./safe-html.js";

const LONG = 20_000; // characters of HTML that are put in place at once
const STEP = 8; // ms of work before the page gets its turn

/**
 * @param {Element} box holds what was streamed; what is the same stays, so that a selection survives
 * @param {string} html
 * @returns {Promise<void>|undefined} for a long text, until all of it is in place
 */
export function swap(box, html) {
  if (html.length > LONG) return swapSlowly(box, html);
  const made = box.cloneNode(false);
  made.append(fragmentOf(html));
  if (!made.isEqualNode(box)) box.replaceChildren(...made.childNodes);
  return undefined;
}

async function swapSlowly(box, html) {
  const wanted = [...new DOMParser().parseFromString(html, "text/html").body.childNodes];
  let since = performance.now();
  let old = box.firstChild;
  for (const parsed of wanted) {
    if (performance.now() - since > STEP) {
      await new Promise((resolve) => setTimeout(resolve));
      since = performance.now();
    }
    old = place(box, old, parsed.nodeType === Node.ELEMENT_NODE ? cleanTree(parsed) : parsed);
  }
  while (old) {
    const next = old.nextSibling;
    old.remove();
    old = next;
  }
}

/** Puts `node` where `old` stands, or before it. @returns {Node|null} what stands after it */
function place(box, old, node) {
  if (old?.isEqualNode(node)) return old.nextSibling;
  const isBlank = node.nodeType === Node.TEXT_NODE; // the line ends between blocks, which streaming does not make
  if (old && !isBlank) old.replaceWith(node);
  else box.insertBefore(node, old);
  return node.nextSibling;
}
