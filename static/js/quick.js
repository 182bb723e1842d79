/* Quick-add: Enter adds and keeps the field, Escape closes, several pasted lines become several cards. */

const linesOf = (field) => field.value.split("\n").filter((line) => line.trim());

function label(form) {
  const button = form.querySelector("[data-many]");
  const count = linesOf(form.querySelector("textarea")).length;
  button.dataset.one ??= button.textContent;
  button.textContent = count > 1 ? button.dataset.many.replace("{n}", count) : button.dataset.one;
}

function show(opener) {
  const form = document.getElementById(opener.getAttribute("aria-controls")) ?? opener.parentElement.querySelector("form[data-quick]");
  if (!form) return false;
  opener.hidden = true;
  form.hidden = false;
  form.querySelector("textarea, input:not([type=hidden])").focus();
  return true;
}

function hide(form) {
  form.reset();
  form.hidden = true;
  const opener = form.parentElement.querySelector("[data-quick-open]");
  if (!opener) return;
  opener.hidden = false;
  opener.focus();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-quick-open]");
  if (opener && !event.ctrlKey && !event.metaKey && show(opener)) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("form[data-quick]");
  if (!form || event.isComposing) return;
  if (event.key === "Escape" && form.parentElement.querySelector("[data-quick-open]")) hide(form);
  else if (event.key === "Enter" && !event.shiftKey && event.target.matches("textarea")) {
    event.preventDefault();
    if (linesOf(event.target).length) form.requestSubmit();
  }
});

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-quick]");
  if (form?.querySelector("[data-many]") && event.target.matches("textarea")) label(form);
});

document.addEventListener("htmx:finally:request", (event) => {
  const { ctx } = event.detail;
  const form = ctx.sourceElement;
  if (!form.matches?.("form[data-quick]") || !ctx.response || ctx.response.status >= 400) return;
  form.reset();
  // only after the button has its own words back
  if (form.querySelector("[data-many]")) setTimeout(() => label(form));
  form.querySelectorAll("[data-chips]").forEach((chips) => chips.replaceChildren());
  if (!form.hidden) form.querySelector("textarea")?.focus({ preventScroll: true });
});
