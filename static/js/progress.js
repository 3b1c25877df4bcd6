// Moves the bar of an import, and shows the page anew when its step is over.
const EVERY = 1000; // milliseconds
const box = document.querySelector("[data-progress]");

async function look() {
  try {
    const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" } });
    if (!answer.ok) return location.reload();
    const { busy, status, percent } = await answer.json();
    if (!busy || status !== box.dataset.status) return location.reload();
    box.querySelector("[data-bar]").setAttribute("width", String(percent));
    box.querySelector("[data-percent]").textContent = `${percent}%`;
  } catch {
    // Offline for a moment: the next look may succeed.
  }
  setTimeout(look, EVERY);
}

if (box) setTimeout(look, EVERY);
