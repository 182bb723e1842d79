/* Menus are <details>; script only adds the two ways of closing that people expect. */

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-pop][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest("details[data-pop][open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
