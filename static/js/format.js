/** Figures as words. csuite/pages/templatetags/page.py says the same on the server: a reload must not change a word. */

const CURRENCIES = { USD: "$", EUR: "€", GBP: "£" };
const thousands = new Intl.NumberFormat("en");

/** @param {any} usage @returns {string} `3,214 tokens`, "" where the provider said nothing */
export function tokens(usage) {
  const known = [usage?.prompt, usage?.completion].filter((count) => count !== null && count !== undefined);
  if (!known.length) return "";
  const sum = known.reduce((total, count) => total + count, 0);
  return `${usage.estimated ? "about " : ""}${thousands.format(sum)} tokens`;
}

/** @param {any} usage @returns {string} `$0.0182`; unknown is never zero */
export function cost(usage) {
  if (!tokens(usage)) return "";
  if (usage.cost === null || usage.cost === undefined) return "cost unknown";
  return money(usage.cost, usage.currency || "USD", 4);
}

/** @param {string} amount @param {string} currency @param {number} places @returns {string} `$0.0182` */
export function money(amount, currency, places) {
  const digits = new Intl.NumberFormat("en", { minimumFractionDigits: places, maximumFractionDigits: places });
  return `${CURRENCIES[currency] ?? `${currency} `}${digits.format(Number(amount))}`;
}

/** @param {number|null|undefined} milliseconds @returns {string} `6.2 s`, `0.04 s` */
export function duration(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return "";
  const seconds = milliseconds / 1000;
  return `${seconds.toFixed(seconds >= 1 ? 1 : 2)} s`;
}

/** @param {number} count @returns {string} `5,000` */
export function number(count) {
  return thousands.format(count);
}

/** @param {number} seconds @returns {string} `0:24` */
export function countdown(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
