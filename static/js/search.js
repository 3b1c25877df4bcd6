/** Ctrl or Cmd + K: a dialog that finds what was said, on every page. Without a script there is the search page. */

const WAIT = 120; // ms after the last key
const address = document.querySelector("link[rel=search]")?.href;
let dialog = null;

if (address) {
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    open();
  }, true);
}

function open() {
  dialog ??= build();
  if (dialog.open) return;
  dialog.back = document.activeElement;
  dialog.showModal();
  dialog.field.select();
}

function build() {
  const made = element("dialog", "dialog finding");
  made.setAttribute("aria-label", "Search conversations");
  const form = element("form", "finding__form");
  form.setAttribute("role", "search");
  form.action = address;
  const field = element("input", "field__input");
  Object.assign(field, { type: "search", name: "q", placeholder: "Search titles and messages", maxLength: 200, autocomplete: "off" });
  field.setAttribute("aria-label", "Search titles and messages");
  const status = element("p", "visually-hidden");
  status.setAttribute("role", "status");
  const list = element("ul", "hits finding__hits");
  const all = element("button", "button button--quiet button--sm");
  all.textContent = "All results and filters";
  form.append(field, list, status, all);
  made.append(form);
  document.body.append(made);
  Object.assign(made, { field, list, status });
  listen(made, form);
  return made;
}

function listen(made, form) {
  let timer = 0;
  made.field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => find(made), WAIT);
  });
  made.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") step(made, event);
  });
  made.addEventListener("click", (event) => { if (event.target === made) made.close(); });
  made.addEventListener("close", () => made.back?.focus());
  form.addEventListener("submit", (event) => {
    const first = made.list.querySelector("a");
    if (event.submitter?.matches(".button") && document.activeElement === event.submitter) return;
    if (!first || made.shown !== made.field.value.trim()) return;
    event.preventDefault();
    first.click();
  });
}

function step(made, event) {
  const stops = [made.field, ...made.list.querySelectorAll("a")];
  const next = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  if (!stops[next]) return;
  event.preventDefault();
  stops[next].focus();
}

async function find(made) {
  const wanted = made.field.value.trim();
  let hits = [];
  if (wanted) {
    try {
      const reply = await fetch(`${address}?q=${encodeURIComponent(wanted)}`, { headers: { Accept: "application/json" } });
      if (!reply.ok) throw new Error(String(reply.status));
      hits = (await reply.json()).hits;
    } catch {
      made.status.textContent = "The search did not work. Try again.";
      return;
    }
  }
  if (wanted !== made.field.value.trim()) return; // an older answer that comes late
  made.shown = wanted;
  made.list.replaceChildren(...hits.map(line));
  made.status.textContent = wanted ? `${hits.length} conversations found` : "";
}

function line(hit) {
  const item = document.createElement("li");
  const link = element("a", "hit");
  link.href = hit.url;
  const title = element("span", "hit__title");
  title.textContent = hit.title;
  const text = element("span", "hit__text");
  text.dir = "auto";
  if (hit.speaker) text.append(`${hit.speaker}: `);
  for (const piece of hit.snippet) {
    const part = document.createElement(piece.hit ? "mark" : "span");
    part.textContent = piece.text;
    text.append(part);
  }
  const time = element("time", "hit__time");
  time.dateTime = hit.at;
  time.textContent = new Date(hit.at).toLocaleDateString(document.documentElement.lang || "en", { day: "numeric", month: "short", year: "numeric" });
  link.append(title, text, time);
  item.append(link);
  return item;
}

function element(name, className) {
  const made = document.createElement(name);
  made.className = className;
  return made;
}
