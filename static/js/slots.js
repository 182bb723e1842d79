/* The dashed places of a drag, and the column under the pointer. */

export function slot(text, more, height, extra = "") {
  const place = document.createElement("li");
  place.className = `slot ${extra}`.trim();
  place.setAttribute("aria-hidden", "true");
  place.style.height = `${height}px`;
  const said = document.createElement("span");
  said.append(text);
  if (more) said.append(document.createElement("br"), more);
  place.append(said);
  return place;
}

export /* The column under the pointer: by its width alone, for columns end where their cards end. */
function columnAt(x, y) {
  const over = [...document.querySelectorAll("[data-column]")]
    .map((column) => ({ column, box: column.getBoundingClientRect() }))
    .filter(({ box }) => x >= box.left && x <= box.right);
  const distance = ({ box }) => Math.max(box.top - y, y - box.bottom, 0);
  return over.sort((a, b) => distance(a) - distance(b))[0]?.column ?? null;
}

export function middle(item) {
  const box = item.getBoundingClientRect();
  return box.top + box.height / 2;
}
