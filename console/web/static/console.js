"use strict";
// Pages work without this. It keeps them live, copies text, and asks before what can not be undone.

document.documentElement.classList.add("js");
const main = document.querySelector("main");
const every = Number(main.dataset.live) * 1000;

async function refresh() {
  if (document.hidden || document.querySelector("#main :is(input:not([type=hidden]), select, textarea):focus")) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (answer.redirected || !answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of document.querySelectorAll("[id^=live-]")) {
    const fresh = page.getElementById(old.id);
    if (fresh && fresh.innerHTML !== old.innerHTML && !old.contains(document.activeElement)) {
      old.replaceChildren(...fresh.childNodes);
    }
  }
  const next = page.querySelector("main");
  if (next && !next.dataset.live) clearInterval(timer);
}

const timer = every ? setInterval(() => refresh().catch(() => {}), every) : 0;

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  button.textContent = "Copied";
});

document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.ask;
  if (question && !confirm(question)) event.preventDefault();
});
