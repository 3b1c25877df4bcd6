// Shows the list of files anew while one is being written, unless somebody is about to do something in it.
const EVERY = 5000; // milliseconds

function look() {
  const at = document.activeElement;
  if (!document.hidden && (!at || at === document.body)) return location.reload();
  setTimeout(look, EVERY);
}

setTimeout(look, EVERY);
