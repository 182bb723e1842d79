/* Who is here, as faces in the top bar; and who edits a card, on the card's edge. */

const AGAIN = 10_000; // ms after which an editor says so again
let editing = {};
let mine = null; // {ref, said}: the card that is edited here

function face([, name, initials, hue], size) {
  const span = document.getElementById("t-face").content.firstElementChild.cloneNode(true);
  span.title = name;
  span.dataset.hue = hue;
  if (size) span.classList.add("av--md", "av--live");
  span.firstElementChild.textContent = initials;
  span.lastElementChild.textContent = name;
  return span;
}

const me = () => Number(document.body.dataset.me);

export function showHere({ people, count, editing: edits }) {
  const place = document.querySelector("[data-here]");
  const others = people.filter(([pk]) => pk !== me());
  if (place) {
    const more = count - (people.length - others.length);
    place.hidden = !others.length;
    place.title = `Here now: ${others.map(([, name]) => name).join(", ")}`;
    place.firstElementChild.replaceChildren(...others.slice(0, 4).map((one) => face(one, "md")));
    place.lastElementChild.textContent = `${more} here now`;
  }
  editing = edits;
  markEditors();
}

export function markEditors() {
  for (const mark of document.querySelectorAll("[data-editors]")) {
    if (!others(mark.dataset.editors).length) mark.remove();
  }
  for (const ref of Object.keys(editing)) {
    const people = others(ref);
    const card = document.querySelector(`[data-ref="${ref}"], [data-editors-of="${ref}"]`);
    if (!card || !people.length) continue;
    let mark = card.querySelector(":scope > [data-editors]");
    if (!mark) {
      mark = document.createElement("span");
      mark.className = "card__who";
      mark.dataset.editors = ref;
      card.prepend(mark);
    }
    const [first] = people;
    const words = people.length > 1 ? `${people.length} people are editing` : `${first[1].split(" ")[0]} is editing`;
    if (mark.lastChild?.textContent !== words) mark.replaceChildren(face(first), words);
  }
}

const others = (ref) => (editing[ref] ?? []).filter(([pk]) => pk !== me());

/* ── saying that one edits ── */

function refOf(field) {
  const address = field.closest("form")?.action ?? field.closest("[data-edit]")?.dataset.edit ?? "";
  return /\/([A-Z][A-Z0-9]+-\d+)\//.exec(address)?.[1] ?? "";
}

function say(ref, on) {
  const { liveEditing } = document.body.dataset;
  if (!liveEditing || !ref) return;
  const headers = { "X-CSRFToken": JSON.parse(document.body.getAttribute("hx-headers:inherited") ?? "{}")["X-CSRFToken"] ?? "" };
  fetch(liveEditing, { method: "POST", headers, body: new URLSearchParams({ ref, on: on ? "1" : "0" }), keepalive: true }).catch(() => {});
}

document.addEventListener("input", (event) => {
  if (!event.target.matches?.("textarea, input, select")) return;
  const ref = refOf(event.target);
  if (!ref || (mine?.ref === ref && Date.now() - mine.said < AGAIN)) return;
  mine = { ref, said: Date.now(), field: event.target };
  say(ref, true);
});

function stop() {
  if (!mine) return;
  say(mine.ref, false);
  mine = null;
}

// The field has gone, or was left empty of anything new: nobody edits any more.
setInterval(() => {
  if (mine && (!mine.field.isConnected || mine.field.value === mine.field.defaultValue)) stop();
}, 1000);
addEventListener("pagehide", stop);
