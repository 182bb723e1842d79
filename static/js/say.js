/* Saying something: to a screen reader at once, or to everybody in a toast. */

export function announce(sentence) {
  const region = document.getElementById("announce");
  region.textContent = "";
  // an unchanged text is not read again, so the region is emptied first
  requestAnimationFrame(() => (region.textContent = sentence));
}

export function fromTemplate(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}

export function toast(node) {
  document.getElementById("toasts").append(node);
  return node;
}

export function complain(sentence) {
  const node = fromTemplate("t-said");
  node.querySelector("span").textContent = sentence;
  return toast(node);
}

export function lost(again) {
  const node = fromTemplate("t-lost");
  const button = node.querySelector("[data-retry]");
  if (again) {
    button.addEventListener("click", () => {
      node.remove();
      again();
    });
  } else {
    button.remove();
  }
  return toast(node);
}
