/* Shortcuts: single keys press what the page marked for them; off inside fields, and off for whoever turned them off. */

import { openPage, openTemplate } from "./dialog.js";
import { TITLE } from "./place.js";
import { undoNewest } from "./toast.js";

let going = 0;

const inField = (element) => element.closest("input, textarea, select, [contenteditable=true], dialog[open]");
const visible = (element) => element.checkVisibility();

function press(element) {
  if (element.matches("input, textarea, select")) element.focus();
  else element.click();
}

function step(by) {
  const links = [...document.querySelectorAll("[data-card]")].map((item) => item.querySelector(TITLE)).filter((link) => link && visible(link));
  const card = document.activeElement.closest("[data-card]");
  const at = card ? links.indexOf(card.querySelector(TITLE)) : by > 0 ? -1 : links.length;
  links[Math.min(links.length - 1, Math.max(0, at + by))]?.focus();
}

/* A page below the focused card's own, or anywhere with its {ref}, named by the board: data-card-keys="m:move/ e:/edit/{ref}/" */
function openBelow(key) {
  const card = document.activeElement.closest("[data-ref]");
  const link = card?.querySelector(TITLE);
  const named = card?.closest("[data-card-keys]")?.dataset.cardKeys.split(/\s+/).find((one) => one.startsWith(`${key}:`));
  if (!link || !named) return false;
  openPage(new URL(named.slice(2).replace("{ref}", card.dataset.ref), link.href).href, link);
  return true;
}

function single(key) {
  if (going && Date.now() - going < 1500) {
    going = 0;
    const place = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
    place?.click();
    return Boolean(place);
  }
  if (key === "g") going = Date.now();
  else if (key === "?") openTemplate("t-shortcuts");
  else if (key === "z") return undoNewest();
  else if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
  else if (openBelow(key)) return true;
  else {
    const target = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(visible);
    if (!target) return false;
    press(target);
  }
  return true;
}

document.addEventListener("keydown", (event) => {
  const key = event.key.toLowerCase();
  if ((event.ctrlKey || event.metaKey) && key === "k" && !event.altKey) {
    const palette = document.querySelector("a[data-palette]");
    if (!palette) return;
    event.preventDefault();
    palette.click();
    return;
  }
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!("singleKeys" in document.body.dataset) || inField(event.target) || document.querySelector("[data-lifted]")) return;
  if (key.length === 1 && key !== " " && single(key)) event.preventDefault();
});
