/* Toasts: eight seconds, longer under the pointer or the focus, three at most; errors stay until closed. */

const SECONDS = 8;
const MOST = 3;
const toasts = document.getElementById("toasts");
const modal = document.querySelector("dialog[data-modal]");

function start(toast) {
  if (toast.hasAttribute("data-stay")) return;
  let timer = 0;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => toast.remove(), SECONDS * 1000);
  };
  const hold = () => clearTimeout(timer);
  toast.addEventListener("mouseenter", hold);
  toast.addEventListener("mouseleave", wait);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("focusout", wait);
  wait();
}

function trim() {
  const all = [...toasts.querySelectorAll("[data-toast]")];
  const spare = all.filter((one) => !one.hasAttribute("data-stay")).concat(all.filter((one) => one.hasAttribute("data-stay")));
  spare.slice(0, Math.max(0, all.length - MOST)).forEach((one) => one.remove());
}

new MutationObserver((records) => {
  for (const record of records) {
    for (const node of record.addedNodes) {
      if (node instanceof Element && node.matches("[data-toast]")) start(node);
    }
  }
  trim();
}).observe(toasts, { childList: true });

toasts.querySelectorAll("[data-toast]").forEach(start);

toasts.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismiss]")) event.target.closest("[data-toast]").remove();
});

// What a toast offered is done once: it goes as soon as the answer is there.
document.addEventListener("htmx:finally:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.response && ctx.response.status < 400) ctx.sourceElement.closest?.("[data-toast]")?.remove();
});

/* An open dialog makes all around it inert: the toasts stand inside it for as long as it is open. */
new MutationObserver(() => {
  if (modal.open) modal.append(toasts);
  else modal.after(toasts);
}).observe(modal, { attributes: true, attributeFilter: ["open"] });

export function undoNewest() {
  const buttons = [...toasts.querySelectorAll("[data-undo]")];
  buttons.at(-1)?.click();
  return buttons.length > 0;
}
