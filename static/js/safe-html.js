/** The second net under the server's sanitiser: only what our Markdown renderer makes gets into the page. */

const TAGS = new Set(
  "P BR HR EM STRONG S CODE PRE BLOCKQUOTE UL OL LI A SPAN DIV TABLE THEAD TBODY TR TH TD H3 H4 H5 H6".split(" "),
);
const ATTRIBUTES = new Set(["class", "scope", "start", "tabindex", "role", "aria-label", "rel", "href", "title", "aria-describedby"]);
const ADDRESS = /^(https?:|mailto:)/i;
const FIGURE = /^\/conversations\/evidence\/[0-9a-f-]{36}\/f\d+\/$/;

/**
 * A fragment of sanitised HTML as nodes. Anything unknown is dropped, its text kept.
 * @param {string} html
 * @returns {DocumentFragment}
 */
export function fragmentOf(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  for (const element of [...parsed.body.querySelectorAll("*")]) clean(element);
  const fragment = document.createDocumentFragment();
  fragment.append(...parsed.body.childNodes);
  return fragment;
}

/** One node of parsed HTML with all that it holds. @param {Element} element @returns {Node} what may stand in its place */
export function cleanTree(element) {
  for (const one of [...element.querySelectorAll("*")]) clean(one);
  if (!TAGS.has(element.tagName)) return document.createTextNode(element.textContent);
  clean(element);
  return element;
}

function clean(element) {
  if (!TAGS.has(element.tagName)) {
    element.replaceWith(...element.childNodes);
    return;
  }
  for (const { name, value } of [...element.attributes]) {
    if (!ATTRIBUTES.has(name) || (name === "href" && !ADDRESS.test(value) && !FIGURE.test(value))) element.removeAttribute(name);
  }
}

/** @param {string} address @returns {URL|null} for what may become a link: absolute http(s) or mailto */
export function safeAddress(address) {
  if (!ADDRESS.test(address.trim())) return null;
  try {
    return new URL(address);
  } catch {
    return null;
  }
}
