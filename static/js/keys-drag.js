/* Moving a card by keyboard: Space picks up, arrows move, Space or Enter drops, Escape takes it back. Each step is said. */

import { cardOf, columnOf, itemsOf, listOf, placeOf, putBack, samePlace, send, titleOf } from "./move.js";
import { TITLE, put } from "./place.js";
import { announce, fromTemplate } from "./say.js";

let lifted = null; // {item, link, home, hint}

const nameOf = (column) => column.dataset.name;
const where = (item) => {
  const list = item.parentElement;
  const items = itemsOf(list);
  return `${nameOf(columnOf(list))}, position ${items.indexOf(item) + 1} of ${items.length}`;
};

function full(column) {
  const limit = Number(column.dataset.limit);
  const count = itemsOf(listOf(column)).length;
  return limit && count > limit ? `${nameOf(column)} is full, ${count} of ${limit}. You can still drop here.` : "";
}

function show(item) {
  lifted.hint.remove();
  item.after(lifted.hint);
  cardOf(item).scrollIntoView({ block: "nearest", inline: "nearest" });
}

function pickUp(item, link) {
  lifted = { item, link, home: placeOf(item), hint: fromTemplate("t-kbhint") };
  cardOf(item).classList.add("card--kb");
  cardOf(item).setAttribute("data-lifted", "");
  show(item);
  announce(`Picked up ${titleOf(item)}. ${where(item)}. Arrow keys move, Space drops, Escape cancels.`);
}

function letGo() {
  const state = lifted;
  lifted = null;
  state.hint.remove();
  cardOf(state.item).classList.remove("card--kb");
  cardOf(state.item).removeAttribute("data-lifted");
  return state;
}

function place(list, next) {
  const { item } = lifted;
  lifted.hint.remove();
  put(item, list, next);
  show(item);
  lifted.link.focus({ preventScroll: true });
}

function along(to) {
  const { item } = lifted;
  const items = itemsOf(item.parentElement);
  const at = items.indexOf(item);
  const target = Math.max(0, Math.min(items.length - 1, to(at, items.length)));
  if (target === at) return announce(at === 0 ? "Already at the top." : "Already at the bottom.");
  const others = items.filter((one) => one !== item);
  place(item.parentElement, others[target] ?? null);
  announce(`${where(item)}.`);
}

function across(by) {
  const { item } = lifted;
  const columns = [...document.querySelectorAll("[data-column][data-drop-url]")];
  const column = columns[columns.indexOf(columnOf(item)) + by];
  if (!column) return announce(by < 0 ? "Already in the first column." : "Already in the last column.");
  const others = itemsOf(listOf(column));
  const at = itemsOf(item.parentElement).indexOf(item);
  place(listOf(column), others[at] ?? null);
  announce([`${where(item)}.`, full(column)].filter(Boolean).join(" "));
}

function drop() {
  const { item, home, link } = letGo();
  announce(`Dropped in ${where(item)}.`);
  link.focus({ preventScroll: true });
  if (!samePlace(placeOf(item), home)) send(item, home);
}

function cancel() {
  const { item, home, link } = letGo();
  putBack(item, home);
  announce(`Move cancelled. Back in ${where(item)}.`);
  return link;
}

const steps = {
  ArrowUp: () => along((at) => at - 1),
  ArrowDown: () => along((at) => at + 1),
  Home: () => along(() => 0),
  End: () => along((at, count) => count - 1),
  ArrowLeft: () => across(-1),
  ArrowRight: () => across(1),
  Escape: () => cancel().focus({ preventScroll: true }),
  Enter: drop,
  " ": drop,
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (lifted) {
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    step();
  } else if (event.key === " " && event.target.matches(TITLE) && event.target.closest("[data-card]")) {
    const item = event.target.closest("[data-card]");
    if (!columnOf(item)?.dataset.dropUrl) return;
    event.preventDefault();
    pickUp(item, event.target);
  }
}, true);

// Clicking or tabbing away lets go, and lets go means: where it was.
document.addEventListener("focusout", (event) => {
  if (!lifted || event.target !== lifted.link) return;
  setTimeout(() => lifted && document.activeElement !== lifted.link && cancel());
});
