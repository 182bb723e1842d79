/* Text that opens into a field: click or Enter, Enter saves, Escape restores, leaving it saves. */

const open = new Map();

function start(element) {
  if (open.has(element)) return;
  const field = document.createElement("textarea");
  const before = element.dataset.editValue ?? element.textContent.trim();
  field.className = "edit__in";
  field.rows = 1;
  field.value = before;
  field.setAttribute("aria-label", element.dataset.editLabel ?? element.dataset.name);
  open.set(element, { field, before, inside: [...element.childNodes] });
  element.replaceChildren(field);
  field.focus();
  field.setSelectionRange(before.length, before.length);
}

function restore(element) {
  const state = open.get(element);
  if (!state) return;
  open.delete(element);
  element.replaceChildren(...state.inside);
}

async function save(element) {
  const state = open.get(element);
  if (!state || state.saving) return;
  const value = state.field.value.trim();
  if (value === state.before || !value) return restore(element);
  state.saving = true;
  state.field.setAttribute("aria-busy", "true");
  const { edit, name, version } = element.dataset;
  await htmx.ajax("POST", edit, {
    source: element, target: element, swap: "outerHTML", values: { [name]: value, ...(version && { version }) }, edited: element,
  });
}

/* A refusal keeps the words in the field; the sentence stands in a toast. */
document.addEventListener("htmx:finally:request", (event) => {
  const { edited, response } = event.detail.ctx;
  const state = edited && open.get(edited);
  if (!state) return;
  if (response && response.status < 400) {
    open.delete(edited);
    if (document.activeElement === document.body) document.getElementById(edited.id)?.focus({ preventScroll: true });
    return;
  }
  state.saving = false;
  state.field.removeAttribute("aria-busy");
  state.field.setAttribute("aria-invalid", "true");
  if (edited.isConnected) state.field.focus();
});

const editable = (event) => event.target.closest?.("[data-edit]");

document.addEventListener("click", (event) => {
  const element = editable(event);
  if (element && !event.target.closest("a, button") && !getSelection().toString()) start(element);
});

document.addEventListener("keydown", (event) => {
  const element = editable(event);
  if (!element || event.isComposing) return;
  const inside = open.has(element);
  if (!inside && event.key === "Enter") start(element);
  else if (inside && event.key === "Escape") {
    restore(element);
    element.focus();
  } else if (inside && event.key === "Enter" && !event.shiftKey) save(element);
  else return;
  event.preventDefault();
  event.stopPropagation();
});

document.addEventListener("focusout", (event) => {
  const element = editable(event);
  const state = element && open.get(element);
  if (state && event.target === state.field && !state.field.hasAttribute("aria-invalid")) save(element);
});
