/** Asks the first question of a new conversation: creates it, then goes there. Used by home and by the empty page. */

import { Composer } from "./composer.js";
import { Drafts } from "./drafts.js";
import { newId } from "./ids.js";

/**
 * @param {HTMLFormElement} form
 * @returns {Composer}
 */
export function startsConversation(form) {
  const drafts = new Drafts(form.dataset.user, "new");
  let last = null; // the same question tried again keeps its id: it is one question, however often it arrives
  const composer = new Composer(form, drafts, async (question) => {
    const same = last && last.text === question.text && String(last.personas) === String(question.personas);
    last = { ...question, id: same ? last.id : newId() };
    composer.setBusy(true);
    const problem = await create(form, last);
    if (!problem) return;
    composer.setBusy(false);
    composer.refuse(problem.words, problem.seconds);
  });
  addEventListener("pageshow", (event) => { if (event.persisted) composer.setBusy(false); });
  return composer;

  async function create(target, question) {
    try {
      const answer = await fetch(target.dataset.create, {
        method: "POST",
        redirect: "manual",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json",
          "X-CSRFToken": target.elements.csrfmiddlewaretoken.value,
        },
        body: JSON.stringify({ ...question, temporary: Boolean(target.elements.temporary) }),
      });
      if (answer.ok) {
        const { id } = await answer.json();
        drafts.text = "";
        target.querySelector("[data-ask]").value = "";
        location.assign(`${target.dataset.create}${id}/`);
        return null;
      }
      return await problemOf(answer);
    } catch {
      return { words: "The server cannot be reached. Your text is kept; send it again when the connection is back.", seconds: null };
    }
  }
}

async function problemOf(answer) {
  if (answer.status === 401) return { words: "You are signed out. Your text is kept: sign in again and send it.", seconds: null };
  const body = await answer.json().catch(() => ({}));
  const words = body.detail ?? "The question could not be sent. Your text is kept.";
  return { words, seconds: body.retry_after ?? null };
}
