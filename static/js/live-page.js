/* The page looks at itself again: what the server changed since it last spoke is exchanged, and nothing else.

   Kept is what the server said last, each node with its twin on the page. A new answer is compared with that: where both say
   the same, the page is left alone, whatever stands there by now. What is in use waits until it is let go; so does a form with
   words in it as a whole, for its version must stay the one that the words were written upon. */

import { applyBoard, inHand } from "./live-board.js";
import { TOKEN, held, inUse, merge, pair } from "./live-merge.js";
import { TITLE, itemOf } from "./place.js";

let said = new Map();
let running = false;
let again = false;
let swaps = 0; // the person's own: an answer from before one of them is old

// Taken before another script has touched the page. A board is compared card by card instead.
if (document.body.dataset.live && !document.body.dataset.liveView) keep();

function keep() {
  said = new Map([...document.querySelectorAll("[data-live-part]")].map((live) => [live.id, copyOf(live)]));
}

function copyOf(live) {
  const copy = live.cloneNode(true);
  pair(copy, live);
  return plain(copy);
}

function plain(copy) {
  for (const field of copy.querySelectorAll(TOKEN)) field.removeAttribute("value");
  for (const one of copy.querySelectorAll("[data-htmx-powered]")) one.removeAttribute("data-htmx-powered");
  return copy;
}

// What the person's own act exchanged is what the server says now.
document.addEventListener("htmx:after:swap", () => {
  swaps++;
  if (!said.size) return;
  keep();
  if (held.size) lookAgain();
});

export async function lookAgain() {
  if (running) return void (again = true);
  running = true;
  do {
    again = false;
    await new Promise((done) => setTimeout(done, Math.random() * 120));
    await look().catch(startAnew);
  } while (again);
  running = false;
}

/* The comparison went wrong half-way: what stands on the page now is what the next answer is compared with. */
function startAnew(problem) {
  console.error(problem);
  if (said.size) keep();
}

async function asked() {
  try {
    const answer = await fetch(location.href, { headers: { "X-Live": "1" } });
    return answer.ok && !answer.redirected ? await answer.text() : "";
  } catch {
    return ""; // Nobody answers: what is on the page stays.
  }
}

async function look() {
  const before = swaps;
  const text = await asked();
  if (!text) return;
  // What the person does goes first: its own answer comes, and the focus with it.
  while (inHand()) await new Promise((done) => setTimeout(done, 100));
  if (swaps !== before) return void (again = true);
  const fresh = new DOMParser().parseFromString(text, "text/html");
  if (document.body.dataset.liveView) return applyBoard(boardOf(fresh));
  held.clear();
  const focused = document.activeElement;
  const card = focused?.closest("[data-card]")?.querySelector("[data-ref]")?.id;
  for (const [id, was] of said) {
    const now = fresh.getElementById(id);
    if (!now) continue;
    merge(was, plain(now));
    said.set(id, now);
  }
  // A card that went into another list is another element there.
  if (document.activeElement === document.body && focused !== document.body) {
    const again = (card && itemOf(card)?.querySelector(TITLE)) || document.getElementById(focused.id);
    again?.focus({ preventScroll: true });
  }
  waitForHeld();
}

/* The whole board as the message that its cards would have been. */
function boardOf(page) {
  const cards = [];
  const there = new Set();
  for (const list of page.querySelectorAll("[data-list]")) {
    const refs = [...list.querySelectorAll("[data-ref]")];
    const here = refs.map((card, at) => [card.id, card.outerHTML, list.id, refs[at + 1]?.id ?? ""]);
    cards.push(...here.reverse());
    refs.forEach((card) => there.add(card.id));
  }
  const mine = [...document.querySelectorAll("[data-list] [data-ref]")].map((card) => card.id);
  const heads = [...page.querySelectorAll("[data-column] > header")].map((head) => head.outerHTML).join("");
  return { cards: [...cards, ...mine.filter((id) => !there.has(id)).map((id) => [id, "", "", ""])], heads, complete: true };
}

let waiting = 0;
function waitForHeld() {
  if (!held.size || waiting) return;
  waiting = setInterval(() => {
    if ([...held].every((one) => one.isConnected && inUse(one))) return;
    clearInterval(waiting);
    waiting = 0;
    lookAgain();
  }, 300);
}
