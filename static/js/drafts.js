/** What was written and not yet confirmed, kept in this browser: a reload or a lost connection loses nothing. */

const PREFIX = "draft:";

/** Storage that may be missing (private mode, quota): then drafts live as long as the page. */
const store = {
  get(key) {
    try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
  },
  set(key, value) {
    try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full or forbidden */ }
  },
  remove(key) {
    try { localStorage.removeItem(key); } catch { /* forbidden */ }
  },
};

/** One person's draft in one conversation ("new" for none), and the questions on their way. */
export class Drafts {
  /** @param {string} user @param {string} conversation */
  constructor(user, conversation) {
    this.textKey = `${PREFIX}${user}:${conversation}:text`;
    this.sentKey = `${PREFIX}${user}:${conversation}:sent`;
  }

  /** @returns {string} */
  get text() {
    return store.get(this.textKey) ?? "";
  }

  set text(value) {
    if (value) store.set(this.textKey, value);
    else store.remove(this.textKey);
  }

  /** Questions that were sent and not confirmed. @returns {{id: string, text: string, personas: string[]}[]} */
  get sent() {
    return store.get(this.sentKey) ?? [];
  }

  set sent(value) {
    if (value.length) store.set(this.sentKey, value);
    else store.remove(this.sentKey);
  }
}

/** At sign-out nothing of the person stays behind. */
export function forgetDrafts() {
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
  } catch { /* forbidden */ }
}
