/* A form is sent once: while the answer is on its way its button is busy and a second press does nothing. */

const busy = new WeakMap();

function isWrite(form) {
  return form.matches("form") && (form.method === "post" || form.hasAttribute("hx-post"));
}

function start(form, submitter) {
  const button = submitter ?? form.querySelector("button[type=submit], button:not([type])");
  if (!button) return busy.set(form, () => {});
  const inside = [...button.childNodes];
  const spin = document.createElement("span");
  spin.className = "spin";
  button.style.minWidth = `${button.offsetWidth}px`;
  button.setAttribute("aria-busy", "true");
  if (!button.hasAttribute("aria-label")) button.replaceChildren(spin, "Saving");
  busy.set(form, () => {
    button.style.minWidth = "";
    button.removeAttribute("aria-busy");
    button.replaceChildren(...inside);
  });
}

function end(form) {
  busy.get(form)?.();
  busy.delete(form);
}

document.addEventListener(
  "submit",
  (event) => {
    if (!busy.has(event.target)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  },
  true,
);

document.addEventListener("submit", (event) => {
  const form = event.target;
  // Forms with htmx are busy until the answer; a plain form until the next page.
  if (!isWrite(form) || form.hasAttribute("hx-post") || event.defaultPrevented) return;
  // The browser reads the pressed button's own value after this handler.
  setTimeout(() => start(form, event.submitter));
});

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  if (isWrite(ctx.sourceElement)) start(ctx.sourceElement, ctx.request.submitter);
});

document.addEventListener("htmx:finally:request", (event) => {
  end(event.detail.ctx.sourceElement);
});

// A page that comes back by the back button was frozen while its form was busy.
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form").forEach(end);
});
