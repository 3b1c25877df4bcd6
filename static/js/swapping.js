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
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const wanted = [...parsed.body.childNodes];
  let since = performance.now();
  for (const [at, parsedNode] of wanted.entries()) {
    if (performance.now() - since > STEP) {
      await new Promise((resolve) => setTimeout(resolve));
      since = performance.now();
    }
    const node = parsedNode.nodeType === Node.ELEMENT_NODE ? cleanTree(parsedNode) : parsedNode;
    const old = box.childNodes[at];
    if (!old) box.append(node);
    else if (!old.isEqualNode(node)) old.replaceWith(node);
  }
  while (box.childNodes.length > wanted.length) box.lastChild.remove();
}
