/* Dragging by mouse and by finger. A mouse moves four pixels; a finger takes the grip, or holds still for a moment. */

import { cardOf, columnOf, itemsOf, listOf, placeOf, putBack, samePlace, send, titleOf } from "./move.js";
import { TITLE, put } from "./place.js";
import { columnAt, middle, slot } from "./slots.js";
import { follow, stopFollowing } from "./scroll.js";

const SLACK = { mouse: 4, touch: 10 };
const HOLD = 350;
let pressed = null; // {item, x, y, id, touch, timer}: a press that may become a drag
let held = null; // {item, home, ghost, dx, dy, from, slot}

function press(event) {
  const item = event.target.closest("[data-card]");
  if (held || !item || event.button || !columnOf(item)?.dataset.dropUrl) return;
  const control = event.target.closest("button, input, select, textarea, summary, a[href]");
  if (control && !control.matches(TITLE)) return;
  const touch = event.pointerType !== "mouse";
  pressed = { item, x: event.clientX, y: event.clientY, id: event.pointerId, touch };
  if (touch && event.target.closest("[data-grip]")) lift(event);
  else if (touch) pressed.timer = setTimeout(() => lift(event), HOLD);
}

function release() {
  clearTimeout(pressed?.timer);
  pressed = null;
}

function lift(event) {
  const { item, x, y, id } = pressed;
  release();
  const card = cardOf(item);
  const box = card.getBoundingClientRect();
  const ghost = card.cloneNode(true);
  for (const one of [ghost, ...ghost.querySelectorAll("[id]")]) one.removeAttribute("id");
  ghost.classList.add("card--lift");
  ghost.inert = true;
  ghost.setAttribute("aria-hidden", "true");
  Object.assign(ghost.style, { width: `${box.width}px`, left: `${box.left}px`, top: `${box.top}px` });
  const from = slot(titleOf(item), "was here", box.height, "slot--from");
  held = { item, id, x, y, ghost, from, home: placeOf(item), box, slot: null, touch: event.pointerType !== "mouse" };
  document.body.append(ghost);
  document.body.classList.add("dragging");
  item.before(from);
  item.setAttribute("data-held", "");
  if (held.touch) navigator.vibrate?.(10);
  move(event);
}

function move(event) {
  const { ghost, x, y } = held;
  ghost.style.transform = `translate(${event.clientX - x}px, ${event.clientY - y}px)`;
  aim(event.clientX, event.clientY);
  follow(event.clientX, event.clientY, listOf(columnOf(held.from)), () => held && aim(event.clientX, event.clientY));
}

function aim(x, y) {
  const column = columnAt(x, y);
  for (const one of document.querySelectorAll(".col--target")) if (one !== column) one.classList.remove("col--target");
  if (!column) return forget();
  column.classList.add("col--target");
  const list = listOf(column);
  const below = itemsOf(list).find((one) => one !== held.item && y < middle(one));
  if (list === held.home.list && isHome(below)) return forget();
  held.slot ??= slot("", "", held.box.height);
  const { slot: text = "", slotMore = "" } = column.dataset;
  held.slot.firstElementChild.replaceChildren(text, ...(slotMore && text ? [document.createElement("br"), slotMore] : []));
  if (held.slot.parentElement !== list || held.slot.nextElementSibling !== (below ?? null)) list.insertBefore(held.slot, below ?? null);
}

/* Between its own neighbours the card is where it was: the "was here" slot is the place. */
function isHome(below) {
  const others = itemsOf(held.home.list).filter((one) => one !== held.item);
  const after = [...held.home.list.children];
  const at = after.indexOf(held.from);
  const next = others.find((one) => after.indexOf(one) > at);
  return below === next;
}

function forget() {
  held.slot?.remove();
  held.slot = null;
}

function finish() {
  const { item, ghost, from, slot: target } = held;
  ghost.remove();
  document.body.classList.remove("dragging");
  document.querySelectorAll(".col--target").forEach((one) => one.classList.remove("col--target"));
  item.removeAttribute("data-held");
  stopFollowing();
  from.remove();
  target?.remove();
  held = null;
}

function drop() {
  const { item, home, slot: target } = held;
  const aimed = target && { list: target.parentElement, next: target.nextElementSibling };
  finish();
  // The click that ends a drag must not open the card.
  const swallow = (event) => event.preventDefault();
  addEventListener("click", swallow, true);
  setTimeout(() => removeEventListener("click", swallow, true));
  if (!aimed) return;
  put(item, aimed.list, aimed.next);
  if (samePlace(placeOf(item), home)) return putBack(item, home);
  send(item, home);
}

document.addEventListener("pointerdown", press);

document.addEventListener("pointermove", (event) => {
  if (held?.id === event.pointerId) return move(event);
  if (pressed?.id !== event.pointerId) return;
  const far = Math.hypot(event.clientX - pressed.x, event.clientY - pressed.y);
  if (far < (pressed.touch ? SLACK.touch : SLACK.mouse)) return;
  if (pressed.touch) release();
  else lift(event);
});

document.addEventListener("pointerup", (event) => {
  if (held?.id === event.pointerId) drop();
  else release();
});

document.addEventListener("pointercancel", () => (held ? finish() : release()));
addEventListener("blur", () => (held ? finish() : release()));

document.addEventListener("keydown", (event) => {
  if (!held || event.key !== "Escape") return;
  event.preventDefault();
  event.stopPropagation();
  finish();
}, true);

// The browser's own drag of a link, its scroll under a held finger and its long-press menu would each end ours.
document.addEventListener("dragstart", (event) => event.target.closest?.("[data-card]") && event.preventDefault());
document.addEventListener("touchmove", (event) => held && event.cancelable && event.preventDefault(), { passive: false });
document.addEventListener("contextmenu", (event) => (held?.touch || pressed?.touch) && event.preventDefault());
