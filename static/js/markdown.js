/**
 * Markdown while it streams, as DOM nodes: no innerHTML, nothing remote, no block drawn twice. The elements are those
 * of csuite/conversations/markdown.py, whose HTML takes their place when the answer is finished.
 */

import * as smd from "../vendor/streaming-markdown.js";
import { Places } from "./evidence.js";
import { safeAddress } from "./safe-html.js";
import { visible } from "./wording.js";

const SIMPLE = new Map([
  [smd.PARAGRAPH, "p"], [smd.BLOCKQUOTE, "blockquote"], [smd.LINE_BREAK, "br"], [smd.RULE, "hr"],
  [smd.ITALIC_AST, "em"], [smd.ITALIC_UND, "em"], [smd.STRONG_AST, "strong"], [smd.STRONG_UND, "strong"],
  [smd.STRIKE, "s"], [smd.CODE_INLINE, "code"], [smd.LIST_UNORDERED, "ul"], [smd.LIST_ORDERED, "ol"],
  [smd.LIST_ITEM, "li"], [smd.LINK, "a"], [smd.RAW_URL, "a"], [smd.IMAGE, "a"],
]);
const HEADINGS = [smd.HEADING_1, smd.HEADING_2, smd.HEADING_3, smd.HEADING_4, smd.HEADING_5, smd.HEADING_6];
// The parser takes a dollar sign before a letter for the start of a formula; here it is always money.
const DOLLAR = "\uE024";
const FIRST_HEADING = 3;
const LAST_HEADING = 6;

/**
 * @param {Element} root is emptied
 * @returns {{write: (piece: string) => void, end: () => void, mark: (one: any, path: string) => boolean}}
 *          `mark` makes a figure a link; false while it is not drawn
 */
export function createWriter(root) {
  root.replaceChildren();
  const data = { nodes: [root], base: 0, level: FIRST_HEADING - 1, text: "", places: new Places() };
  const parser = smd.parser({ data, add_token: open, end_token: close, add_text: addText, set_attr: setAttribute });
  return {
    write: (piece) => {
      for (const character of piece) read(data, parser, character); // one at a time: so it is known where each gets
      flush(data);
    },
    end: () => {
      smd.parser_end(parser);
      flush(data);
    },
    mark: (one, path) => data.places.mark(one, path),
  };
}

function read(data, parser, character) {
  data.places.read(character);
  const shown = visible(character);
  if (shown) smd.parser_write(parser, shown === "$" ? DOLLAR : shown);
}

function open(data, token) {
  flush(data);
  const parent = data.nodes.at(-1);
  data.nodes.push(elementFor(data, token, parent));
}

function close(data) {
  flush(data);
  const node = data.nodes.pop();
  if (node.tagName === "A" && node.href) showHost(node);
}

/** Where a link leads, unless its words are that address. */
function showHost(link) {
  const { host } = link;
  const words = link.textContent.trim().toLowerCase();
  if (!host || words === host || safeAddress(words)?.host === host) return;
  const note = document.createElement("span");
  note.className = "host";
  note.textContent = `(${host})`;
  link.after(" ", note);
}

function elementFor(data, token, parent) {
  if (token === smd.TABLE) return table(parent);
  if (token === smd.TABLE_ROW) return row(parent);
  if (token === smd.TABLE_CELL) return cell(parent);
  if (token === smd.CODE_BLOCK || token === smd.CODE_FENCE) return code(parent);
  const level = HEADINGS.indexOf(token);
  const name = level < 0 ? SIMPLE.get(token) ?? "span" : heading(data, level + 1);
  return parent.appendChild(document.createElement(name));
}

/** The first heading becomes h3, the others follow relative to it; no level is skipped on the way down. */
function heading(data, raw) {
  data.base ||= raw;
  const deepest = Math.min(data.level + 1, LAST_HEADING);
  data.level = Math.max(FIRST_HEADING, Math.min(raw - data.base + FIRST_HEADING, deepest));
  return `h${data.level}`;
}

function table(parent) {
  const box = parent.appendChild(document.createElement("div"));
  box.className = "scroll-x";
  box.tabIndex = 0;
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", "Table");
  const made = box.appendChild(document.createElement("table"));
  made.className = "table";
  return made;
}

function row(parent) {
  const part = parent.tHead ? parent.tBodies[0] ?? parent.createTBody() : parent.createTHead();
  return part.appendChild(document.createElement("tr"));
}

function cell(parent) {
  const inHead = parent.parentElement.tagName === "THEAD";
  const made = document.createElement(inHead || !parent.children.length ? "th" : "td");
  if (made.tagName === "TH") made.scope = inHead ? "col" : "row";
  return parent.appendChild(made);
}

function code(parent) {
  const box = parent.appendChild(document.createElement("pre"));
  box.className = "code";
  box.tabIndex = 0;
  return box.appendChild(document.createElement("code"));
}

/** Gathered, so that a piece touches the page once. */
function addText(data, text) {
  const shown = text.replaceAll(DOLLAR, "$");
  data.text += shown;
  data.places.emit(shown);
}

function flush(data) {
  if (!data.text) return;
  const parent = data.nodes.at(-1);
  if (parent.lastChild?.nodeType !== Node.TEXT_NODE) parent.append("");
  const node = parent.lastChild;
  const offset = node.length;
  node.appendData(data.text);
  data.places.settle(node, offset);
  data.text = "";
}

/** Only addresses of links are taken over. An image's address becomes a link; nothing is ever loaded. */
function setAttribute(data, attribute, value) {
  const node = data.nodes.at(-1);
  if (attribute === smd.START) node.start = Number(value);
  if (attribute !== smd.HREF && attribute !== smd.SRC) return;
  const address = node.tagName === "A" ? safeAddress(value.replaceAll(DOLLAR, "$")) : null;
  if (!address) return;
  node.href = address.href;
  node.rel = "noopener noreferrer nofollow";
}
