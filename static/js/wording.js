/** What the page says about an answer. csuite/pages/templatetags/thread.py says the same on the server. */

const ENDINGS = {
  stopped: ["Stopped.", "What was written is kept."],
  interrupted: ["Interrupted.", "What was written is saved."],
  failed: ["No answer came.", "Your question is saved."],
};

/**
 * The plain statement under an answer, or null.
 * @param {string} status @param {string|null} note @param {string|null} provider @param {string|null} [code] of the error
 * @returns {{head: string, rest: string, kind: string, icon: string}|null}
 */
export function noteOf(status, note, provider, code = null) {
  const ending = ENDINGS[status];
  if (ending) {
    let [head, rest] = ending;
    if (note && status === "failed") [head, rest] = splitSentence(note);
    else if (note) rest = note;
    if (code === "budget_exceeded") return { head, rest, kind: "warn", icon: "clock" }; // a limit, no fault
    return status === "stopped" ? { head, rest, kind: "", icon: "stop" } : { head, rest, kind: "bad", icon: "warn" };
  }
  if (!note || status === "queued" || status === "streaming") return null;
  const [head, rest] = splitSentence(note);
  return { head, rest, kind: "", icon: provider === "analyst" ? "calc" : "info" };
}

function splitSentence(text) {
  const at = text.indexOf(". ");
  return at < 0 ? [text, ""] : [text.slice(0, at + 1), text.slice(at + 2)];
}

export const QUEUED = "Waiting in the queue";
export const WAITING = "Waiting for the first word";
export const WRITING = "Writing";

// Characters that hide text or turn it around, and private planes, as csuite/conversations/markdown.py drops them.
const HIDDEN = new RegExp(
  "[\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f\\u200b\\u2060\\ufeff\\u202a-\\u202e\\u2066-\\u2069" +
    "\\u{e0000}-\\u{e007f}\\u{f0000}-\\u{10ffff}]",
  "gu",
);

/** @param {string} text @returns {string} the text without them */
export function visible(text) {
  return text.replace(HIDDEN, "");
}
