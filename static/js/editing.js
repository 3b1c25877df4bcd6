/** Editing a question: it is asked again in place of the old one, whose answers stay under its version. */

/**
 * @param {import("./composer.js").Composer} composer
 * @param {import("./thread.js").Thread} thread
 * @returns {{begin: (section: HTMLElement) => void, take: () => {parent: string, section: HTMLElement}|null}}
 */
export function editing(composer, thread) {
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

  notice.querySelector("button").addEventListener("click", cancel);
  composer.area.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && section) {
      event.preventDefault();
      cancel();
    }
    if (event.key === "ArrowUp" && !composer.area.value && thread.lastTurn) {
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
