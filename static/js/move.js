/* One move of a card, by whatever hand: shown at once, sent, and taken back when the server says no. */

import { openPage } from "./dialog.js";
import { TITLE, put } from "./place.js";
import { lost } from "./say.js";

export const cardOf = (item) => item.querySelector("[data-ref]");
export const columnOf = (element) => element.closest("[data-column]");
export const listOf = (column) => column.querySelector("[data-list]");
export const itemsOf = (list) => [...list.querySelectorAll(":scope > [data-card]")];
export const titleOf = (item) => item.querySelector(TITLE)?.textContent.trim() ?? "";

const neighbour = (item, side) => {
  let one = item[side];
  while (one && !one.matches("[data-card]")) one = one[side];
  return one ? cardOf(one).dataset.ref : "";
};

export const placeOf = (item) => ({ list: item.parentElement, next: item.nextElementSibling });
export const samePlace = (a, b) => a.list === b.list && a.next === b.next;
export const putBack = (item, home) => put(item, home.list, home.next?.parentElement === home.list ? home.next : null);

/* The item already stands in its new place; `home` is where it came from. */
export function send(item, home) {
  const column = columnOf(item);
  const from = columnOf(home.list);
  const card = cardOf(item);
  const open = column !== from && column.dataset.openUrl;
  if (open) {
    // A question comes first: the card waits in its old place until it is answered.
    putBack(item, home);
    return openPage(open.replace("{ref}", card.dataset.ref), item.querySelector(TITLE));
  }
  const values = {
    card: card.dataset.ref,
    before: neighbour(item, "previousElementSibling"),
    after: neighbour(item, "nextElementSibling"),
    version: card.dataset.version,
  };
  card.setAttribute("aria-busy", "true");
  return htmx.ajax("POST", column.dataset.dropUrl, {
    source: card, target: "#toasts", swap: "none", values, moved: { item, home },
  });
}

document.addEventListener("htmx:finally:request", (event) => {
  const { ctx } = event.detail;
  if (!ctx.moved) return;
  const { item, home } = ctx.moved;
  cardOf(item)?.removeAttribute("aria-busy");
  const placed = (ctx.hx?.trigger ?? "").includes('"placed"');
  const accepted = ctx.response && ctx.response.status < 400;
  if (accepted || placed || !item.isConnected) return;
  const tried = placeOf(item);
  putBack(item, home);
  if (!ctx.response) {
    lost(() => {
      putBack(item, tried);
      send(item, home);
    });
  }
});
