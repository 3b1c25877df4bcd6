/**
 * Questions on their way, one after the other. Each keeps its id until the server has confirmed it, also over a reload:
 * sent twice, it is one question.
 */

import { newId } from "./ids.js";

export class Outbox {
  /**
   * @param {import("./drafts.js").Drafts} drafts
   * @param {{send: (frame: object) => boolean, parent: () => string|null}} ways
   */
  constructor(drafts, { send, parent }) {
    this.drafts = drafts;
    this.sendFrame = send;
    this.parent = parent;
    this.waiting = drafts.sent;
    this.flying = null;
  }

  /**
   * `parent` is given when an earlier question is asked in another way.
   * @param {{text: string, personas: string[], parent?: string}} question
   * @returns {{id: string, text: string, personas: string[]}}
   */
  add(question) {
    const entry = { ...question, id: newId(), at: Date.now() };
    this.waiting.push(entry);
    this.drafts.keep(entry);
    this.flush();
    return entry;
  }

  has(id) {
    return this.waiting.some((entry) => entry.id === id);
  }

  /** Sends the first one that waits; its parent is what is on screen when it leaves, and stays that. */
  flush() {
    const first = this.waiting[0];
    if (!first || this.flying === first.id) return;
    first.parent ??= this.parent() ?? "";
    const { id, text, personas } = first;
    const sent = this.sendFrame({ type: "ask", id, text, personas, parent: first.parent || null });
    if (!sent) return;
    this.flying = id;
    this.drafts.keep(first);
  }

  /** The connection was lost: what was not confirmed is sent again. */
  again() {
    this.flying = null;
    this.flush();
  }

  /** Confirmed or refused. @param {string} id @returns {object|null} the question, if it was ours */
  take(id) {
    const found = this.waiting.find((entry) => entry.id === id);
    if (!found) return null;
    if (this.flying === id) this.flying = null;
    this.waiting = this.waiting.filter((entry) => entry !== found);
    this.drafts.drop(id);
    return found;
  }
}
