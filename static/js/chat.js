/** The conversation page: ties the composer, the transcript and the socket together. */

import { alarm, announce } from "./announce.js";
import { startsConversation } from "./ask.js";
import { Composer } from "./composer.js";
import { showConnection } from "./connection.js";
import { copyAnswer } from "./copy.js";
import { Drafts } from "./drafts.js";
import { editing } from "./editing.js";
import { newId } from "./ids.js";
import { Outbox } from "./outbox.js";
import { listenToPanels } from "./panels.js";
import { Socket } from "./socket.js";
import { Thread } from "./thread.js";
import { createState, openTurns, reduce } from "./turns.js";

const chat = document.querySelector("[data-chat]");
const form = document.querySelector("[data-composer]");
listenToPanels(chat);
if (chat.dataset.conversation) converse();
else beginning();

/** No conversation yet: the first question makes one. */
function beginning() {
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

function converse() {
  const state = createState();
  const drafts = new Drafts(form.dataset.user, chat.dataset.conversation);
  const thread = new Thread(document.querySelector("[data-thread]"), state, { refresh, zone: chat.dataset.zone });
  const socket = new Socket(chat.dataset.socket, { onFrame, onState });
  const outbox = new Outbox(drafts, { send: (frame) => socket.send(frame), parent: () => thread.lastAnswer });
  const again = new Map(); // client id of a regenerate or continue -> its button
  const composer = new Composer(form, drafts, (question) => {
    const edited = edits.take();
    if (edited) {
      thread.cutAfter(edited.section);
      edited.section.remove();
    }
    thread.showPending(outbox.add(edited ? { ...question, parent: edited.parent, edits: true } : question));
    composer.text = "";
  });
  const edits = editing(composer, thread);
  let connections = 0;
  let refreshes = 0;

  for (const entry of outbox.waiting) thread.showPending(entry);
  thread.scroller.toEnd();
  composer.focus();
  socket.connect();
  thread.root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-act]");
    if (!button) return;
    event.preventDefault();
    act(button, button.closest("[data-message]"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && openTurns(state).length) stop(openTurns(state)[0].id);
  });
  document.querySelector("[data-slot=retry]").addEventListener("click", () => socket.retry());

  function onState(how) {
    showConnection(how);
  }

  function onFrame(frame) {
    if (frame.type === "hello") return hello(frame);
    if (frame.type === "error") return refused(frame);
    if (frame.type === "turn.queued") return queued(frame);
    for (const change of reduce(state, frame)) {
      if (change.type === "gap") socket.send({ type: "watch", turn: change.id, after: change.after });
      else thread.apply(change);
    }
    if (frame.type === "turn.started") confirmed(frame.id);
    return undefined;
  }

  /** After every connect: pick up what runs where we left it, and what ended while we were away. */
  function hello(frame) {
    connections += 1;
    state.asked.clear();
    const waits = new Set(frame.queued.map((one) => one.turn));
    const wanted = new Set([
      ...frame.running.map((one) => one.turn),
      ...openTurns(state).map((turn) => turn.id),
      ...thread.unfinished.map((answer) => answer.dataset.turn).filter((turn) => turn && !waits.has(turn)),
    ]);
    for (const turn of wanted) socket.send({ type: "watch", turn, after: state.turns.get(turn)?.seq ?? -1 });
    if (connections > 1) refresh();
    outbox.again();
  }

  function confirmed(id) {
    again.delete(id);
    thread.dropPending(id);
    const question = outbox.take(id);
    if (question?.edits) refresh(); // the server knows its other versions
    if (question) outbox.flush();
  }

  /** Someone's question waits, ours or another tab's: the server's rows say where. */
  async function queued(frame) {
    const ours = outbox.has(frame.id);
    await refresh();
    if (ours) announce(`Your question waits, number ${frame.position} in the queue`);
    confirmed(frame.id);
  }

  function refused(frame) {
    const question = frame.id ? outbox.take(frame.id) : null;
    again.get(frame.id)?.removeAttribute("disabled");
    if (question) {
      thread.dropPending(frame.id);
      if (question.edits) refresh(); // the old version comes back
      composer.text = composer.text ? `${question.text}\n\n${composer.text}` : question.text;
    }
    composer.refuse(frame.message, frame.retry_after);
    alarm(frame.message);
    outbox.flush();
  }

  function act(button, article) {
    const { message, turn, status } = article?.dataset ?? {};
    const kind = button.dataset.act;
    if (kind === "copy") copyAnswer(article);
    if (kind === "stop") stop(turn, status === "queued" ? undefined : message);
    if (kind === "edit") edits.begin(button.closest(".turn"));
    if (kind === "older" || kind === "newer") choose(button);
    if (kind === "regenerate" || kind === "continue") tryAgain(kind, message, button);
  }

  /** Another version on screen; the server keeps the choice. */
  async function choose(button) {
    const body = new FormData(button.form);
    body.set("message", button.value);
    const answer = await fetch(button.form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.ok) await refresh();
    else alarm("The other version could not be shown.");
  }

  function tryAgain(type, message, button) {
    const id = newId();
    if (!socket.send({ type, id, message })) return alarm("Not connected. Try again in a moment.");
    again.set(id, button);
    button.disabled = true;
    thread.scroller.atEnd = true;
    return undefined;
  }

  function stop(turn, message) {
    if (!socket.send({ type: "stop", turn, ...(message ? { message } : {}) })) alarm("Not connected. The answer goes on.");
  }

  /** The transcript as the server has it. Running answers are drawn on from what is known. */
  async function refresh() {
    const mine = ++refreshes;
    const page = await fetchPage();
    if (!page || mine !== refreshes) return; // a later one knows more
    for (const selector of ["[data-thread]", ".rail__list", "[data-title]"]) {
      const fresh = page.querySelector(selector);
      if (fresh) document.querySelector(selector).replaceChildren(...fresh.childNodes);
    }
    for (const entry of outbox.waiting) thread.showPending(entry);
    thread.adopt();
    thread.scroller.follow();
  }
}

async function fetchPage() {
  try {
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" }, redirect: "error" });
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  } catch {
    return null;
  }
}
