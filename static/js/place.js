/* Putting cards where they belong: where the server says, or back where they were. */

/* The link that is the card: in its heading. */
export const TITLE = ":is(h2, h3, h4) a[href]";


/* Insert without losing focus: a moved element keeps it only by moveBefore, where the browser has that. */
export function put(item, list, next = null) {
  const focused = item.contains(document.activeElement) ? document.activeElement : null;
  if (list.moveBefore && item.isConnected) list.moveBefore(item, next);
  else list.insertBefore(item, next);
  if (focused && document.activeElement !== focused) focused.focus({ preventScroll: true });
}

export function itemOf(id) {
  return document.getElementById(id)?.closest("[data-card]") ?? null;
}

let focusedCard = "";

document.addEventListener("htmx:before:swap", () => {
  const item = document.activeElement?.closest("[data-card]");
  focusedCard = item?.querySelector("[data-ref]")?.id ?? "";
});

function restoreFocus() {
  if (!focusedCard || (document.activeElement && document.activeElement !== document.body)) return;
  itemOf(focusedCard)?.querySelector(TITLE)?.focus({ preventScroll: true });
}

document.addEventListener("htmx:after:swap", restoreFocus);

document.addEventListener("placed", (event) => {
  const { card, list, before } = event.detail;
  const item = itemOf(card);
  const target = document.getElementById(list);
  if (!item) return;
  if (target) {
    const next = before ? itemOf(before) : null;
    if (item.parentElement !== target || item.nextElementSibling !== next) put(item, target, next);
  } else {
    const neighbour = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    // after a card has gone the next one has the focus
    if (focusedCard === card) neighbour?.querySelector(TITLE)?.focus({ preventScroll: true });
  }
  restoreFocus();
});
