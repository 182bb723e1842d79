/* Search or jump to: one field, the server's list under it, arrows and Enter. */

import { openTemplate } from "./dialog.js";
import { announce } from "./say.js";

const options = () => [...document.querySelectorAll("#palette-results [role=option]")];
const chosen = () => document.querySelector("#palette-results [aria-selected=true]");

function choose(option, field) {
  for (const one of options()) one.setAttribute("aria-selected", String(one === option));
  options().forEach((one, at) => (one.id ||= `palette-option-${at}`));
  if (option) {
    field.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else {
    field.removeAttribute("aria-activedescendant");
  }
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-palette]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !document.getElementById("t-palette")) return;
  event.preventDefault();
  openTemplate("t-palette", link);
});

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("[role=combobox][aria-controls=palette-results]");
  if (!field) return;
  const all = options();
  const at = all.indexOf(chosen());
  if (event.key === "ArrowDown") choose(all[(at + 1) % all.length], field);
  else if (event.key === "ArrowUp") choose(all[(at - 1 + all.length) % all.length], field);
  else if (event.key === "Enter") (chosen() ?? all[0])?.click();
  else return;
  event.preventDefault();
});

document.addEventListener("htmx:after:swap", (event) => {
  const field = event.detail.ctx.sourceElement;
  if (field?.getAttribute("aria-controls") !== "palette-results") return;
  const all = options();
  choose(all[0], field);
  announce(all.length === 1 ? "1 result" : `${all.length} results`);
});
