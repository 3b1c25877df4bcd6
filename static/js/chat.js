/** The conversation page: an open conversation, or the beginning of one. */

import { startsConversation } from "./ask.js";
import { Conversation } from "./conversation.js";
import { listenToDrawer } from "./drawer.js";
import { listenToKeys } from "./keys.js";
import { listenToPanels } from "./panels.js";
import { watchThumbs } from "./thumbs.js";

const chat = document.querySelector("[data-chat]");
const form = document.querySelector("[data-composer]");
listenToPanels(chat);
watchThumbs(chat);
listenToDrawer(chat);
listenToKeys(chat);
if (chat.dataset.conversation) new Conversation(chat, form).open();
else if (form) begin(); // a page of the past has no composer

/** No conversation yet: the first question makes one. */
function begin() {
  const composer = startsConversation(form);
  composer.focus();
  for (const link of document.querySelectorAll("[data-suggest]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      composer.text = link.textContent;
      composer.choose(link.dataset.key);
      composer.focus();
    });
  }
}
