/* Cards that changed elsewhere take their places. While a card is in the hand everything waits; nothing scrolls away below the eye. */

import { cardOf } from "./move.js";
import { TITLE, itemOf, put } from "./place.js";
import { markEditors } from "./presence.js";

const waiting = [];
/* Or an act of the person is on its way: its answer goes first, or a new card would stand there twice. */
export const inHand = () => document.querySelector("body.dragging, [data-held], [data-lifted], [aria-busy=true]");

export function applyBoard(news) {
  waiting.push(news);
  flush();
}

function flush() {
  if (!waiting.length) return;
  if (inHand()) return void setTimeout(flush, 60);
  while (waiting.length) apply(waiting.shift());
  markEditors();
}

function apply({ cards, heads, complete }) {
  // A board with filters can't know whether a new card matches: it shows changes of the cards that it has.
  const isFiltered = !complete && location.search !== "";
  for (const [id, html, column, below] of cards) {
    const item = itemOf(id);
    const list = html && document.getElementById(column);
    if (!list) {
      item?.remove();
      continue;
    }
    if (isFiltered && !item) continue;
    if (item && Number(cardOf(item).dataset.version) > Number(/data-version="(\d+)"/.exec(html)[1])) continue;
    place(item ? redrawn(item, html) : itemFrom(html), list, below);
  }
  for (const head of [...fragment(heads ?? "").children]) {
    const old = document.getElementById(head.id);
    if (old && !old.isEqualNode(head)) old.replaceWith(head);
  }
}

function fragment(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

function itemFrom(html) {
  const item = document.createElement("li");
  item.dataset.card = "";
  item.append(fragment(html));
  return item;
}

function redrawn(item, html) {
  const card = cardOf(item);
  const fresh = fragment(html).firstElementChild;
  if (card.isEqualNode(fresh)) return item;
  const focused = card.contains(document.activeElement);
  card.replaceWith(fresh);
  if (focused) fresh.querySelector(TITLE)?.focus({ preventScroll: true });
  return item;
}

function place(item, list, below) {
  const next = below ? itemOf(below) : null;
  const spot = next?.parentElement === list ? next : null;
  if (item.parentElement === list && (item.nextElementSibling === spot || nextCard(item) === spot)) return;
  const arrives = item.parentElement !== list;
  const focused = item.contains(document.activeElement);
  put(item, list, spot);
  htmx.process(item);
  if (arrives && !focused && isAbove(item, list)) behindPill(item, list);
  else item.hidden = false;
}

const nextCard = (item) => {
  let one = item.nextElementSibling;
  while (one && !one.matches("[data-card]")) one = one.nextElementSibling;
  return one;
};

/* Above the fold: it would push down what somebody reads. */
function isAbove(item, list) {
  return list.getBoundingClientRect().top < 0 && item.getBoundingClientRect().bottom < innerHeight / 3;
}

function behindPill(item, list) {
  item.hidden = true;
  pill(list);
}

function pill(list) {
  const count = list.querySelectorAll(":scope > [data-card][hidden]").length;
  let button = document.querySelector(`[data-new="${list.id}"]`);
  if (!count) return void button?.remove();
  if (!button) {
    button = document.getElementById("t-new").content.firstElementChild.cloneNode(true);
    button.dataset.new = list.id;
    button.addEventListener("click", () => reveal(list, true));
    // Where columns stand beside each other and are swiped, nothing in them can stick to the top of the page.
    const tabs = document.querySelector("[data-tabs]");
    if (tabs?.checkVisibility()) tabs.append(button);
    else list.before(button);
  }
  button.firstElementChild.textContent = `${count} new`;
}

function reveal(list, go) {
  const items = [...list.querySelectorAll(":scope > [data-card][hidden]")];
  items.forEach((item) => (item.hidden = false));
  pill(list);
  if (!go) return;
  items[0]?.scrollIntoView({ block: "center" });
  items[0]?.querySelector(TITLE)?.focus({ preventScroll: true });
}

addEventListener("scroll", () => {
  for (const button of document.querySelectorAll("[data-new]")) {
    const list = document.getElementById(button.dataset.new);
    if (list.getBoundingClientRect().top > 0) reveal(list, false);
  }
}, { passive: true });
