/** Editing a question: it is asked again in place of the old one, or only its words change and its answers stay. */

import { alarm, announce } from "./announce.js";

/**
 * @param {import("./composer.js").Composer} composer
 * @param {import("./thread.js").Thread} thread
 * @param {{address: string, refresh: () => Promise<void>}} server where new words go, and the transcript after it
 * @returns {{begin: (section: HTMLElement) => void, take: () => {parent: string, section: HTMLElement}|null}}
 */
export function editing(composer, thread, { address, refresh }) {
  const notice = composer.form.querySelector("[data-editing]");
  let section = null;
  let before = "";

  function end() {
    section = null;
    notice.hidden = true;
  }

  function begin(wanted) {
    if (!section) before = composer.text;
    section = wanted;
    notice.hidden = false;
    composer.text = wanted.querySelector(".message__body").textContent;
    composer.focus();
    composer.area.setSelectionRange(composer.area.value.length, composer.area.value.length);
  }

  function cancel() {
    end();
    composer.text = before;
    composer.focus();
  }

  /** Its answers stay; the next question's context has the new words. */
  async function saveOnly() {
    if (!section || !composer.text) return;
    const body = new FormData();
    body.set("csrfmiddlewaretoken", composer.form.elements.csrfmiddlewaretoken.value);
    body.set("message", section.dataset.question);
    body.set("text", composer.text);
    const problem = await post(address, body);
    if (problem) {
      composer.refuse(problem);
      alarm(problem);
      return;
    }
    cancel();
    announce("The question was changed. Its answers stay.");
    await refresh();
  }

  notice.querySelector("[data-save-only]").addEventListener("click", saveOnly);
  notice.querySelector("[data-cancel]").addEventListener("click", cancel);
  composer.area.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && section) {
      event.preventDefault();
      cancel();
    }
    if (event.key === "ArrowUp" && !event.altKey && !composer.area.value && thread.lastTurn) {
      event.preventDefault();
      begin(thread.lastTurn);
    }
  });

  return {
    begin,
    /** Where the edited question goes: after the answer that the old one followed. */
    take() {
      if (!section) return null;
      const found = { parent: thread.answerBefore(section) ?? "", section };
      end();
      return found;
    },
  };
}

/** @returns {Promise<string|null>} what went wrong, in words */
async function post(address, body) {
  try {
    const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.ok) return null;
    return (await answer.json().catch(() => ({}))).detail ?? "The change could not be saved. Your text is kept.";
  } catch {
    return "The server cannot be reached. Your text is kept; save it again when the connection is back.";
  }
}
