/* The one dialog: opened by a link's own address, closed by the answer, asking only if something was typed. */

import { TITLE } from "./place.js";
import { fromTemplate } from "./say.js";

const modal = document.querySelector("dialog[data-modal]");
const dialog = document.getElementById("dialog"); // what answers are swapped into
let opener = null;
let openerHome = ""; // the id around the opener: an answer may have replaced both

export function openPage(href, source) {
  opener = source;
  return htmx.ajax("GET", href, { source, target: "#dialog", swap: "innerHTML" });
}

export function openTemplate(id, source = document.activeElement) {
  opener = source;
  dialog.replaceChildren(document.getElementById(id).content.cloneNode(true));
  htmx.process(dialog);
}

function typed() {
  if (dialog.querySelector(".palette")) return false;
  const fields = dialog.querySelectorAll("textarea, input:is([type=text], [type=number], [type=email], [type=url], :not([type]))");
  return [...fields].some((field) => field.value.trim() && field.value !== field.defaultValue);
}

export function close() {
  if (!modal.open) return;
  modal.close();
  leave();
}

/* At once, not on the event: that comes after the next key, and would take the focus from what the key went to. */
function leave() {
  dialog.replaceChildren();
  const home = document.getElementById(openerHome);
  const back = opener?.isConnected ? opener : home?.querySelector(TITLE) ?? home?.querySelector("a[href], button");
  back?.focus({ preventScroll: true });
  opener = null;
}

function askToClose() {
  if (!typed()) return close();
  if (dialog.querySelector("[data-discard]")) return;
  const question = fromTemplate("t-discard");
  dialog.append(question);
  question.scrollIntoView({ block: "nearest" });
  question.querySelector("[data-keep]").focus();
}

function focusFirst() {
  const wrong = dialog.querySelector("[aria-invalid=true], .errs a");
  const field = dialog.querySelector("[autofocus], .dialog__b :is(input:not([type=hidden]), select, textarea), .palette input");
  (wrong ?? field ?? dialog.querySelector("button, a[href]"))?.focus();
}

// Whatever put content in, opens it; whatever took all of it out, closes it.
new MutationObserver(() => {
  const full = dialog.childElementCount > 0;
  if (!full && modal.open) return close();
  if (!full) return;
  const heading = dialog.querySelector("h2[id], h1[id]");
  if (heading) modal.setAttribute("aria-labelledby", heading.id);
  else modal.removeAttribute("aria-labelledby");
  if (dialog.querySelector("[data-discard]")) return;
  opener ??= document.activeElement;
  openerHome = opener.closest("[id]")?.id ?? "";
  if (!modal.open) modal.showModal();
  focusFirst();
}).observe(dialog, { childList: true });

// A browser may close it without asking: on the second Escape in a row.
modal.addEventListener("close", () => {
  if (!modal.open && dialog.childElementCount) leave();
});

modal.addEventListener("cancel", (event) => {
  event.preventDefault();
  askToClose();
});

modal.addEventListener("click", (event) => {
  if (event.target === modal) askToClose();
  else if (event.target.closest("[data-close]")) {
    event.preventDefault();
    askToClose();
  } else if (event.target.closest("[data-discard]")) close();
  else if (event.target.closest("[data-keep]")) {
    event.target.closest(".note").remove();
    focusFirst();
  }
});

document.addEventListener("close-dialog", close);
document.addEventListener("open-dialog", (event) => openPage(event.detail.url, document.activeElement));

/* An answer that loads the page again gives the focus back to where the dialog was opened from. */
document.addEventListener("htmx:after:request", (event) => {
  const { hx } = event.detail.ctx;
  if (modal.open && (hx.redirect || hx.refresh)) sessionStorage.setItem("dialog-opener", openerHome);
});

const before = sessionStorage.getItem("dialog-opener");
sessionStorage.removeItem("dialog-opener");
if (before) document.getElementById(before)?.querySelector(TITLE)?.focus({ preventScroll: true });

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  openPage(link.href, link);
});
