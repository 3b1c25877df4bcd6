/**
 * What was written and not yet confirmed, kept in this browser: a reload or a lost connection loses nothing. A tab goes on
 * with its own draft, a new one with the last; each question on its way has a key of its own, so that two tabs never
 * overwrite each other.
 */

const PREFIX = "draft:";

/** Storage that may be missing (private mode, quota): then drafts live as long as the page. @param {() => Storage} area */
const kept = (area) => ({
  get(key) {
    try { return JSON.parse(area().getItem(key)); } catch { return null; }
  },
  set(key, value) {
    try { area().setItem(key, JSON.stringify(value)); } catch { /* full or forbidden */ }
  },
  remove(key) {
    try { area().removeItem(key); } catch { /* forbidden */ }
  },
  keys(prefix) {
    try { return Object.keys(area()).filter((key) => key.startsWith(prefix)); } catch { return []; }
  },
});
const store = kept(() => localStorage);
const tab = kept(() => sessionStorage);

/** One person's draft in one conversation ("new" for none), and the questions on their way. */
export class Drafts {
  /** @param {string} user @param {string} conversation */
  constructor(user, conversation) {
    this.textKey = `${PREFIX}${user}:${conversation}:text`;
    this.sentKey = `${PREFIX}${user}:${conversation}:sent`;
  }

  /** @returns {string} */
  get text() {
    return tab.get(this.textKey) ?? store.get(this.textKey) ?? "";
  }

  set text(value) {
    const before = tab.get(this.textKey);
    if (value === (before ?? "") && (value || before !== null)) return;
    // What another tab wrote since stays for the next one.
    const ours = store.get(this.textKey) === before;
    tab.set(this.textKey, value);
    if (value) store.set(this.textKey, value);
    else if (ours) store.remove(this.textKey);
  }

  /** Questions that were sent and not confirmed, by whichever tab. @returns {{id: string, text: string, at: number}[]} */
  get sent() {
    const found = store.keys(`${this.sentKey}:`).map((key) => store.get(key)).filter(Boolean);
    return found.sort((one, other) => one.at - other.at);
  }

  /** @param {{id: string}} question */
  keep(question) {
    store.set(`${this.sentKey}:${question.id}`, question);
  }

  /** @param {string} id */
  drop(id) {
    store.remove(`${this.sentKey}:${id}`);
  }
}

/** At sign-out nothing of the person stays behind. */
export function forgetDrafts() {
  for (const area of [store, tab]) for (const key of area.keys(PREFIX)) area.remove(key);
}
