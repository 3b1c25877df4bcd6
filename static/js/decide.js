/** An answer that was written while the page was open is named in its link to a decision when it is followed. */

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-decide]");
  const message = link?.closest("[data-message]")?.dataset.message;
  if (message) link.search = `?message=${message}`;
}, true);
