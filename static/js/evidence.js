/**
 * Where the figures of an answer come from, as marks in its text, a line that counts them, and how old the data are.
 * csuite/conversations/marking.py and csuite/pages/templatetags/evidence.py make the same on the server.
 */

const LOOKS = {
  found: ["figure", "From your data", "figure-v"],
  calculated: ["figure figure--calculated", "Calculated from your data", "figure-d"],
  not_found: ["figure figure--unverified", "Not found in your data", "figure-u"],
};
const WORD = /[\p{L}\p{N}]/u;
const UNMARKED = "a, code, pre";

/** @param {string} message @returns {string} the figures' pages are below it */
export function evidencePath(message) {
  return `/conversations/evidence/${message}/`;
}

/** @param {{id: string, class: string}} one @param {string} path */
function markOf(one, path) {
  const [css, title, described] = LOOKS[one.class];
  const link = document.createElement("a");
  link.className = css;
  link.setAttribute("href", `${path}${one.id}/`);
  link.title = title;
  link.setAttribute("aria-describedby", described);
  link.rel = "noopener noreferrer nofollow";
  return link;
}

/**
 * Knows for each code point of a Markdown text in which text node it was drawn. Fed one code point at a time, a parser
 * draws each near where it read it; what it holds back is found again by looking backwards.
 */
export class Places {
  constructor() {
    this.source = []; // code points as read
    this.nodes = [];
    this.offsets = []; // in UTF-16 units
    this.drawn = 0; // code points before it were drawn
    this.waiting = []; // [index or -1, length] of what is about to get into the page
  }

  /** @param {string} character one code point of the text */
  read(character) {
    this.source.push(character);
  }

  /** @param {string} text what the parser gives out next */
  emit(text) {
    const characters = [...text];
    const found = new Array(characters.length).fill(-1);
    let end = this.source.length;
    for (let n = characters.length - 1; n >= 0; n -= 1) {
      const at = this.source.lastIndexOf(characters[n], end - 1);
      if (at < this.drawn || end <= this.drawn) continue;
      found[n] = at;
      end = at;
    }
    const last = found.findLast((at) => at >= 0);
    if (last !== undefined) this.drawn = last + 1;
    characters.forEach((character, n) => this.waiting.push([found[n], character.length]));
  }

  /** @param {Text} node where it got @param {number} offset */
  settle(node, offset) {
    for (const [at, length] of this.waiting) {
      if (at >= 0) {
        this.nodes[at] = node;
        this.offsets[at] = offset;
      }
      offset += length;
    }
    this.waiting = [];
  }

  /** Makes the figure a link. @returns {boolean} false while it is not on the page @param {any} one @param {string} path */
  mark(one, path) {
    const characters = this.source.slice(one.start, one.end);
    const place = characters.findIndex((character) => WORD.test(character));
    const node = this.nodes[one.start + place];
    if (place < 0 || !LOOKS[one.class]) return true;
    if (!node) return one.end > this.drawn ? false : true;
    if (node.parentElement.closest(UNMARKED)) return true;
    const [low, high] = this.#extent(node.data, this.offsets[one.start + place], characters, place);
    const tail = high < node.length ? node.splitText(high) : null;
    const middle = low ? node.splitText(low) : node;
    const link = markOf(one, path);
    middle.replaceWith(link);
    link.append(middle);
    this.#moved(one.start, node, [low, middle], [high, tail]);
    return true;
  }

  /** As much of the figure as stands there in one piece and on one line. */
  #extent(text, at, characters, place) {
    let low = at;
    for (let n = place - 1; n >= 0 && text.slice(0, low).endsWith(characters[n]) && characters[n] !== "\n"; n -= 1) {
      low -= characters[n].length;
    }
    let high = at;
    for (let n = place; n < characters.length && text.startsWith(characters[n], high) && characters[n] !== "\n"; n += 1) {
      high += characters[n].length;
    }
    return [low, high];
  }

  /** The node was cut: what stood behind the cuts stands in the new nodes. */
  #moved(from, node, [low, middle], [high, tail]) {
    for (let at = from; at < this.nodes.length; at += 1) {
      if (this.nodes[at] !== node) {
        if (this.nodes[at] && at > from + 40) return;
        continue;
      }
      const offset = this.offsets[at];
      if (offset >= high) [this.nodes[at], this.offsets[at]] = [tail, offset - high];
      else if (offset >= low) [this.nodes[at], this.offsets[at]] = [middle, offset - low];
    }
  }
}

const COUNTED = [["found", "from your data"], ["calculated", "calculated"], ["not_found", "not found"]];

/** @param {HTMLElement} line of the answer @param {any[]} evidence @param {any} age */
export function showEvidence(line, evidence, age) {
  for (const [name, words] of COUNTED) {
    const count = evidence.filter((one) => one.class === name).length;
    const part = line.querySelector(`[data-slot="evidence-${name}"]`);
    part.hidden = !count;
    part.lastElementChild.textContent = count ? `${count} ${words}` : "";
  }
  const late = line.querySelector('[data-slot="evidence-late"]');
  const words = lateWords(age);
  late.hidden = !words;
  late.lastElementChild.textContent = words;
  line.hidden = !evidence.length;
}

/** What is overdue, said in one line; "" when nothing is. @param {any} age */
export function lateWords(age) {
  const late = age?.late ?? [];
  if (!late.length) return "";
  const { name, days } = late.reduce((worst, one) => (one.days > worst.days ? one : worst));
  const others = late.length > 1 ? ` and ${late.length - 1} more` : "";
  return `Out of date: ${name}${others}, ${days} day${days === 1 ? "" : "s"} late`;
}

const MONTHS = "January February March April May June July August September October November December".split(" ");

/** How old the data of the answer are, behind the persona's field; "" where there are none. @param {any} age */
export function ageWords(age) {
  const day = age?.closed_on ?? age?.as_of;
  if (!day) return "";
  const [year, month, date] = day.split("-").map(Number);
  return `, from figures ${age.closed_on ? "closed" : "as of"} ${date} ${MONTHS[month - 1]} ${year}`;
}
