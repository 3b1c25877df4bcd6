/** The boardroom's form: two to four officers, and what the whole would cost before it is asked. */

import { money } from "./format.js";

const PAUSE = 700; // ms without a change until it is asked
const form = document.querySelector("[data-convene]");
const line = form.querySelector("[data-price]");
const most = Number(form.dataset.most);
let timer = null;
let asked = 0;

function later() {
  const chosen = form.querySelectorAll("[name=persona]:checked").length;
  for (const box of form.querySelectorAll("[name=persona]:not(:checked)")) box.disabled = chosen >= most;
  form.querySelector("[data-submit]").disabled = chosen < 2;
  clearTimeout(timer);
  if (chosen < 2) say("Choose two officers or more.");
  else if (form.elements.text.value.trim()) timer = setTimeout(estimate, PAUSE);
  else say("");
}

async function estimate() {
  asked += 1;
  const mine = asked;
  try {
    const answer = await fetch(form.dataset.estimate, {
      method: "POST", body: new FormData(form), headers: { Accept: "application/json" },
    });
    if (answer.ok && mine === asked) show(await answer.json());
  } catch {
    // Offline: the price is a courtesy, the budget is checked when it is asked.
  }
}

function show({ low, high, currency, budget_left: left }) {
  const short = left !== null && Number(high ?? 0) > Number(left);
  let words = "Cost unknown";
  if (high !== null) words = Number(high) === 0 ? "Free of charge" : `Between ${money(low, currency, 4)} and ${money(high, currency, 4)} with the synthesis`;
  if (left !== null) words += short ? `; the budget may not cover it, ${money(left, currency, 2)} is left` : `; ${money(left, currency, 2)} of the budget is left`;
  say(words, short);
}

function say(words, short = false) {
  line.textContent = words;
  line.toggleAttribute("data-short", short);
}

form.addEventListener("input", later);
form.addEventListener("submit", () => { setTimeout(() => { form.querySelector("[data-submit]").disabled = true; }); });
addEventListener("pageshow", later);
later();
